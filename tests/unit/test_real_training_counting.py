"""What lifters do not count, and exercises loaded in a unit of their own: case 17 of real training."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, partial
from typing import Final

import pytest

from service.domain.counting import Counting
from service.domain.equipment import Equipment, Plates
from service.domain.events import BaselineSet
from service.domain.loads import Load, Unit
from service.domain.prescription import Prescription
from service.engine.derive.why import why
from tests.support.training import Lifter, a_set, load, loads, rule_set_of

rules_of = cache(partial(rule_set_of, {}))
OTHER: Final[dict[Unit, Unit]] = {"kg": "lb", "lb": "kg"}
SESSIONS: Final = 8

UNCOUNTED: Final[dict[str, tuple[str, dict[Unit, str]]]] = {
    "barbell": ("barbell-row", {"kg": "20", "lb": "45"}),
    "ez-bar": ("ez-bar-curl", {"kg": "10", "lb": "20"}),
    "machine": ("leg-press", {"kg": "30", "lb": "60"}),
    "plates": ("hack-squat", {"kg": "45", "lb": "100"}),
    "dumbbell": ("dumbbell-bench-press", {"kg": "2", "lb": "5"}),
}
"""By kind of equipment an exercise, and a load that the grid of the whole loads keeps when it is taken off."""


def _coarse(large: str, small: str, step: str) -> Equipment:
    return Equipment(plates=(Plates(load(large), 8), Plates(load(small), 4)), stack=load(step))


EQUIPMENT: Final[dict[str, dict[Unit, Equipment | None]]] = {
    "house": {"kg": None, "lb": None},
    "coarse": {"kg": _coarse("20 kg", "5 kg", "5 kg"), "lb": _coarse("45 lb", "10 lb", "10 lb")},
}
BOTH_UNITS: Final = pytest.mark.parametrize("unit", ["kg", "lb"])
PROGRAMMES: Final = ["default", "upper-back", "stronglifts", "madcow"]


def does(lifter: Lifter, asked: Prescription, *, off: int = 0) -> None:
    """Do the work sets that are asked, in the unit that they are asked in; ``off`` so many repetitions."""
    for each in asked.sets:
        if each.kind != "warmup":
            assert each.load is not None
            assert each.reps is not None
            kind = "amrap" if each.kind == "amrap" else "work"
            done = f"{each.load.value}x{max(0, int(each.reps.max) - off)}"
            lifter.logs(a_set(asked.exercise, done, each.load.unit, kind=kind))


def less(asked: Prescription, uncounted: str) -> list[str]:
    """The loads asked for, without what is not counted."""
    return [str(Decimal(each or 0) - Decimal(uncounted)) for each in loads(asked)]


def test_case_17_a_row_logged_without_its_bar_is_prescribed_without_it() -> None:
    lifter = Lifter("kg").profile(counting={"barbell": Counting(uncounted=load("20 kg"))})
    for _ in range(3):
        lifter.does("barbell-row", "40x5", "40x5", "40x5").ends().rests(days=3)
    asked = lifter.next("barbell-row")
    assert lifter.track("barbell-row").lever == 60, "rules know what is lifted"
    assert loads(asked) == ["40", "40", "40"]
    assert asked.because[-1] == "These loads include 20 kg that you do not count."
    assert any("60 kg" in reason for reason in asked.because)
    chain = lifter.derivation(asked)["sets"][0]
    assert [chain[name] for name in ("raw", "rounded")] == [{"value": "40", "unit": "kg"}] * 2
    assert chain["uncounted"] == {"value": "20", "unit": "kg"}
    assert why(lifter.derivation(asked))


def test_case_17_warm_ups_and_shares_are_of_what_is_lifted() -> None:
    lifter = Lifter("kg").profile(counting={"barbell": Counting(uncounted=load("20 kg"))})
    lifter.follows(rules_of("stronglifts")).baseline("squat", "80 kg")
    whole = Lifter("kg").follows(rules_of("stronglifts")).baseline("squat", "100 kg")
    assert loads(lifter.next("squat")) == less(whole.next("squat"), "20")
    assert loads(lifter.next("squat"))[0] == "0", "the empty bar"


@pytest.mark.parametrize("gym", EQUIPMENT)
@pytest.mark.parametrize("kind", UNCOUNTED)
@BOTH_UNITS
def test_case_17_uncounted_loads_change_what_is_said_and_nothing_else(unit: Unit, kind: str, gym: str) -> None:
    exercise, uncounted = UNCOUNTED[kind][0], UNCOUNTED[kind][1][unit]
    equipment = EQUIPMENT[gym][unit]
    whole = Lifter(unit).profile(unit=unit, equipment=equipment)
    said = {exercise: Counting(uncounted=load(f"{uncounted} {unit}"))}
    counted = Lifter(unit).profile(unit=unit, equipment=equipment, counting=said)
    whole.logs(BaselineSet(exercise, one_rep_max=load(f"200 {unit}"), load=None))
    counted.logs(BaselineSet(exercise, one_rep_max=Load(200 - Decimal(uncounted), unit)))
    begun = Decimal(uncounted) + (80 if kind != "dumbbell" else 20)
    for number in range(SESSIONS):
        for each, first in ((whole, begun), (counted, begun - Decimal(uncounted))):
            if number == 0:
                each.does(exercise, *[f"{first}x10"] * 3)
            else:
                does(each, each.next(exercise), off=3 if number == 4 else 0)
            each.ends().rests(days=3)
        assert loads(counted.next(exercise)) == less(whole.next(exercise), uncounted), number
        assert counted.next(exercise).outcome == whole.next(exercise).outcome
        assert counted.track(exercise).lever == whole.track(exercise).lever


@pytest.mark.parametrize("programme", PROGRAMMES)
@BOTH_UNITS
def test_case_17_an_exercise_has_steps_plates_and_words_of_its_own_unit(unit: Unit, programme: str) -> None:
    mine = Lifter(OTHER[unit]).profile(unit=OTHER[unit], counting={"barbell": Counting(unit=unit)})
    theirs = Lifter(unit).profile(unit=unit)
    exercise = "deadlift" if programme == "upper-back" else "squat"
    for each in (mine, theirs):
        each.follows(rules_of(programme)).baseline(exercise, f"100 {unit}").rests(days=1)
    for number in range(SESSIONS):
        for each in (mine, theirs):
            does(each, each.next(exercise), off=2 if number == 4 else 0)
            each.ends().rests(days=3)
        one, other = mine.next(exercise), theirs.next(exercise)
        assert one.sets == other.sets, number
        assert (one.outcome, one.because) == (other.outcome, other.because)


@BOTH_UNITS
def test_case_17_kettlebells_in_one_unit_and_plates_in_the_other(unit: Unit) -> None:
    bells = Equipment(kettlebells=tuple(Load(Decimal(size), unit) for size in (16, 24, 32)))
    lifter = Lifter(OTHER[unit]).profile(
        unit=OTHER[unit], equipment=bells, counting={"kettlebell": Counting(unit=unit), "goblet-squat": Counting()}
    )
    for _ in range(4):
        for _ in range(3):
            lifter.logs(a_set("goblet-squat", "16x12", unit))
        lifter.does("squat", *["100x5"] * 3).ends().rests(days=3)
    assert {(each.load.value, each.load.unit) for each in lifter.next("goblet-squat").sets if each.load} == {
        (Decimal(16), unit)
    }
    assert {each.load.unit for each in lifter.next("squat").sets if each.load} == {OTHER[unit]}


@pytest.mark.parametrize("unit", ["kg", "lb"])
def test_case_17_an_exercise_goes_before_its_equipment(unit: Unit) -> None:
    said = {"barbell": Counting(OTHER[unit], load("45 lb")), "squat": Counting(unit)}
    lifter = Lifter(unit).profile(unit=unit, counting=said)
    lifter.logs(a_set("squat", "100x5", unit))
    assert {each.load.unit for each in lifter.next("squat").sets if each.load} == {unit}
    assert lifter.track("squat").lever == 100 + load("45 lb").in_unit(unit)


def test_case_17_a_counting_holds_from_the_next_session_and_changes_nothing_before() -> None:
    lifter = Lifter("kg").does("barbell-row", *["60x5"] * 3).ends().rests(days=2)
    lifter.does("barbell-row", "60x5")
    asked = loads(lifter.next("barbell-row"))
    lifter.profile(counting={"barbell-row": Counting(uncounted=load("20 kg"))})
    assert loads(lifter.next("barbell-row")) == asked, "the open session goes on as it began"
    lifter.does("barbell-row", "60x5", "60x5").ends()
    before = lifter.track("barbell-row").lever
    assert loads(lifter.next("barbell-row")) == ["40", "40", "40"]
    lifter.rests(days=2).does("barbell-row", *["40x5"] * 3).ends()
    assert lifter.track("barbell-row").lever == before
    lifter.profile(counting={})
    assert loads(lifter.next("barbell-row")) == ["60", "60", "60"]


def test_case_17_who_has_always_counted_so_says_it_as_of_before_the_first_set() -> None:
    late, always = Lifter("kg").rests(days=1), Lifter("kg")
    said = {"barbell-row": Counting(uncounted=load("20 kg"))}
    always.profile(counting=said).rests(days=1)
    always.now = late.now
    for each in (late, always):
        for _ in range(3):
            each.does("barbell-row", *["40x5"] * 3).ends().rests(days=2)
    late.logs(always.log[0].data, at=always.log[0].occurred_at)
    assert loads(late.next("barbell-row")) == loads(always.next("barbell-row")) == ["40", "40", "40"]
    assert late.track("barbell-row").lever == always.track("barbell-row").lever == 60


def test_case_17_nothing_lighter_than_what_is_not_counted_is_asked_for() -> None:
    lifter = Lifter("kg").profile(counting={"leg-press": Counting(uncounted=load("30 kg"))})
    lifter.does("leg-press", *["2.5x3"] * 3).ends()
    for _ in range(6):
        lifter.rests(days=90)
        does(lifter, lifter.next("leg-press"), off=6)
        lifter.ends()
        assert all(Decimal(each or 0) >= 0 for each in loads(lifter.next("leg-press")))
