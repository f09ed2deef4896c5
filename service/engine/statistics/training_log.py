"""What was trained, as the fold reads it: kept by whoever watches the fold of a whole log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from service.domain.events import Event, SetLogged
from service.domain.exercises import Exercise
from service.domain.instants import Instant, day_number
from service.domain.loads import Load
from service.engine.reading.readings import EXTRA, PLACE, How, Reading
from service.engine.replay.bound_programme import PlannedSlot, Plans
from service.engine.replay.fold import Fold
from service.engine.replay.observer import FoldObserver
from service.engine.replay.projection import Run, fold_whole
from service.engine.replay.state import Session
from service.engine.replay.tracks import Tracks


class DoneSet(NamedTuple):
    """A set as effective history has it, of the exercise that it was read for."""

    event_id: str
    at: Instant
    logged: SetLogged
    exercise: Exercise
    how: How

    @property
    def is_work(self) -> bool:
        """Whether it was read as work."""
        return self.how is PLACE or self.how is EXTRA


class RecordSet(NamedTuple):
    """A set that made a record, in the working unit of the time; ``amount`` counts repetitions, or seconds."""

    event_id: str
    at: Instant
    session: int
    exercise: Exercise
    timed: bool
    load: Load
    amount: int


@dataclass
class TrainedSession:
    """One session: its sets by version, and how many of each exercise count as work (both sides of one are one)."""

    number: int
    id: str | None
    began_at: Instant
    ended_at: Instant
    open: bool = True
    day: int = 0
    """The lifter's calendar day of its end, counted from 1970-01-01."""
    sets: dict[int, DoneSet] = field(default_factory=dict)
    counts: Mapping[str, tuple[Exercise, int]] = field(default_factory=dict)


class TrainingLog(FoldObserver):
    """Keeps what a fold makes of the sets of a log; nobody watches a duplicate."""

    def __init__(self) -> None:
        self.sessions: dict[int, TrainedSession] = {}
        self._records: dict[int, RecordSet] = {}
        self._logged: dict[int, tuple[Event, SetLogged, int]] = {}
        self._read: dict[int, tuple[Exercise, How]] = {}
        self._version = 0

    def attach(self, tracks: Tracks) -> None:
        """Look at the state and the rules by these."""
        self._rules, self._shared = tracks.rules, tracks.state.shared

    def event_begins(self, version: int, event: Event) -> None:
        """Know the set of a version; its session is known once it is folded."""
        self._version = version
        if isinstance(event.data, SetLogged):
            self._logged[version] = event, event.data, 0

    def event_ended(self, event: Event) -> None:
        """Know the session of a set."""
        if not isinstance(event.data, SetLogged):
            return
        current = self._shared.session
        session = self.sessions.get(current.number)
        if session is None:
            session = TrainedSession(current.number, current.id, event.occurred_at, event.occurred_at)
            self.sessions[current.number] = session
        session.ended_at = event.occurred_at
        self._logged[self._version] = event, event.data, current.number

    def set_read(self, slot: PlannedSlot, version: int, reading: Reading) -> None:
        """Keep how a set is read now."""
        self._read[version] = slot.exercise, reading.how

    def set_counted(self, slot: PlannedSlot, session: Session, number: int, versions: tuple[int, ...]) -> None:
        """Know a set as work that is beyond those of which readings are kept."""
        del session, number
        for version in versions:
            self._read.setdefault(version, (slot.exercise, EXTRA))

    def record_fell(self, slot: PlannedSlot, version: int, load: Decimal, amount: int) -> None:
        """Keep a record."""
        event, _, _ = self._logged[version]
        shared = self._shared
        timed, lifted = slot.measure == "seconds", Load(load, shared.working_unit)
        number = shared.session.number
        self._records[version] = RecordSet(
            event.event_id, event.occurred_at, number, slot.exercise, timed, lifted, amount
        )

    def session_closed(self) -> None:
        """Know what the session came to."""
        self._look_at_session()

    def conclude(self) -> list[TrainedSession]:
        """The sessions in order, with their sets, once all is folded; an open one as it stands."""
        if self._shared.session.open:
            self._look_at_session()
        for version, (event, logged, number) in self._logged.items():
            read = self._read.get(version)
            if read is not None and number:
                self.sessions[number].sets[version] = DoneSet(event.event_id, event.occurred_at, logged, *read)
        return [self.sessions[number] for number in sorted(self.sessions)]

    def records(self) -> list[RecordSet]:
        """The records as they fell; of sets that were read as work in the end."""
        work = (PLACE, EXTRA)
        return [record for version, record in self._records.items() if self._read[version][1] in work]

    def _look_at_session(self) -> None:
        current = self._shared.session
        session = self.sessions[current.number]
        session.open = current.open
        session.day = day_number(session.ended_at, self._shared.time_zone)
        counts: dict[str, tuple[Exercise, int]] = {}
        for slot_id, count in current.slots.items():
            exercise = self._rules.slot(slot_id).exercise
            _, before = counts.get(exercise.id, (exercise, 0))
            counts[exercise.id] = exercise, before + count
        session.counts = counts


def fold_and_watch(run: Run, plans: Plans, *, as_of: Instant | None = None) -> tuple[Fold, TrainingLog]:
    """Fold a whole log, and what was trained in it; ``as_of`` leaves out what occurred later."""
    watchers: list[TrainingLog] = []

    def watch() -> TrainingLog:
        watchers.append(TrainingLog())
        return watchers[-1]

    fold = fold_whole(run, plans, watch, as_of=as_of)
    return fold, watchers[-1]
