"""A log as it came: cut where one append ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from service.domain.event_encoding import decode
from service.domain.events import BaselineSet, SetLogged
from service.domain.instants import Instant
from service.engine.changes.change import Cause
from service.engine.replay.projection import Run


class Part(NamedTuple):
    """Consecutive entries of a log that were appended together, and when."""

    run: Run
    recorded_at: Instant | None

    def causes(self) -> tuple[Cause, dict[str, Cause]]:
        """The last event as a cause; and where there are several, for each exercise the last one that names it."""
        if len(self.run.events) == 1:
            return Cause("event", _stamp(self.run.events[0])[0]), {}
        last, named = "", {}
        for raw in self.run.events:
            with suppress(msgspec.MsgspecError, UnicodeError):
                event = decode(raw)
                last = event.event_id
                if isinstance(event.data, SetLogged | BaselineSet):
                    named[event.data.exercise] = Cause("event", last)
        return Cause("event", last), named


def parts_of(run: Run) -> Iterator[Part]:
    """A run cut where one append ends and the next begins; what cannot be read belongs to what came before it."""
    stamps = [_stamp(raw)[1] for raw in run.events]
    if len(stamps) == 1:
        yield Part(run, stamps[0])
        return
    start, recorded_at = run.first, stamps[0] if stamps else None
    for version, stamp in enumerate(stamps, run.first):
        if stamp is not None and stamp != recorded_at:
            if recorded_at is not None:
                yield Part(_cut(run, start, version - 1), recorded_at)
                start = version
            recorded_at = stamp
    if stamps:
        yield Part(_cut(run, start, run.last), recorded_at)


def _stamp(raw: bytes) -> tuple[str, Instant | None]:
    """An entry's event id, and when it was recorded; None for what is no event."""
    try:
        event_id, _, _, recorded_at, _, _ = _decode_stamp(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return "", None
    return event_id, recorded_at


def _cut(run: Run, first: int, last: int) -> Run:
    return run.until(last).after(first - 1)


_decode_stamp: Final = msgspec.json.Decoder(tuple[str, int, Instant, Instant, str, msgspec.Raw]).decode
