"""The text of a rule as its file has it, with the conditions that were looked at marked in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """A piece of a rule's text, and the condition that it is, if it is one."""

    text: str
    condition: Mapping[str, Any] | None = None


def rule_text(files: Mapping[str, bytes], rule: Mapping[str, Any]) -> list[Piece]:
    """The text of a traced rule; nothing where the files do not have it."""
    lines = files.get(rule["file"], b"").decode().splitlines()[rule["line"] - 1 :]
    if not lines:
        return []
    margin = _margin(lines[0])
    length = next((place for place, line in enumerate(lines[1:], 1) if line.strip() and _margin(line) <= margin), None)
    text = "\n".join(line[margin:] for line in lines[:length]).rstrip()
    return _marked(text, rule.get("conditions") or ())


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _marked(text: str, conditions: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """The text with each condition, in their order, marked where it stands; breaks of lines are as good as spaces."""
    pieces, done = [], 0
    for condition in conditions:
        words = r"\s+".join(map(re.escape, condition["expression"].split()))
        found = re.compile(rf"(?<![\w.]){words}(?![\w.])").search(text, done)
        if found is None:
            continue
        pieces += [Piece(text[done : found.start()]), Piece(found[0], condition)]
        done = found.end()
    return [piece for piece in (*pieces, Piece(text[done:])) if piece.text]
