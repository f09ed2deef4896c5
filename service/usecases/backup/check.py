"""Checking that a backup is whole: that it ends, and that every byte of it is as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from service.domain.backups import FORMAT, BackupLine, Begin, ErasedLifter, Finish, decode_backup_line
from service.domain.errors import SpotterError

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes; the longest lines are whole libraries of rules."""

_LAST: Final = (b'{"line":"erased"', b'{"line":"backup_end"')
"""How the lines begin that follow the last lifter's."""


class BackupUnusable(SpotterError):
    """A file that is no backup, not all of one, or not as it was written."""


class Whole(NamedTuple):
    """What a backup is that was found whole: how it begins and ends, and who was erased when it was made."""

    path: Path
    begin: Begin
    finish: Finish
    erased: list[ErasedLifter]


def check_backup(path: Path) -> Whole:
    """Read a backup to its end. Raises `BackupUnusable`."""
    sha256, finish = hashlib.sha256(), None
    erased = []
    begin = _begin(path)
    for number, raw in enumerate(lines_of(path), 1):
        if finish is not None:
            raise BackupUnusable(f"{path}, line {number}: something stands behind the end of the backup")
        match line_of(path, number, raw) if raw.startswith(_LAST) else None:
            case Finish() as line:
                finish = line
                continue
            case ErasedLifter() as line:
                erased.append(line)
        sha256.update(raw)
    if finish is None:
        raise BackupUnusable(f"{path} has no end: it is not all of a backup")
    if finish.sha256 != sha256.hexdigest():
        raise BackupUnusable(
            f"{path} is not as it was written: its SHA-256 is {sha256.hexdigest()}, not {finish.sha256}"
        )
    if finish.erased != len(erased):
        raise BackupUnusable(f"{path} counts {finish.erased} erasures and has {len(erased)}")
    return Whole(path, begin, finish, erased)


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a backup, their line feeds included."""
    with path.open("rb") as content:
        yield from iter(lambda: content.readline(LONGEST_LINE), b"")


def line_of(path: Path, number: int, raw: bytes) -> BackupLine:
    """A line that is no lifter's. Raises `BackupUnusable`."""
    try:
        line: BackupLine = decode_backup_line(raw)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BackupUnusable(f"{path}, line {number} is no line of a backup: {error}") from None
    return line


def _begin(path: Path) -> Begin:
    begin = line_of(path, 1, next(lines_of(path), b""))
    if not isinstance(begin, Begin):
        raise BackupUnusable(f"{path} does not begin as a backup does")
    if begin.format != FORMAT:
        raise BackupUnusable(f"{path} is of format {begin.format}; this Spotter reads format {FORMAT}")
    return begin
