"""What a screen shows beside a prescription: it follows from the prescription and the rules, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from service.domain.counting import Counting
from service.domain.equipment import HOUSE_BAR, HOUSE_EZ_BAR
from service.domain.loads import Load
from service.domain.prescription import PrescribedSet, Prescription, Range, ShownLoad
from service.engine.prescribe.display import ShownDay, ShownPrescription
from tests.support.training import DAY, LIBRARY, Lifter, a_set, rule_set_of

_WITH_DAYS = sorted(name for name, programme in LIBRARY.programmes.items() if programme.days)


def shown(lifter: Lifter, exercise: str) -> ShownPrescription:
    asked = lifter.asked()
    return asked.shown("lifter", asked.due(exercise))


def session_shown(lifter: Lifter) -> Iterator[tuple[Prescription, ShownPrescription]]:
    """Each slot of the next session, as prescribed and as a screen shows it."""
    asked = lifter.asked()
    for due in asked.next_session():
        yield asked.prescription("lifter", due)[0], asked.shown("lifter", due)


def trained(programme: str) -> Lifter:
    """Somebody who has done a session of a programme as asked."""
    lifter = Lifter().follows(rule_set_of({}, programme))
    exercises = {slot.exercise for day in LIBRARY.programmes[programme].days for slot in day.slots if slot.exercise}
    for exercise in sorted(exercises):
        lifter.baseline(exercise, "135 lb")
    for prescription in lifter.next_session():
        for each in prescription.sets:
            if each.reps is not None and each.load is not None:
                lifter.does(prescription.exercise, f"{each.load.value}x{int(each.reps.max)}")
    return lifter.ends().rests(days=2)


@pytest.mark.parametrize("programme", _WITH_DAYS)
def test_a_screen_shows_what_is_prescribed(programme: str) -> None:
    due = [*session_shown(trained(programme))]
    assert due
    for bare, full in due:
        assert [
            PrescribedSet(*(getattr(each, name) for name in PrescribedSet.__struct_fields__)) for each in full.sets
        ] == [*bare.sets]
        assert tuple(reason.text for reason in full.reasons) == bare.because
        assert [each.position for each in full.sets] == list(range(1, len(bare.sets) + 1))
        assert all(each.amrap == (each.kind == "amrap") for each in full.sets)
        assert full.display.day is not None
        assert full.slot.startswith(f"{full.display.day.id}/")
        for reason in full.reasons:
            assert re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", reason.code)
        for each in full.sets:
            if each.plates is not None:
                assert each.load is not None
                bars = HOUSE_EZ_BAR if LIBRARY.exercises[full.exercise].equipment == "ez-bar" else HOUSE_BAR
                assert bars[each.load.unit] + 2 * sum(plate.value for plate in each.plates) == each.load.value
                assert [plate.value for plate in each.plates] == sorted((p.value for p in each.plates), reverse=True)


def test_a_rule_that_fired_is_told_by_its_code_and_values() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb").does("deadlift", "225x6")
    (reason,) = shown(lifter, "deadlift").reasons
    assert (reason.code, reason.overruled) == ("double-progression/top-of-range", False)
    assert reason.text == "6 reps at 225 lb is the top of 4-6: 235 lb next."
    values = [*reason.values.values()]
    assert 6 in values
    assert ShownLoad(Decimal(225), "lb") in values
    assert Range(4, 6) in values
    assert ShownLoad(Decimal(235), "lb") in values


def test_an_empty_bar_has_no_plates_and_a_dumbbell_no_word_of_them() -> None:
    lifter = Lifter("kg").baseline("bench-press", "20 kg").baseline("dumbbell-bench-press", "20 kg")
    assert {each.plates for each in shown(lifter, "bench-press").sets} == {()}
    assert {each.plates for each in shown(lifter, "dumbbell-bench-press").sets} == {None}


def test_what_nobody_has_logged_says_that_no_load_is_known() -> None:
    answer = shown(Lifter().follows("upper-back"), "deadlift")
    assert [(each.code, each.values) for each in answer.reasons] == [("spotter/no-load-known", {})]
    assert answer.display.title == "Deadlift"
    assert answer.display.cues
    assert answer.display.target


def test_the_week_and_cycle_are_those_of_the_session_that_is_shown() -> None:
    lifter = Lifter().follows(rule_set_of({}, "boring-but-big"))
    for exercise in ("squat", "bench-press", "deadlift", "overhead-press"):
        lifter.baseline(exercise, "135 lb")
    days = []
    for _ in range(18):
        asked = lifter.next_session()
        (day,) = {full.display.day for _, full in session_shown(lifter)}
        days.append(day)
        for prescription in asked:
            lifter.does(prescription.exercise, "135x5", slot=prescription.slot)
        lifter.ends()
        lifter.now += 2 * DAY
    first = LIBRARY.programmes["boring-but-big"].days[0]
    rounds = len(LIBRARY.programmes["boring-but-big"].days)
    assert [(day.week, day.cycle) for day in days if day] == [
        (number // rounds % 4 + 1, number // rounds // 4 + 1) for number in range(18)
    ]
    assert days[0] == ShownDay(first.id, first.title, 1, 1)


def test_without_days_none_is_named() -> None:
    assert shown(Lifter().does("squat", "225x5").rests(days=2), "squat").display.day is None


def test_loads_plates_and_values_are_as_the_lifter_counts_them() -> None:
    """A bar that is not counted, in pounds, of somebody who trains in kilograms."""
    lifter = Lifter("kg").profile(
        unit="kg", counting={"bench-press": Counting(unit="lb", uncounted=Load(Decimal(45), "lb"))}
    )
    lifter.logs(a_set("bench-press", "90x8", "lb"))
    lifter.rests(days=2)
    answer = shown(lifter, "bench-press")
    for each in answer.sets:
        assert each.load is not None
        assert each.plates is not None
        assert each.load.unit == "lb"
        assert 2 * sum(plate.value for plate in each.plates) == each.load.value
    assert {
        value.unit for said in answer.reasons for value in said.values.values() if isinstance(value, ShownLoad)
    } == {"lb"}
    assert answer.reasons[-1].code == "spotter/uncounted"
