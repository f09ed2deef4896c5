"""How rule files differ, by what they say: comments, layout and the order of keys are no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from service.domain.errors import RuleSetInvalid
from service.engine.files.yaml_tree import Entries, Node, Problems, read
from service.engine.ruleset.places import Scalar

_NAMES: Final = frozenset({"rule", "otherwise", "day", "slot", "name"})
"""Keys that name the item of a list which they lead."""


class Differing(NamedTuple):
    """A value that is another: the way to it from the top of its file, and its text; None on the side without it."""

    where: tuple[str, ...]
    before: str | None
    after: str | None


def differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, list[Differing]]:
    """How rule files (path to bytes) differ, file by file; an empty list for other comments or layout only.

    Raises `RuleSetInvalid` for a file that cannot be read.
    """
    return {
        path: list(_between((), _tree(path, before), _tree(path, after)))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }


def _tree(path: str, files: Mapping[str, bytes]) -> Node | None:
    if path not in files:
        return None
    problems = Problems(path)
    tree = read(files[path], problems)
    if problems.errors:
        raise RuleSetInvalid(problems.errors)
    return tree


def _between(where: tuple[str, ...], before: Node | None, after: Node | None) -> Iterator[Differing]:
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        texts = _text(before), _text(after)
        if texts[0] != texts[1]:
            yield Differing(where, *texts)
        return
    for name in dict.fromkeys([*old, *new]):
        yield from _between((*where, name), old.get(name), new.get(name))
    orders = [name for name in old if name in new], [name for name in new if name in old]
    # Of rules the first that matches wins, and slots are done in order; keys have none.
    if orders[0] != orders[1] and not isinstance(before, Entries):
        yield Differing((*where, "order"), *map(", ".join, orders))


def _parts(node: Node | None) -> dict[str, Node] | None:
    """What has a name, or else a number, within a node; None where the node is best compared as a whole."""
    match node:
        case Entries(values=entries):
            return {key.text: value for key, value in entries}
        case None | Scalar():
            return None
        case _:
            items = [item for item in node.values if isinstance(item, Entries)]
            return {_name(item, number): item for number, item in enumerate(items, 1)} if items else None


def _name(item: Entries, number: int) -> str:
    key, value = item.values[0]
    return f"{key.text} {_text(value)}" if key.text in _NAMES else str(number)


def _text(node: Node | None) -> str | None:
    match node:
        case None:
            return None
        case Scalar(text=text):
            return text
        case Entries(values=entries):
            return "{" + ", ".join(f"{key.text}: {_text(value)}" for key, value in entries) + "}"
        case _:
            return "[" + ", ".join(str(_text(value)) for value in node.values) + "]"
