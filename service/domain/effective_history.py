"""Effective history: the log with voids and corrections applied, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import starmap
from typing import Any, Final, NamedTuple, assert_never

import msgspec

from service.domain.events import (
    CORRECTED,
    BaselineCorrected,
    Correction,
    Event,
    EventData,
    SessionCompleted,
    SessionEndCorrected,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
    TimelineData,
)
from service.domain.instants import Instant

_ONE_OF: Final = (("reps", "seconds"), ("load", "one_rep_max", "training_max"))
"""Fields of which an event says one: a correction that says another takes it back."""


class Entry(NamedTuple):
    """An event and its version in the log."""

    version: int
    event: Event


def changes_the_past(event: Event) -> bool:
    """Whether an event acts on earlier ones instead of standing in the timeline itself."""
    return not isinstance(event.data, TimelineData)


def acts_on(data: EventData) -> str | None:
    """The id of the one earlier event that this data acts on, if it does; a void of a session acts on many."""
    if isinstance(data, TimelineData | SessionVoided):
        return None
    match data:
        case SetVoided(voids=target):
            return target
        case SetCorrected(corrects=target) | BaselineCorrected(corrects=target) | SessionEndCorrected(corrects=target):
            return target
        case _:
            assert_never(data)


def takes_effect_at(event: Event) -> Instant | None:
    """When an event takes its place in the timeline, or gives another one there; None where it only acts on others."""
    data = event.data
    if isinstance(data, TimelineData):
        return event.occurred_at
    return data.occurred_at if isinstance(data, Correction) else None


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
    corrections: dict[str, list[Correction]] = {}
    for _, event in entries:
        if isinstance(event.data, Correction) and event.event_id not in voided:
            corrections.setdefault(event.data.corrects, []).append(event.data)
    return [
        Entry(version, corrected(event, corrections.get(event.event_id, ())))
        for version, event in entries
        if event.event_id not in voided and not changes_the_past(event)
    ]


def _voided(entries: Sequence[Entry]) -> set[str]:
    """The ids that count no longer. A void names what is earlier, so going backwards each is judged once."""
    voided: set[str] = set()
    sessions = _VoidedSessions()
    for version, event in reversed(entries):
        if event.event_id in voided:
            continue
        data = event.data
        if isinstance(data, SetVoided):
            voided.add(data.voids)
        elif isinstance(data, SessionVoided):
            sessions.void(data.session_id, version)
        elif sessions.any and (gone := sessions.gone_with(version, event)) is not None:
            voided.add(gone)
    return voided


class _VoidedSessions:
    """The voids of sessions that count, met going backwards, and what each takes back: what was of it by then."""

    def __init__(self) -> None:
        self._earliest: dict[str, int] = {}
        """By session, the version of the earliest void of it met so far."""
        self._said: dict[str, int] = {}
        """By event, the version at which its session was said that came to hold last, of those met so far."""

    @property
    def any(self) -> bool:
        """Whether any was met."""
        return bool(self._earliest)

    def void(self, session_id: str, version: int) -> None:
        """Meet a void of a session."""
        self._earliest[session_id] = version

    def gone_with(self, version: int, event: Event) -> str | None:
        """Which event counts no longer because of the session that this one says of it; None where none does.

        What a correction says of a session holds until the next correction that says one.
        """
        said = _session_said(event)
        if said is None:
            return None
        target, session_id = said
        until, self._said[target] = self._said.get(target), version
        voided_at = self._earliest.get(session_id or "")
        return target if voided_at is not None and (until is None or voided_at < until) else None


def _session_said(event: Event) -> tuple[str, str | None] | None:
    """Of which event this one says the session, and which; None where it says none."""
    match event.data:
        case SetLogged(session_id=session_id) | SessionCompleted(session_id=session_id):
            return event.event_id, session_id
        case SetCorrected() | SessionEndCorrected() as data if data.session_id or "session_id" in data.cleared:
            return data.corrects, data.session_id
        case _:
            return None


def corrected(event: Event, corrections: Iterable[Correction]) -> Event:
    """An event with its corrections applied in the order of their versions: the later one wins."""
    data = event.data
    occurred_at = event.occurred_at
    for correction in corrections:
        if type(data) is CORRECTED[type(correction)]:
            data = msgspec.structs.replace(data, **_changes(data, correction))
            occurred_at = occurred_at if correction.occurred_at is None else correction.occurred_at
    if data is event.data and occurred_at == event.occurred_at:
        return event
    return msgspec.structs.replace(event, data=data, occurred_at=occurred_at)


def _changes(data: EventData, correction: Correction) -> dict[str, Any]:
    """What a correction says of each field of what it corrects."""
    names = data.__struct_fields__
    said = {name: value for name in names if (value := getattr(correction, name)) is not None}
    taken_back = [name for names_of_one in _ONE_OF if not said.keys().isdisjoint(names_of_one) for name in names_of_one]
    cleared = () if isinstance(correction, BaselineCorrected) else correction.cleared
    return {**dict.fromkeys((name for name in (*taken_back, *cleared) if name in names), None), **said}
