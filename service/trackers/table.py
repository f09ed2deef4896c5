"""Exports as tables of text: how they are encoded, what separates their fields, where a row starts."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from service.trackers.export import ExportUnreadable

_DELIMITERS: Final = ",;\t|"
_BYTE_ORDER_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ARCHIVE: Final = b"PK\x03\x04"
"""What a ZIP file begins with, and with it the sheets of Excel and others."""

_FIRST_BYTES: Final = 200
_NEVER_CLOSED: Final = "unexpected end of data"
"""What the library says of a quote that nothing closes."""


class Record(NamedTuple):
    """A row: the line of the file that it starts on, counted from 1, and its fields."""

    line: int
    values: list[str]


def read_text(content: bytes) -> str:
    """The text of an export file in UTF-8 or UTF-16; raises `ExportUnreadable` where it is neither."""
    if content.startswith(_ARCHIVE):
        raise ExportUnreadable("this is a spreadsheet or an archive: save the sheet as CSV, or unpack the archive")
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    beginning = content[:_FIRST_BYTES]
    if encoding is None and b"\0" in beginning:
        encoding = _without_mark(beginning)
    try:
        return content.decode(encoding or "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        written = "UTF-16" if encoding else "UTF-8"
        message = f"line {line} is not {written} text; export the file again, or save it as UTF-8"
        raise ExportUnreadable(message) from None


def _without_mark(beginning: bytes) -> str:
    """Which UTF-16 a text with NUL bytes is in: its header has one in every character, before or behind the letter."""
    for encoding, zeros in (("utf-16-be", beginning[0::2]), ("utf-16-le", beginning[1::2])):
        if 2 * zeros.count(0) > len(zeros):
            return encoding
    raise ExportUnreadable("the file is no text; export it again as CSV or JSON")


def records(text: str) -> Iterator[Record]:
    """The rows of a file, the header first; blank lines are left out.

    What separates fields is what the header has most of: comma, semicolon, tab or bar. A line ``sep=;``, by which
    spreadsheets are told, is no row. Raises `ExportUnreadable` at a quote that is never closed, so that it cannot
    swallow the rows behind it.
    """
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    lines = io.StringIO(text, newline="")
    line, first = 1, lines.readline()
    if first.casefold().startswith("sep="):
        delimiter = first[4:5]
        line = 2
    else:
        delimiter = max(_DELIMITERS, key=first.count)
        lines.seek(0)
    skipped = line - 1
    rows = csv.reader(lines, delimiter=delimiter if delimiter in _DELIMITERS else ",", strict=True)
    try:
        for values in rows:
            if any(map(str.strip, values)):
                yield Record(line, values)
            line = rows.line_num + skipped + 1
    except csv.Error as error:
        why = "a quote that opens there is never closed" if str(error) == _NEVER_CLOSED else error
        raise ExportUnreadable(f"from line {line} on the file cannot be read as a table: {why}") from None
