"""Courses of training by what is prescribed, through the pure engine: a programme, a gym, a unit, a made-up lifter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias, TypeVar

from service.domain.equipment import Equipment, Loading, Plates
from service.domain.events import (
    BaselineSet,
    Event,
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    SessionCompleted,
    SetLogged,
)
from service.domain.exercises import Exercise
from service.domain.instants import DAY, SECOND, Instant
from service.domain.loads import Load, Unit, canonical
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.prescribe.next_session import Draft, Prescriber
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.replay.bound_programme import PlannedSlot, Plans
from service.engine.replay.fold import Fold
from service.engine.replay.state import LifterState
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_lifter import body_weight, step_of
from service.engine.version import ENGINE_VERSION
from tests.support.training import LIBRARY, MONDAY

Lifter: TypeAlias = Literal["best", "least", "failing"]
LIFTERS: Final[tuple[Lifter, ...]] = ("best", "least", "failing")
"""Who does all that a raise asks for; who does the fewest repetitions asked for; who does now this, now that, falls
short now and then, and stays away for a while."""

Gym: TypeAlias = Literal["sparse", "house"]
GYMS: Final[tuple[Gym, ...]] = ("sparse", "house")
UNITS: Final[tuple[Unit, ...]] = ("kg", "lb")

_Way = TypeVar("_Way")

IN_EVERY_WAY: Final = frozenset(
    {
        "apre", "boring-but-big", "bullmastiff", "default", "doggcrapp", "dynamic-full-body", "greyskull", "gzclp",
        "ice-cream-fitness", "juggernaut", "madcow", "nsuns", "rpe-block", "smolov-base", "smolov-jr",
        "starting-strength", "stronglifts", "texas-method", "training-max-by-reps", "training-max-test", "upper-back",
        "upper-lower", "volume-block",
    }
)  # fmt: skip
"""Programmes that are trained in every way that there is; the others take turns.

A way more for each programme would make the laws as much longer as the library; a mistake of the engine's is in no
programme alone, and one in the numbers of a programme is in its golden log.
"""


def in_turn(ways: Sequence[_Way]) -> list[tuple[str, _Way]]:
    """Each programme of the library with its ways: every one, or the next one in turn."""
    others = sorted(LIBRARY.programmes.keys() - IN_EVERY_WAY)
    chosen = [(programme, way) for programme in sorted(IN_EVERY_WAY) for way in ways]
    return chosen + [(programme, ways[place % len(ways)]) for place, programme in enumerate(others)]


EXERCISES: Final = (
    "squat", "bench-press", "cable-row", "lat-pulldown", "machine-chest-press", "dumbbell-curl",
    "dumbbell-lateral-raise", "dumbbell-bench-press", "ez-bar-curl", "kettlebell-swing", "pull-up",
    "assisted-pull-up", "push-up", "plank", "t-bar-row",
)  # fmt: skip
"""What is trained under a programme for whatever is logged: every kind of equipment, load and measure."""

_SPARSE: Final[dict[Unit, tuple[int, tuple[tuple[int, int], ...]]]] = {
    "kg": (5, ((20, 16), (10, 4), (5, 4))),
    "lb": (10, ((45, 16), (25, 4), (10, 4))),
}
_DUMBBELLS: Final = (5, 10, 15, 20, 30, 40)
_MOST_SETS: Final = 40
_BETWEEN_SETS: Final = 3 * 60 * SECOND
_AWAY: Final = 20
"""Days that the failing lifter stays away, once in ``_AWAY_AFTER`` sessions."""
_AWAY_AFTER: Final = 30
_CHANGING: Final[tuple[Lifter, ...]] = ("best", "best", "best", "least", "best", "least", "failing")
"""As whom the failing lifter does one session after the other."""
_BEYOND: Final = 10
"""Repetitions beyond those of an AMRAP set that the best lifter does: gzclp's third tier asks for so many."""


def equipment(gym: Gym, unit: Unit) -> Equipment | None:
    """What is in a gym.

    ``sparse``: a stack with large steps, few dumbbells, no small plates. An exercise uses one kind of the three, so
    together they show what each shows alone.
    """
    if gym == "house":
        return None
    stack, plates = _SPARSE[unit]
    return Equipment(
        stack=_load(stack, unit),
        dumbbells=tuple(_load(each, unit) for each in _DUMBBELLS),
        plates=tuple(Plates(_load(size, unit), count) for size, count in plates),
    )


def _load(value: Decimal | int, unit: Unit) -> Load:
    return Load(Decimal(canonical(Decimal(value))), unit)


class Course(NamedTuple):
    """Who trains what, where, for how long."""

    programme: str
    gym: Gym
    unit: Unit
    lifter: Lifter
    weeks: int = 52


class Asked(NamedTuple):
    """What is prescribed in a slot, with the draft that it was written from.

    ``before`` is the lever that the last session of the slot's track was asked with, those made lighter aside; None
    where there was none or no load was known then. ``performed`` are the loads of the last one. ``opening``: a session
    begins with it.
    """

    session: int
    opening: bool
    draft: Draft
    written: Prescription
    before: Decimal | None
    performed: frozenset[Decimal]

    @property
    def slot(self) -> PlannedSlot:
        """The slot."""
        return self.draft.due.slot

    @property
    def loading(self) -> Loading:
        """The loads that can be made: where nobody described the equipment, those that were used before too."""
        return self.slot.loading_for(self.draft.track)

    @property
    def work(self) -> list[PrescribedSet]:
        """The work sets asked for."""
        return [each for each in self.written.sets if each.kind != WARM_UP]


class Training:
    """A course being done."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self.rule_set: RuleSet = LIBRARY.rule_set(course.programme)
        default = LIBRARY.rule_set("default")
        plans = Plans({each.digest: each for each in (self.rule_set, default)})
        state = LifterState(ENGINE_VERSION)
        state.shared.unit = course.unit
        state.shared.default_digest = default.digest
        self.fold = Fold(state, plans)
        self._now: Instant = MONDAY
        self._version = 0
        self._before: dict[str, Decimal | None] = {}
        self._performed: dict[str, frozenset[Decimal]] = {}
        days = self.rule_set.programme.days
        self._exercises = () if days else EXERCISES
        self._per_week = min(max(3, len(days)), 6)

    def train(self) -> Iterator[Asked]:
        """Train: what is asked for when a session begins, and what of its tracks when it is over."""
        unit, programme = self._course.unit, self.rule_set.programme
        self._log(
            ProfileChanged(
                unit=unit, body_weight=_load(body_weight(unit), unit), equipment=equipment(self._course.gym, unit)
            )
        )
        if programme.days:
            self._log(ProgrammeAssigned(programme.id, self.rule_set.digest, {}))
        used = {slot.exercise for day in programme.days for slot in day.slots} or EXERCISES
        for name in sorted(name for name in used if name):
            exercise = self.rule_set.exercises[name]
            if exercise.measure == "reps" and exercise.load != "added":
                self._log(BaselineSet(name, one_rep_max=_load(_first_load(exercise, unit), unit)))
        away = 0
        for number in range(1, self._course.weeks * self._per_week + 1):
            if self._course.lifter == "failing" and number % _AWAY_AFTER == 0:
                away += _AWAY
            week, of_week = divmod(number - 1, self._per_week)
            self._now = MONDAY + (7 * week + of_week * 7 // self._per_week + away) * DAY
            yield from self._session(number)

    def _session(self, number: int) -> Iterator[Asked]:
        prescriber = Prescriber(self.fold.duplicate(), self._now)
        due = [prescriber.due(each) for each in self._exercises] or prescriber.next_session()
        asked = []
        for slot_due in due:
            asked.append(self._asked(number, prescriber, prescriber.draft(slot_due), opening=True))
            yield asked[-1]
        tracks = {each.slot.track for each in asked if each.work}
        for each in reversed(asked):
            adjusted = each.draft.track.adjusted
            if each.work and (adjusted is None or min(adjusted[1:]) >= 100):  # all of the session is left
                self._before[each.slot.track] = each.draft.track.lever
        lifted: dict[str, set[Decimal]] = {track: set() for track in tracks}
        for each in asked:
            lifted.setdefault(each.slot.track, set()).update(self._perform(number, each))
        self._performed.update({track: frozenset(loads) for track, loads in lifted.items()})
        self._log(SessionCompleted(f"session-{number}"))
        prescriber = Prescriber(self.fold.duplicate(), self._now)
        for following in prescriber.every_slot():
            if following.slot.track in tracks:
                yield self._asked(number, prescriber, prescriber.draft(following), opening=False)

    def _asked(self, number: int, prescriber: Prescriber, draft: Draft, *, opening: bool) -> Asked:
        track = draft.due.slot.track
        written = prescriber.written("lifter", draft)
        before, performed = self._before.get(track), self._performed.get(track, frozenset())
        return Asked(number, opening, draft, written, before, performed)

    def _perform(self, number: int, asked: Asked) -> Iterator[Decimal]:
        """Do a slot's sets, each as it is asked for once those before it are known; the loads lifted."""
        slot = asked.slot
        sets = [each for each in asked.draft.raw if each.kind != WARM_UP]
        for done in range(_MOST_SETS):
            if slot.after_set and done:
                sets = list(self.fold.tracks.raw_sets(slot, self.fold.tracks.of(slot)))
            if done >= len(sets):
                return
            performed = self._set(number, slot, sets[done])
            self._log(performed)
            yield performed.load.value

    def _set(self, number: int, slot: PlannedSlot, raw: RawSet) -> SetLogged:
        exercise = slot.exercise
        loading = slot.loading_for(self.fold.tracks.of(slot))
        load = _first_choice(slot, self._course.unit) if raw.load is None else loading.round(raw.load)
        low, high = raw.reps or raw.seconds or (5, 5)
        kind: Literal["amrap", "work"] = "amrap" if raw.kind == "amrap" else "work"
        best = high + _BEYOND if kind == "amrap" else high
        lifter: Lifter = self._course.lifter
        if lifter == "failing":
            lifter = _CHANGING[number % len(_CHANGING)]
        amount = {"best": best, "least": low, "failing": max(low - 2, 1)}[lifter]
        rir = None if raw.rir is None else Decimal(raw.rir[1] + 2 if lifter == "best" else raw.rir[0])
        timed = slot.measure == "seconds"
        return SetLogged(
            exercise.id,
            _load(load, self._course.unit),
            reps=None if timed else amount,
            seconds=amount if timed else None,
            rir=None if timed else rir,
            kind=kind,
            session_id=f"session-{number}",
            slot=slot.id,
        )

    def _log(self, data: EventData) -> None:
        self._now += _BETWEEN_SETS
        self._version += 1
        shared = self.fold.state.shared
        shared.version = self._version
        event = Event(f"e{self._version}", data.schema_version, self._now, self._now, "course", data)
        self.fold.apply_all([(self._version, event)])


def _first_load(exercise: Exercise, unit: Unit) -> Decimal:
    """The one-rep max to begin with."""
    return step_of(exercise, unit) * 20


def _first_choice(slot: PlannedSlot, unit: Unit) -> Decimal:
    """What to begin with where no load is prescribed."""
    if slot.exercise.load == "added" or slot.measure == "seconds":
        helped = "assisted" in slot.exercise.id
        return slot.loading.round(step_of(slot.exercise, unit) * (-6 if helped else 0))
    return slot.loading.round(step_of(slot.exercise, unit) * 10)
