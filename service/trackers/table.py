"""Exports as tables of text: where a row starts, what separates its fields, what makes a file unreadable."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from service.domain.errors import SpotterError


class ExportUnreadable(SpotterError):
    """A file as a whole is not the export it should be; the message says what is wrong."""


class Record(NamedTuple):
    """A row: the line of the file that it starts on, counted from 1, and its fields."""

    line: int
    values: list[str]


def read_text(content: bytes) -> str:
    """The text of an export file; raises `ExportUnreadable` where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ExportUnreadable(f"line {line} is not UTF-8 text; export the file again, or save it as UTF-8") from None


def records(text: str) -> Iterator[Record]:
    """The rows of a file separated by commas or semicolons, the header first; blank lines are left out.

    Raises `ExportUnreadable` at a quote that is never closed, so that it cannot swallow the rows behind it.
    """
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for values in rows:
            if any(value.strip() for value in values):
                yield Record(line, values)
            line = rows.line_num + 1
    except csv.Error as error:
        raise ExportUnreadable(f"from line {line} on the file cannot be read as a table: {error}") from None
