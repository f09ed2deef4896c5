"""Reading a lifter's log as it was written: all of it, or what is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from service.domain.effective_history import Entry, acts_on
from service.domain.event_encoding import decode
from service.domain.events import BaselineCorrected, BaselineSet, Event, LifterNoted, SetCorrected, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.log_entry import LogEntry
from service.engine.replay.projection import Run
from service.store.log import PAGE
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.exercise_ids import published_names, unknown_exercise
from service.usecases.services import Services

MOST_LOOKED_AT: Final = 20 * PAGE
"""Entries that are looked at for a page of those asked for; then it ends, be it empty, and the next one goes on."""


class Sought(NamedTuple):
    """Which events are asked for; None: any. ``since`` and ``until`` (not included) say when they occurred."""

    exercise: str | None = None
    type: str | None = None
    since: Instant | None = None
    until: Instant | None = None

    def of_type_and_time(self, event: Event) -> bool:
        """Whether an event is of the type and the time that are asked for."""
        return (
            self.type in (None, event.type)
            and (self.since is None or event.occurred_at >= self.since)
            and (self.until is None or event.occurred_at < self.until)
        )


def read_log(services: Services, lifter: LifterRef, *, after: int, limit: int) -> tuple[list[LogEntry], bool]:
    """Up to ``limit`` entries that follow version ``after``, oldest first, and whether more follow.

    Raises `NotFound` for a lifter nobody wrote about, and `Erased`.
    """
    entries = services.log.read(lifter, after, limit + 1)
    if not entries and not services.log.head(lifter):
        raise erased_or_unknown(services, lifter)
    return entries[:limit], len(entries) > limit


def find_in_log(
    services: Services, lifter: LifterRef, sought: Sought, *, after: int, limit: int
) -> tuple[list[LogEntry], int | None]:
    """The same of the entries that are sought, and up to which version was looked where more may follow.

    An event is of an exercise that it names, or that one names which it corrects or voids. Asked for by an alias, it
    is the one that has the alias, or the lifter's own that was logged under that name. Raises `NotFound` for one that
    is in neither the catalogue nor the log, where all of that was looked at, and as `read_log` does.
    """
    if sought == Sought():
        entries, more = read_log(services, lifter, after=after, limit=limit)
        return entries, entries[-1].version if more else None
    found: list[LogEntry] = []
    exercises = _Exercises(services, lifter)
    known = published_names(services)
    named = set() if sought.exercise is None else {sought.exercise, known.id_of(sought.exercise)}
    is_whole = after == 0
    until = after + MOST_LOOKED_AT
    while after < until:
        page, more = read_log(services, lifter, after=after, limit=PAGE)
        if sought.exercise is not None:
            exercises.read(page)
        for entry in page:
            if len(found) == limit:
                return found, after
            after = entry.version
            event = entry.event
            if sought.of_type_and_time(event) and (sought.exercise is None or named & exercises.of(event)):
                found.append(entry)
        if not more:
            if is_whole and sought.exercise is not None and named.isdisjoint({*known.by_id, *exercises.all}):
                raise unknown_exercise(services, sought.exercise)
            return found, None
    return found, after


class _Exercises:
    """What exercises events are of, those that act on others included."""

    def __init__(self, services: Services, lifter: LifterRef) -> None:
        self._services = services
        self._lifter = lifter
        self._of: dict[str, frozenset[str]] = {}

    def read(self, page: Iterable[LogEntry]) -> None:
        """Look at entries that follow those looked at before, and at the earlier ones that they act on."""
        entries = {entry.event.event_id: entry for entry in page}
        unknown = set(entries)
        while unknown := {target for each in unknown if (target := acts_on(entries[each].event.data))}:
            unknown -= self._of.keys() | entries.keys()
            entries |= self._services.log.find(self._lifter, sorted(unknown))
            unknown &= entries.keys()
        for _, event, *_ in sorted(entries.values(), key=lambda entry: entry.version):  # what is acted on comes before
            before = self._of.get(acts_on(event.data) or "", frozenset())
            named = _named(event)
            self._of[event.event_id] = before if named is None else before | {named}

    @property
    def all(self) -> Iterable[str]:
        """The exercises of all events that were looked at."""
        return chain.from_iterable(self._of.values())

    def of(self, event: Event) -> frozenset[str]:
        """The exercises of an event that was looked at."""
        return self._of.get(event.event_id, frozenset())


def _named(event: Event) -> str | None:
    match event.data:
        case SetLogged(exercise=named) | SetCorrected(exercise=named):
            return named
        case BaselineSet(exercise=named) | BaselineCorrected(exercise=named):
            return named
        case LifterNoted(exercise=named):
            return named
        case _:
            return None


def readable(run: Run) -> Iterator[Entry]:
    """The events of a log, without what no replay can read either; `spotter verify` names that."""
    for version, raw in enumerate(run.events, run.first):
        with suppress(msgspec.MsgspecError, UnicodeError):
            yield Entry(version, decode(raw))
