"""What a course of training is read by beside its loads: other programmes, time away, and what was put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from service.domain.effective_history import Entry, acts_on, effective_history
from service.domain.events import (
    BaselineSet,
    EventData,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.instants import DAY, Instant

LAYOFF_DAYS: Final = 14
"""Days without any training that are marked; as many as the library's deload after time away begins with."""


class CourseMark(NamedTuple):
    """Something that happened from ``at`` to ``until``, which is the same where it took no time.

    ``event_id`` is the event that it is read from: the assignment or end of a programme, the set or baseline that was
    put right, the void of a session, or the first set after a layoff. ``version`` is the one that put right.
    """

    kind: Literal["layoff", "programme", "correction"]
    at: Instant
    until: Instant
    event_id: str
    version: int
    text: str


def marks_of(log: Sequence[Entry], exercise: str) -> list[CourseMark]:
    """The marks of an exercise's course in a log, in the order of time; times away count every exercise."""
    effective = effective_history(log)
    found = [*_programmes(effective), *_layoffs(effective), *corrections(log, exercise)]
    return sorted(found, key=lambda mark: (mark.until, mark.version))


def _programmes(effective: Iterable[Entry]) -> Iterator[CourseMark]:
    followed = None
    for version, event in effective:
        match event.data:
            case ProgrammeAssigned(programme=programme):
                text = f"{programme}, {'assigned anew' if programme == followed else 'from here on'}"
                followed = programme
            case ProgrammeEnded():
                text, followed = f"{followed or 'the programme'} ended", None
            case _:
                continue
        yield CourseMark("programme", event.occurred_at, event.occurred_at, event.event_id, version, text)


def _layoffs(effective: Iterable[Entry]) -> Iterator[CourseMark]:
    trained = (entry for entry in effective if isinstance(entry.event.data, SetLogged))
    for (_, before), (version, after) in pairwise(trained):
        days = (after.occurred_at - before.occurred_at) // DAY
        if days >= LAYOFF_DAYS:
            text = f"{days} days without training"
            yield CourseMark("layoff", before.occurred_at, after.occurred_at, after.event_id, version, text)


def corrections(log: Iterable[Entry], exercise: str) -> Iterable[CourseMark]:
    """What was put right: of each of an exercise's sets and baselines the last, which stands where that stands."""
    known: dict[str, Entry] = {}
    found: dict[str, CourseMark] = {}
    for version, event in log:
        known.setdefault(event.event_id, Entry(version, event))
        for target in _targets(event.data, known.values()):
            of = known.get(target)
            while of is not None and (further := acts_on(of.event.data)) is not None:
                of = known.get(further)
            if of is None or not _is_of(of.event.data, event.data, exercise):
                continue
            shown = event.event_id if isinstance(event.data, SessionVoided) else of.event.event_id
            at = of.event.occurred_at
            found.setdefault(shown, CourseMark("correction", at, at, shown, version, ""))
            found[shown] = found[shown]._replace(version=version, text=_put_right(known[target].event.data, event.data))
    return found.values()


def _targets(data: EventData, known: Iterable[Entry]) -> list[str]:
    if isinstance(data, SessionVoided):
        return [
            event.event_id
            for _, event in known
            if isinstance(event.data, SetLogged) and event.data.session_id == data.session_id
        ]
    target = acts_on(data)
    return [] if target is None else [target]


def _is_of(data: EventData, by: EventData, exercise: str) -> bool:
    named = {each.exercise for each in (data, by) if isinstance(each, SetLogged | BaselineSet | SetCorrected)}
    return exercise in named


def _put_right(of: EventData, by: EventData) -> str:
    if isinstance(by, SessionVoided):
        return "the session voided"
    what = {SetLogged: "a set", BaselineSet: "a baseline"}.get(type(of), "a correction")
    return f"{what} {'voided' if isinstance(by, SetVoided) else 'corrected'}"
