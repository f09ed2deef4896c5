"""Training by what is prescribed: a made-up lifter, session by session, through the engine of everybody's log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.errors import SpotterError
from service.domain.events import BaselineSet, Event, EventData, ProfileChanged, SessionCompleted, SetLogged
from service.domain.instants import DAY, SECOND, Instant, parse
from service.domain.loads import Load, Unit, canonical
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_lifter import CHARACTERS, Capacity, body_weight
from service.engine.simulate.simulation import Simulation

MONDAY: Final[Instant] = parse("2026-01-05T18:00:00Z")
"""When the training begins."""
MOST_WEEKS: Final = 260
_MOST_SETS: Final = 30
"""Sets of a slot in a session, whatever is prescribed."""
_BETWEEN_SETS: Final = 3 * 60 * SECOND
_A_BREAK: Final = 14
"""Days that are missed at a time."""


class NoDays(SpotterError):
    """A programme for whatever is logged: it cannot say what to train."""


class Course(NamedTuple):
    """How a made-up lifter trains: who they are (a name of `CHARACTERS`), for how long and how often."""

    lifter: str
    weeks: int
    per_week: int
    unit: Unit
    seed: int = 1


class Done(NamedTuple):
    """What was done in a slot in one session: what had been prescribed at its start, and the work sets."""

    session: int
    day: int
    """Since the training began."""
    slot: str
    exercise: str
    prescribed: Prescription
    sets: tuple[SetLogged, ...]

    @property
    def week(self) -> int:
        """The calendar week, from 1."""
        return self.day // 7 + 1


class Training:
    """A course of training under a rule set; `train` does it, `events` are then its log."""

    def __init__(self, simulation: Simulation, rule_set: RuleSet, course: Course) -> None:
        if not rule_set.programme.days:
            raise NoDays(
                f"{rule_set.programme.id} serves whatever exercise is logged, so nobody can train by it alone: "
                "give a log, or a programme with days."
            )
        self._simulation = simulation
        self._course = course
        self._now = MONDAY
        self.events: list[Event] = []
        character = CHARACTERS[course.lifter]
        self._character = character
        used = {slot.exercise for day in rule_set.programme.days for slot in day.slots}
        self._capacities: Mapping[str, Capacity] = {
            name: Capacity(exercise, course.unit, character, f"{course.seed}/{course.lifter}")
            for name, exercise in rule_set.exercises.items()
            if name in used
        }

    def train(self) -> Iterator[Done]:
        """Train: what was done, slot by slot and session by session."""
        self._log(ProfileChanged(unit=self._course.unit, body_weight=self._load(body_weight(self._course.unit))))
        for name, capacity in self._capacities.items():
            if capacity.exercise.measure == "reps":
                self._log(BaselineSet(name, one_rep_max=self._load(capacity.one_rep_max())))
        missed = 0
        for number, day in enumerate(self._days(), 1):
            if self._character.misses and number % self._character.misses == 0:
                missed = day + _A_BREAK
            if day >= missed:
                yield from self._session(number, day)

    def _days(self) -> Iterator[int]:
        """The days of training, counted from the first."""
        for week in range(self._course.weeks):
            for number in range(self._course.per_week):
                yield 7 * week + number * 7 // self._course.per_week

    def _session(self, number: int, day: int) -> Iterator[Done]:
        self._now = MONDAY + day * DAY
        begun = False
        for planned in self._simulation.next_session(self._now):
            capacity = self._capacities[planned.exercise]
            if capacity.day != day:
                capacity.begin(day)
            sets = tuple(self._slot(number, planned.slot, capacity, begun=begun))
            begun = begun or bool(sets)
            yield Done(number, day, planned.slot, planned.exercise, planned, sets)
        for capacity in self._capacities.values():
            if capacity.day == day:
                capacity.end()
        self._log(SessionCompleted(f"session-{number}"))

    def _slot(self, session: int, slot: str, capacity: Capacity, *, begun: bool) -> Iterator[SetLogged]:
        """Do a slot's sets one after the other, each as it is prescribed once the ones before are known.

        In a session that has ``begun``, a slot that is due only in the next asks for nothing.
        """
        for _ in range(_MOST_SETS):
            simulation, now = self._simulation, self._now
            due = simulation.left_in(slot, now) if begun else simulation.due_in(slot, now).sets
            left = [each for each in due if each.kind != "warmup"]
            if not left:
                return
            begun = True
            performed = self._set(left[0], capacity, f"session-{session}", slot)
            yield performed
            self._log(performed)

    def _set(self, each: PrescribedSet, capacity: Capacity, session: str, slot: str) -> SetLogged:
        asked = each.reps or each.seconds
        low, high = (1, 1) if asked is None else (int(asked.min), int(asked.max))
        load = capacity.choice(high) if each.load is None else each.load.value
        most = capacity.most(load)
        spared = 0 if each.rir is None else int(each.rir.min)
        # As many as are asked for, some spared where that is asked too; but the fewest asked for, if it can be done.
        amount = most if each.kind == "amrap" else max(min(high, most - spared), min(low, most))
        capacity.did(most - amount)
        timed = capacity.exercise.measure == "seconds"
        return SetLogged(
            capacity.exercise.id,
            self._load(load),
            None if timed else amount,
            amount if timed else None,
            None if timed else Decimal(min(most - amount, 10)),
            kind=each.logged_as,
            session_id=session,
            slot=slot,
        )

    def _load(self, value: Decimal) -> Load:
        return Load(Decimal(canonical(value)), self._course.unit)

    def _log(self, data: EventData) -> None:
        self._now += _BETWEEN_SETS
        event = Event(f"e{len(self.events) + 1}", data.schema_version, self._now, self._now, "training", data)
        self.events.append(event)
        self._simulation.take(event)
