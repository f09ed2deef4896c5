"""Plates that few gyms have are opted into: case 23 of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.loads import Unit
from service.domain.prescription import Prescription
from tests.support.training import Lifter, loads, rule_set_of

PROGRAMMES = ["stronglifts", "gzclp", "greyskull", "ice-cream-fitness"]


def does(lifter: Lifter, asked: Prescription) -> None:
    """Do the work sets that are asked, as asked."""
    for each in asked.sets:
        if each.kind != "warmup":
            assert each.load is not None
            assert each.reps is not None
            kind = "amrap" if each.kind == "amrap" else "work"
            lifter.does(asked.exercise, f"{each.load.value}x{each.reps.min}", kind=kind)


def work(lifter: Lifter) -> list[str | None]:
    """The loads of the bench press' work sets."""
    asked = lifter.next("bench-press")
    return [load for each, load in zip(asked.sets, loads(asked), strict=True) if each.kind != "warmup"]


@pytest.mark.parametrize(("unit", "raw", "house", "small"), [("kg", "76", "75", "76"), ("lb", "187.5", "185", "187.5")])
def test_case_23_small_plates_are_opted_into(unit: Unit, raw: str, house: str, small: str) -> None:
    lifter = Lifter(unit).baseline("bench-press", f"{raw} {unit}")
    assert set(work(lifter)) == {house}
    assert set(work(lifter.owns_small_plates())) == {small}


@pytest.mark.parametrize(("unit", "start", "grid"), [("kg", "60", "2.5"), ("lb", "135", "5")])
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_case_23_no_house_barbell_is_asked_for_between_its_plates(
    programme: str, unit: Unit, start: str, grid: str
) -> None:
    lifter = Lifter(unit).follows(rule_set_of({}, programme))
    for exercise in ("squat", "bench-press", "deadlift"):
        lifter.baseline(exercise, f"{start} {unit}")
    for _ in range(6):
        for asked in lifter.next_session():
            if asked.exercise in ("squat", "bench-press", "deadlift"):
                assert all(Decimal(load) % Decimal(grid) == 0 for load in loads(asked) if load is not None)
                does(lifter, asked)
        lifter.ends().rests(days=2)


def test_case_23_small_increases_add_up_to_the_next_load_and_say_so() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "greyskull")).baseline("bench-press", "60 kg").rests(days=1)
    told, reasons = [], []
    for _ in range(3):
        asked = lifter.next("bench-press")
        told.append((work(lifter)[0], asked.outcome))
        reasons.append(asked.because[-1])
        does(lifter, asked)
        lifter.ends().rests(days=2)
    assert told == [("60", "start"), ("60", "hold"), ("62.5", "raise")]  # 1.25 kg each time
    assert reasons[1] == (
        "That comes to 61.25 kg, which rounds to what was asked before; "
        "the next heavier load that your equipment has is 2.5 kg away."
    )
    assert reasons[2] == "5 reps in the last set at 60 kg: 62.5 kg next."
