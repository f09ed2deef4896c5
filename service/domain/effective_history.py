"""Effective history: the log with voids and corrections applied, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import NamedTuple, assert_never

import msgspec

from service.domain.events import Event, EventData, SetCorrected, SetLogged, SetVoided, TimelineData


class Entry(NamedTuple):
    """An event and its version in the log."""

    version: int
    event: Event


def changes_the_past(event: Event) -> bool:
    """Whether an event acts on earlier ones instead of standing in the timeline itself."""
    return not isinstance(event.data, TimelineData)


def acts_on(data: EventData) -> str | None:
    """The id of the earlier event that one of this data acts on, if it does."""
    if isinstance(data, TimelineData):
        return None
    match data:
        case SetVoided(voids=target) | SetCorrected(corrects=target):
            return target
        case _:
            assert_never(data)


def effective_history(log: Iterable[tuple[int, Event]]) -> list[Entry]:
    """The events of a log (in version order) that count, corrected, ordered by (occurred_at, version).

    Voids and corrections count whatever their own time.
    """
    entries = list(starmap(Entry, log))
    if any(changes_the_past(entry.event) for entry in entries):
        entries = _as_corrected(entries)
    entries.sort(key=lambda entry: entry.event.occurred_at)  # those of one time stay in the order of their versions
    return entries


def _as_corrected(entries: Sequence[Entry]) -> list[Entry]:
    """What stands in the timeline after all voids and corrections."""
    voided = _voided(entries)
    corrections: dict[str, list[SetCorrected]] = {}
    for _, event in entries:
        if isinstance(event.data, SetCorrected) and event.event_id not in voided:
            corrections.setdefault(event.data.corrects, []).append(event.data)
    return [
        Entry(version, corrected(event, corrections.get(event.event_id, ())))
        for version, event in entries
        if event.event_id not in voided and not changes_the_past(event)
    ]


def _voided(entries: Sequence[Entry]) -> set[str]:
    """The ids that count no longer. A void names an earlier event, so going backwards each is judged once."""
    voided: set[str] = set()
    for _, event in reversed(entries):
        if isinstance(event.data, SetVoided) and event.event_id not in voided:
            voided.add(event.data.voids)
    return voided


def corrected(event: Event, corrections: Iterable[SetCorrected]) -> Event:
    """A set with its corrections applied in the order of their versions: the later one wins."""
    data = event.data
    if not isinstance(data, SetLogged):
        return event
    occurred_at = event.occurred_at
    for correction in corrections:
        changes = {
            name: value for name in SetLogged.__struct_fields__ if (value := getattr(correction, name)) is not None
        }
        if "reps" in changes:
            changes.setdefault("seconds", None)
        elif "seconds" in changes:
            changes["reps"] = None
        data = msgspec.structs.replace(data, **changes)
        occurred_at = occurred_at if correction.occurred_at is None else correction.occurred_at
    if data is event.data and occurred_at == event.occurred_at:
        return event
    return msgspec.structs.replace(event, data=data, occurred_at=occurred_at)
