"""The default on equipment with large gaps, in both units: who does all that is asked for is not kept waiting."""

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.loads import Load, Unit
from tests.support.training import Lifter


def loads(unit: Unit, *values: str) -> tuple[Load, ...]:
    return tuple(Load(Decimal(value), unit) for value in values)


def coarse(unit: Unit) -> dict[str, Equipment | None]:
    step = "5" if unit == "kg" else "10"
    (one,) = loads(unit, step)
    plates = tuple(
        Plates(each, 20) for each in loads(unit, *(("20", "10", "5") if unit == "kg" else ("45", "25", "10")))
    )
    return {
        "stack": Equipment(stack=one),
        "dumbbells": Equipment(dumbbells=loads(unit, "5", "10", "15", "20", "30", "40")),
        "plates": Equipment(plates=plates),
        "house": None,
    }


@pytest.mark.parametrize("unit", ["kg", "lb"])
@pytest.mark.parametrize(
    ("kind", "exercise", "start"),
    [
        ("stack", "cable-row", "40"),
        ("stack", "lat-pulldown", "60"),
        ("dumbbells", "dumbbell-curl", "10"),
        ("dumbbells", "dumbbell-bench-press", "15"),
        ("plates", "bench-press", "65"),
        ("house", "bench-press", "65"),
        ("house", "lateral-raise", "5"),
    ],
)
def test_the_top_of_what_is_asked_for_is_enough_and_what_is_told_is_done(
    unit: Unit, kind: str, exercise: str, start: str
) -> None:
    lifter = Lifter(unit)
    lifter.profile(unit=unit, equipment=coarse(unit)[kind])
    lifter.does(exercise, *[f"{start}x8"] * 3).ends().rests(days=2)
    asked = lifter.next(exercise)
    for _ in range(12):
        first = asked.sets[0]
        assert first.load is not None
        assert first.reps is not None
        lifter.does(exercise, *[f"{first.load.value}x{int(first.reps.max)}"] * len(asked.sets)).ends().rests(days=2)
        before, asked = asked, lifter.next(exercise)
        heavier = asked.sets[0].load
        assert heavier is not None
        if kind == "dumbbells" and first.load.value == 40:
            assert heavier.value == 40
            assert asked.outcome == "hold"
            assert asked.because[-1].endswith("or your equipment makes something heavier.")
        else:
            assert heavier.value > first.load.value, (before, asked)
            assert asked.outcome == "raise"


@pytest.mark.parametrize(("one", "other"), [("100x5", "100x5"), ("60x12", "62.5x9")])
def test_the_same_in_either_unit(one: str, other: str) -> None:
    """Loads that are a multiple of the steps of both units come out as many of them heavier."""
    answers = []
    for unit in ("kg", "lb"):
        lifter = Lifter(unit)
        for session in (one, other, other):
            lifter.does("cable-crunch", *[session] * 3).ends().rests(days=2)
        answers.append([(each.reps, each.index) for each in lifter.next("cable-crunch").sets])
    assert answers[0] == answers[1]
