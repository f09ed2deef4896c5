"""Places in rule files, and the mistakes told at them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

_BLANK = "[\u00a0\u2000-\u200a\u202f\u3000]"
_INVISIBLE = re.compile(f"(?:^[ \t]*|:)(?P<one>{_BLANK})|(?P<other>[\u200b\u2060\ufeff])", re.MULTILINE)
"""Blanks that YAML takes for letters, where they stand for its own; and what no text needs."""


class Position(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


class Mistake(Exception):
    """Something in a rule file is wrong at ``at``; the message is a sentence for the coach.

    A signal inside the reading of files, which goes on behind it: `service.engine.files.yaml_tree.Problems` collects
    mistakes, and callers get all of them in one `service.domain.errors.RuleSetInvalid`.
    """

    def __init__(self, at: Position, message: str, width: int = 0) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.width = width
        """How many characters from ``at`` on are wrong; 0: the word there."""


class AlreadySaid(Mistake):
    """What is wrong here follows from a mistake that has been reported; it is not reported again."""


class FileText:
    """The text of a file; finds the line and column of a character."""

    def __init__(self, data: bytes) -> None:
        try:
            self.text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            at = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
            raise Mistake(at, "this byte is not UTF-8 text; save the file as UTF-8.") from None
        strange = _INVISIBLE.search(self.text)
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        if strange:
            raise Mistake(
                self.position(strange.start(strange.lastgroup or 0)),
                "an invisible character that only looks like a space stands here; replace it with a plain space."
                if strange["one"]
                else "an invisible character stands here; delete it.",
                1,
            )

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1] if 1 <= number <= len(lines) else ""

    def position(self, index: int) -> Position:
        """Where the character at ``index`` stands."""
        line = bisect_right(self._line_starts, index)
        return Position(line, index - self._line_starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as its text; ``plain`` when it stands without quotes."""

    text: str
    plain: bool
    at: Position
    file: FileText = field(repr=False)
    start: int = field(repr=False)
    style: str | None = field(repr=False)

    def position(self, offset: int) -> Position:
        """Where in the file the character at ``offset`` of this value stands, also inside quotes and folded text."""
        places = _every_place(self.file, self.start, self.text, self.style)
        return self.file.position(places[min(offset, len(places) - 1)] if places else self.start)


@lru_cache(maxsize=64)
def _every_place(file: FileText, start: int, value: str, style: str | None) -> tuple[int, ...]:
    """All of `_places`: an expression is asked for the place of each of its parts."""
    return tuple(_places(file.text, start, value, style))


def _places(text: str, start: int, value: str, style: str | None) -> Iterator[int]:
    """Where in the file each character of a value stands; quotes, escapes and folds are stepped over."""
    at = start
    if style in ("|", ">"):
        at = text.find("\n", start) + 1
    elif style is not None:
        at = start + 1
    for character in value:
        if character.isspace():
            yield at
            blank = re.compile(r"\s*").match(text, at)
            end = blank.end() if blank else at
            if text.startswith("\\", at):
                at += 2
            else:
                at = end if "\n" in text[at:end] else min(at + 1, end)
        else:
            found = text.find(character, at)
            at = found if found >= 0 else at
            yield at
            at += 1
