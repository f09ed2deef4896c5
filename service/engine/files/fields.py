"""Taking what is expected out of the tree of a rule file, each refusal with a sentence and a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from service.engine.files.yaml_tree import Entries, Items, Node, Problems
from service.engine.ruleset.places import AlreadySaid, Mistake, Scalar
from service.engine.ruleset.suggestions import nearest, suggestion

_T = TypeVar("_T")

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}\.[0-9]{1,12}")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")

_SOURCE_KEYS = ("title", "authors", "publisher", "journal", "year", "doi", "url", "pages", "tips", "gives", "licence")


_NOWHERE: Mapping[str, str] = {}


class Fields:
    """The keys of one mapping: unknown ones are reported at once, the rest are there to be taken."""

    def __init__(
        self,
        node: Node,
        problems: Problems,
        what: str,
        allowed: tuple[str, ...],
        elsewhere: Mapping[str, str] = _NOWHERE,
    ) -> None:
        """``elsewhere`` says of keys that are looked for here where they belong."""
        self.node = entries(node, what)
        self._what = what
        self._values: Mapping[str, Node] = {key.text: value for key, value in self.node.values}
        self._misspelt: set[str] = set()
        for key, _ in self.node.values:
            if key.text not in allowed:
                meant = nearest(key.text, [name for name in allowed if name not in self._values])
                self._misspelt.add(meant)
                hint = f"Did you mean {meant}?" if meant else f"It may have {', '.join(allowed)}."
                hint = elsewhere.get(key.text, hint)
                problems.add(key.at, f"{what} has no key {key.text}. {hint}", len(key.text))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> Node | None:
        """The value of a key, None when the key is not there."""
        return self._values.get(key)

    def is_misspelt(self, *keys: str) -> bool:
        """Whether one of the keys was probably meant by one that does not exist; that was reported."""
        return not self._misspelt.isdisjoint(keys)

    def need(self, key: str) -> Node:
        """The value of a key that must be there."""
        node = self._values.get(key)
        if key in self._misspelt:
            raise AlreadySaid(self.node.at, "")
        if node is None:
            raise Mistake(self.node.at, f"{self._what} needs a line {key}: ...")
        return node

    def optional(self, key: str, take: Callable[[Node, str], _T]) -> _T | None:
        """What ``take`` makes of a key that may be left out; None when it is."""
        node = self._values.get(key)
        return None if node is None else take(node, key)


def entries(node: Node, what: str) -> Entries:
    """A mapping."""
    if not isinstance(node, Entries):
        raise Mistake(node.at, f"{what} is written as keys and values (key: value), but here is {found(node)}.")
    return node


def items(node: Node, what: str) -> tuple[Node, ...]:
    """A list."""
    if not isinstance(node, Items):
        raise Mistake(
            node.at, f"{what} is a list, one entry a line and each after a dash (- ...), but here is {found(node)}."
        )
    return node.values


def scalar(node: Node, what: str) -> Scalar:
    """A single value that is not empty."""
    if not isinstance(node, Scalar):
        raise Mistake(node.at, f"{what} is a single value, but here is {found(node)}.")
    if not node.text.strip():
        raise Mistake(node.at, f"nothing is written after {what}:")
    return node


def text(node: Node, what: str) -> str:
    """A text, its white space run together."""
    return " ".join(scalar(node, what).text.split())


def kebab(node: Node, what: str) -> str:
    """A name such as ``double-progression``."""
    value = scalar(node, what).text
    if not _KEBAB.fullmatch(value) or len(value) > 64:
        proper = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        spells = proper and not any(letter.isalpha() and not letter.isascii() for letter in value)
        advice = f"; write {proper}" if spells else ""
        raise Mistake(node.at, f"{what} is written in small letters, digits and single dashes, at most 64{advice}.")
    return value


def choice(allowed: tuple[str, ...]) -> Callable[[Node, str], str]:
    """One of a few words."""

    def take(node: Node, what: str) -> str:
        value = scalar(node, what).text
        if value not in allowed:
            raise Mistake(
                node.at,
                f"{what} is {' or '.join(filter(None, [', '.join(allowed[:-1]), allowed[-1]]))}, but here is {value}."
                + suggestion(value, allowed),
                len(value),
            )
        return value

    return take


def boolean(node: Node, what: str) -> bool:
    """``true`` or ``false``."""
    value = plain(scalar(node, what))
    if not isinstance(value, bool):
        raise Mistake(node.at, f"{what} is true or false, but here is {found(node)}.")
    return value


def whole(node: Node, what: str) -> int:
    """A whole number."""
    value = plain(scalar(node, what))
    if isinstance(value, bool) or not isinstance(value, int):
        raise Mistake(node.at, f"{what} is a whole number, but here is {found(node)}.")
    return value


def number(node: Node, what: str) -> Decimal:
    """A number, exactly as written."""
    value = plain(scalar(node, what))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        said = str(value)
        comma = " A decimal number has a point, 2.5." if "," in said else ""
        comma = comma or (f" Write {said.rstrip(' %')} for {said}." if said.endswith("%") else "")
        raise Mistake(node.at, f"{what} is a number, but here is {found(node)}.{comma}")
    return Decimal(value)


def plain(node: Node) -> Any:
    """The node as plain data: bool, int, exact Decimal or str, lists and dicts of them."""
    if isinstance(node, Entries):
        return {key.text: plain(value) for key, value in node.values}
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    if node.plain and node.text in ("true", "false"):
        return node.text == "true"
    if node.plain and _WHOLE.fullmatch(node.text):
        return int(node.text)
    if node.plain and _DECIMAL.fullmatch(node.text):
        return Decimal(node.text)
    return node.text


def found(node: Node) -> str:
    """What stands there, in a few words."""
    if isinstance(node, Entries):
        return "a mapping"
    if isinstance(node, Items):
        return "a list"
    if not node.text.strip():
        return "nothing"
    shown = node.text if len(node.text) <= 40 else f"{node.text[:37]}..."
    return shown if node.plain else f"the text “{shown}”"


def collected(nodes: tuple[Node, ...], problems: Problems, take: Callable[[Node], _T]) -> list[_T]:
    """What ``take`` makes of each node; those it refuses are reported and left out."""
    taken: list[_T] = []
    for node in nodes:
        with problems.collecting():
            taken.append(take(node))
    return taken


def report_repeated(named: list[tuple[str, Node]], kind: str, problems: Problems) -> None:
    """Report a name that is there a second time."""
    seen: set[str] = set()
    for name, node in named:
        if name in seen:
            problems.add(node.at, f"the {kind} {name} is there twice; rename one or keep only one.")
        seen.add(name)


def sources(fields: Fields, problems: Problems, *, needed: bool) -> tuple[Mapping[str, Any], ...]:
    """The list under ``sources``: where the numbers come from."""
    if "sources" not in fields and not needed:
        return ()
    nodes = items(fields.need("sources"), "sources")
    if not nodes and needed:
        raise Mistake(fields.need("sources").at, "sources is empty: say where the numbers come from.")
    return tuple(collected(nodes, problems, lambda node: _source(node, problems)))


def _source(node: Node, problems: Problems) -> Mapping[str, Any]:
    fields = Fields(node, problems, "a source", _SOURCE_KEYS)
    text(fields.need("title"), "title")
    doi, url = fields.get("doi"), fields.get("url")
    if doi is not None and not _DOI.fullmatch(scalar(doi, "doi").text):
        raise Mistake(doi.at, f"a doi looks like 10.1249/MSS.0b013e3181915670, but here is {found(doi)}.")
    if url is not None and not scalar(url, "url").text.startswith("https://"):
        raise Mistake(url.at, f"a url starts with https://, but here is {found(url)}.")
    return {key.text: plain(value) for key, value in fields.node.values}


def identity(fields: Fields, key: str, file: str) -> str:
    """The id that a file gives itself: the same as its name."""
    node = fields.need(key)
    value = kebab(node, key)
    stem = file.rpartition("/")[2].removesuffix(".yaml")
    if value != stem:
        raise Mistake(node.at, f"the file is {stem}.yaml, but here is {value}; the two must be the same.")
    return value
