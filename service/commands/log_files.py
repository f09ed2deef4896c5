"""Reading a log from a file: events as they are posted, a line each (NDJSON), or an export of one lifter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from service.domain.errors import InvalidInput
from service.domain.event_encoding import decode
from service.domain.events import ProgrammeAssigned, ProgrammeEnded
from service.domain.exports import LoggedEntry, Manifest, decode_line
from service.http.schemas.submissions import posted
from service.http.strict_json import NotJson, read
from service.usecases.log.batch import Submission
from service.usecases.rules.simulate import MOST_EVENTS


def read_log(file: Path, most: int = MOST_EVENTS) -> list[Submission]:
    """The events of a file, at most so many, in its order.

    Of an export the programmes are left out: their rule sets are the other Spotter's, and other rules are to be tried.
    """
    events: list[Submission] = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                events += _events(file, number, line)
            if len(events) > most:
                raise click.ClickException(f"{file} has more than {most} events.")
    return events


def _events(file: Path, number: int, line: bytes) -> Iterator[Submission]:
    if line.startswith(b'{"line":'):
        yield from _exported(file, number, line)
        return
    try:
        document = read(line)
        event = posted({"event_id": f"#{number}", **document} if isinstance(document, dict) else document)
    except (NotJson, InvalidInput) as error:
        raise click.ClickException(f"{file}:{number}: {error}") from None
    yield Submission(event.event_id, event.occurred_at, event.data)


def _exported(file: Path, number: int, line: bytes) -> Iterator[Submission]:
    try:
        exported = decode_line(line)
        event = decode(bytes(exported.event)) if isinstance(exported, LoggedEntry) else None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise click.ClickException(f"{file}:{number}: is no line of an export: {error}") from None
    if isinstance(exported, Manifest) and number > 1:
        raise click.ClickException(f"{file}:{number}: a second lifter begins here; simulate one at a time.")
    if event is not None and not isinstance(event.data, ProgrammeAssigned | ProgrammeEnded):
        yield Submission(event.event_id, event.occurred_at, event.data)
