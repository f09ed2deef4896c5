"""A load that is more likely a slip of the finger counts as done as asked, no more: case 16 of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.events import BaselineSet
from service.domain.loads import Load, Unit
from service.domain.prescription import Prescription
from tests.support.training import LIBRARY, Lifter, rule_set_of

PROGRAMMES = sorted(
    name
    for name, programme in LIBRARY.programmes.items()
    if any(slot.exercise == "deadlift" for day in programme.days for slot in day.slots)
)


def substance(asked: Prescription) -> object:
    return asked.outcome, asked.sets, asked.because


def deadlifting(programme: str, unit: Unit, *, sessions: int = 3) -> Lifter:
    """Sessions in which what a programme asks of the deadlift was done, slot by slot."""
    lifter = Lifter(unit).follows(rule_set_of({}, programme))
    lifter.logs(BaselineSet("deadlift", one_rep_max=Load(Decimal(140), unit)))
    for _ in range(sessions):
        does_as_asked(lifter)
    return lifter


def does_as_asked(lifter: Lifter, *, slip: Decimal = Decimal(1)) -> None:
    """Do the sets that are asked of the next deadlift, of the first work set's load so many times as much."""
    asked = lifter.next("deadlift")
    sets = [each for each in asked.sets if each.kind != "warmup"]
    for number, each in enumerate(sets):
        assert each.reps is not None
        known = Decimal(90) if each.load is None else each.load.value
        load = known * (slip if number == 0 else 1)
        kind = "amrap" if each.kind == "amrap" else "work"
        lifter.does("deadlift", f"{load}x{each.reps.min}", kind=kind, slot=asked.slot)
    lifter.ends().rests(days=2)


@pytest.mark.parametrize("unit", ["kg", "lb"])
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_case_16_a_slip_of_a_digit_counts_as_done_as_asked(programme: str, unit: Unit) -> None:
    right, typed = deadlifting(programme, unit), deadlifting(programme, unit)
    does_as_asked(right)
    does_as_asked(typed, slip=Decimal(10))
    assert substance(typed.next("deadlift")) == substance(right.next("deadlift"))
    memory, other = (each.state().exercises.get("deadlift") for each in (right, typed))
    assert memory is not None
    assert other is not None
    assert max(other.rep_maxes) <= max(memory.rep_maxes)
    assert other.best_e1rm is not None
    assert memory.best_e1rm is not None
    assert other.best_e1rm <= memory.best_e1rm
    assert other.estimates == memory.estimates


def default(*sessions: str) -> Lifter:
    """Sessions of one set of deadlifts each, without a programme."""
    lifter = Lifter("kg")
    for text in sessions:
        lifter.does("deadlift", text).ends().rests(days=2)
    return lifter


def asked(lifter: Lifter) -> Decimal:
    load = lifter.next("deadlift").sets[-1].load
    assert load is not None
    return load.value


def test_case_16_846_for_84_6_changes_nothing() -> None:
    assert asked(default(*["84.6x5"] * 3, "846x5")) == asked(default(*["84.6x5"] * 4)) < 90


def test_case_16_nothing_is_an_outlier_among_the_first_three() -> None:
    assert asked(default(*["20x5"] * 2, "100x5")) == 100


def test_case_16_another_session_confirms_it() -> None:
    assert asked(default(*["40x5"] * 3, "100x5")) == 40
    assert asked(default(*["40x5"] * 3, "100x5", "100x5")) == 100
    assert asked(default(*["40x5"] * 3, "100x5", "40x5", "100x5")) == 40, "what came between took it back"
    assert asked(default(*["40x5"] * 3, "846x5", "100x5")) == 40, "two slips that are not alike confirm nothing"


def test_case_16_a_slip_that_arrives_late_is_judged_where_it_occurred() -> None:
    lifter = default(*["84.6x5"] * 3)
    lifter.rests(days=2).does("deadlift", "84.6x5").ends()
    lifter.does("deadlift", "846x5", at=lifter.now - 36 * 3_600 * 1_000_000)
    assert asked(lifter) == asked(default(*["84.6x5"] * 3, "846x5", "84.6x5"))
    assert asked(lifter) < 90
