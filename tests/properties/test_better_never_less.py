"""Better never prescribes less, searched where proofs do not reach: the whole fold and what it prescribes.

A programme of the library, training by it to some state, and then one or two slots of a session done twice from there:
each set of the better performance with at least the load, repetitions and reserve of the other's, and both at or above
what was asked. `make laws` holds that it finds what a slip in a scheme breaks.
`pytest tests/properties/test_better_never_less.py --hypothesis-profile=long` tries many more, others each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, Self

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from service.domain.equipment import Equipment
from service.domain.events import (
    BaselineSet,
    Event,
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    SessionCompleted,
    SetLogged,
)
from service.domain.instants import DAY, Instant
from service.domain.loads import Load, Unit
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.prescribe.next_session import Prescriber
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.replay.arbitration import Firing
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.observer import FoldObserver
from service.engine.replay.state import LifterState
from service.engine.replay.track import Track
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.triggers import Trigger
from service.engine.version import ENGINE_VERSION
from tests.support.training import DEFAULT, LIBRARY, MINUTE, MONDAY

LONG: Final = settings.get_current_profile_name() == "long"
LAW: Final = settings(
    derandomize=not LONG,
    deadline=None,
    max_examples=10_000 if LONG else 80,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
RULE_SETS: Final = [LIBRARY.rule_set(name) for name in sorted(LIBRARY.programmes)]
WITHOUT_DAYS: Final = ("squat", "bench-press", "pull-up")
"""What is trained by a programme for whatever is logged."""

EQUIPMENTS: Final[dict[Unit, tuple[Equipment | None, ...]]] = {
    "kg": (None, Equipment(stack=Load(Decimal(5), "kg"), rounding="down")),
    "lb": (None, Equipment(stack=Load(Decimal(10), "lb"), rounding="nearest")),
}
MOST_SETS: Final = 12


class Searched:
    """Programmes, and the plans of them; no tuple, for Hypothesis writes out what strategies are given."""

    def __init__(self, rule_sets: Sequence[RuleSet]) -> None:
        self.rule_sets = rule_sets
        self.plans = Plans({each.digest: each for each in (*rule_sets, DEFAULT)})


class Watch(FoldObserver):
    """Whether a rule fired that is excepted from the law."""

    def __init__(self) -> None:
        self.excepted = False

    def for_duplicate(self) -> Self:
        """The same."""
        return self

    def rules_ended(self, trigger: Trigger, fired: Sequence[Firing], lost: frozenset[int], track: Track) -> None:  # noqa: ARG002 - as every observer
        """Look at what fired."""
        self.excepted = self.excepted or any(
            step.bound.scheme.rules[trigger][result[0]].exception is not None for step, result in fired
        )


class Extra(NamedTuple):
    """What a set has over the least that it is compared with: load, repetitions, reserve."""

    load: int
    reps: int
    rir: int


class Lifter:
    """A log through the real fold."""

    def __init__(self, fold: Fold, watch: Watch, unit: Unit, now: Instant, version: int) -> None:
        self.fold = fold
        self.watch = watch
        self.unit = unit
        self.now = now
        self.version = version

    def another(self) -> Lifter:
        """The same lifter once more, from here on."""
        return Lifter(self.fold.duplicate(), self.watch, self.unit, self.now, self.version)

    def logs(self, data: EventData) -> None:
        self.now += MINUTE
        self.version += 1
        shared = self.fold.state.shared
        shared.version = self.version - (not isinstance(data, SessionCompleted))
        event = Event(f"e{self.version}", data.schema_version, self.now, self.now, "test", data)
        self.fold.apply_all([(self.version, event)])
        shared.version = self.version

    def asked(self) -> Prescriber:
        return Prescriber(self.fold.duplicate(), self.now)

    def due_in(self, slot: str) -> Prescription:
        asked = self.asked()
        return asked.prescription("lifter", asked.due_in(slot))[0]

    def session(self) -> list[Prescription]:
        asked = self.asked()
        by_days = self.fold.rules.days
        due = asked.next_session() if by_days else [asked.due(exercise) for exercise in WITHOUT_DAYS]
        return [asked.prescription("lifter", each)[0] for each in due]

    def does(self, slot: Prescription, kind: str, load: Decimal, amount: int, rir: int | None) -> None:
        timed = slot.sets[-1].seconds is not None
        self.logs(
            SetLogged(
                slot.exercise,
                Load(load, self.unit),
                reps=None if timed else amount,
                seconds=amount if timed else None,
                rir=None if rir is None else Decimal(rir),
                kind="amrap" if kind == "amrap" else "work",
                slot=slot.slot,
            )
        )
        self.now += 2 * MINUTE

    def ends(self, days: int) -> None:
        self.logs(SessionCompleted())
        self.now += days * DAY


class Done(NamedTuple):
    """A set as performed."""

    load: Decimal
    amount: int
    rir: int | None


def perform(lifter: Lifter, slot: Prescription, least: Sequence[Done | None], extras: Sequence[Extra]) -> list[Done]:
    """Do as many sets as ``extras`` says, none under the load asked for it, and none under ``least``."""
    done: list[Done] = []
    asked = slot.sets[-1]
    for under, extra in zip(least, extras, strict=True):
        due = lifter.due_in(slot.slot)
        left = [each for each in due.sets if each.kind != WARM_UP]
        asked = left[0] if left and (not done or due.status == "in_session") else asked
        assert asked.load is not None
        load, amount, rir = asked.load.value, _least(asked), None
        if under is None:
            load, amount = max(load, load + extra.load), max(0, amount - 3 + extra.reps)
            rir = None if extra.rir < 0 else extra.rir
        else:
            load, amount = max(load, under.load + extra.load), under.amount + extra.reps
            rir = None if under.rir is None else min(10, under.rir + max(0, extra.rir))
        done.append(Done(load, amount, rir))
        lifter.does(slot, asked.kind, *done[-1])
    return done


def _least(asked: PrescribedSet) -> int:
    amount = asked.reps or asked.seconds
    assert amount is not None
    return int(amount.min)


@st.composite
def lifters(draw: st.DrawFn, searched: Searched) -> Lifter:
    """Somebody who has trained by one of several programmes, more or less as it asked."""
    rule_set = draw(st.sampled_from(searched.rule_sets))
    unit: Unit = draw(st.sampled_from(["kg", "lb"]))
    watch = Watch()
    lifter = Lifter(Fold(LifterState(ENGINE_VERSION), searched.plans, watch), watch, unit, MONDAY, 0)
    lifter.fold.state.shared.unit = unit
    lifter.fold.assume(DEFAULT.digest)
    lifter.logs(ProgrammeAssigned(rule_set.programme.id, rule_set.digest))
    lifter.logs(ProfileChanged(unit=unit, equipment=draw(st.sampled_from(EQUIPMENTS[unit]))))
    slots = [slot for day in rule_set.programme.days for slot in day.slots]
    for exercise in sorted({slot.exercise for slot in slots if slot.exercise}) or WITHOUT_DAYS:
        lifter.logs(BaselineSet(exercise, one_rep_max=Load(Decimal(draw(st.integers(40, 200))), unit)))
    for form in draw(st.lists(st.lists(st.integers(-3, 3), min_size=1, max_size=4), max_size=4)):
        for number, slot in enumerate(lifter.session()):
            _as_usual(lifter, slot, form[number % len(form)])
        lifter.ends(draw(st.sampled_from([1, 2, 3, 14])))
    return lifter


def _as_usual(lifter: Lifter, slot: Prescription, form: int) -> None:
    for each in slot.sets:
        if each.kind != WARM_UP and each.load is not None:
            lifter.does(slot, each.kind, each.load.value, max(0, _least(each) + form), None)


EXTRAS: Final = st.builds(
    Extra, st.sampled_from([0, 0, 0, 5, 20]), st.integers(0, 8), st.sampled_from([-1, -1, 0, 1, 3])
)
OVER: Final = st.builds(Extra, st.sampled_from([0, 0, 0, 5, 20]), st.sampled_from([0, 0, 1, 2, 8]), st.integers(0, 3))


def lines(prescription: Prescription) -> Iterator[tuple[tuple[str, int], Any]]:
    """The loads and repetitions asked for, by place."""
    for each in prescription.sets:
        amount = each.reps or each.seconds
        if each.kind != WARM_UP and each.load is not None and amount is not None:
            yield (each.kind, each.index), (each.load.value, amount.min, amount.max)


def is_less(more: Prescription, less: Prescription) -> str | None:
    """How the better performance's prescription is less than the other's."""
    others = dict(lines(less))
    for place, (load, low, high) in lines(more):
        if place in others and load < others[place][0] and low <= others[place][1] and high <= others[place][2]:
            return f"lighter: {place}"
    if more.outcome == "lower" != less.outcome:
        return "lowered"
    return "not raised" if less.outcome == "raise" != more.outcome else None


@st.composite
def compared(draw: st.DrawFn, searched: Searched) -> tuple[object, ...] | None:
    """Two performances from one state, and how the better one leads to less; None where it does not."""
    lifter = draw(lifters(searched))
    slots = [slot for slot in lifter.session() if slot.sets and slot.sets[-1].load is not None]
    assume(slots)
    chosen = draw(st.lists(st.sampled_from(slots), min_size=1, max_size=2, unique_by=lambda slot: slot.slot))
    worse, better = lifter.another(), lifter.another()
    lifter.watch.excepted = False
    done = []
    for slot in chosen:
        usual = sum(each.kind != WARM_UP for each in slot.sets)
        count = draw(st.integers(max(1, usual - 1), min(MOST_SETS, usual + 1)))
        less = perform(worse, slot, [None] * count, [draw(EXTRAS) for _ in range(count)])
        more = perform(better, slot, less, [draw(OVER) for _ in range(count)])
        done.append((slot.slot, less, more))
    worse.ends(2)
    better.ends(2)
    assume(not lifter.watch.excepted)
    for exercise in {slot.exercise: None for slot in chosen}:
        for each in worse.fold.rules.slots_of(exercise):
            after_less, after_more = worse.due_in(each.id), better.due_in(each.id)
            wrong = is_less(after_more, after_less)
            if wrong is not None:
                return wrong, done, after_less, after_more
    return None


@LAW
@given(compared(Searched(RULE_SETS)))
def test_of_two_performances_the_better_is_never_prescribed_less(wrong: tuple[object, ...] | None) -> None:
    assert wrong is None, wrong
