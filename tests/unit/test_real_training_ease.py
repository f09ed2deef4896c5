"""Nobody is asked for less than they did with ease because of a cap: case 15 of real training, under the default."""

from __future__ import annotations

import pytest

from service.domain.loads import Unit
from tests.support.training import LIBRARY, Lifter


def asked(lifter: Lifter, exercise: str) -> list[str]:
    """The sets to do: ``0x50-52``, ``0x180s``."""
    texts = []
    for each in lifter.next(exercise).sets:
        load = "?" if each.load is None else f"{each.load.value}"
        amount = each.reps or each.seconds
        assert amount is not None
        ends = f"{amount.min}" if amount.min == amount.max else f"{amount.min}-{amount.max}"
        texts.append(f"{load}x{ends}{'s' if each.seconds else ''}")
    return texts


def trained(exercise: str, *sets: str, sessions: int = 1, unit: Unit = "kg") -> Lifter:
    """Sessions of the same sets, two days apart."""
    lifter = Lifter(unit)
    for _ in range(sessions):
        lifter.does(exercise, *sets).ends().rests(days=2)
    return lifter


WITH_EASE = {
    "a plank": ("plank", ["0x180s"], ["0x180s"]),
    "three planks": ("plank", ["0x180s"] * 3, ["0x180s"] * 3),
    "a run, of an id that no catalogue knows": ("running", ["0x1800s"], ["0x1800s"]),
    "a run": ("running-treadmill", ["0x1800s"], ["0x1800s"]),
    "push-ups": ("push-up", ["0x50"] * 3, ["0x50"] * 3),
    "push-ups, fewer each time": ("push-up", ["0x60", "0x50", "0x40"], ["0x40"] * 3),
    "with a light load, before a large step": ("leg-press", ["20x60"] * 2, ["20x60-62"] * 2),
    "a loaded hold": ("farmers-walk", ["40x240s"] * 2, ["40x240s"] * 2),
}


@pytest.mark.parametrize("sessions", [1, 2, 4])
@pytest.mark.parametrize("unit", ["kg", "lb"])
@pytest.mark.parametrize(("exercise", "done", "then"), WITH_EASE.values(), ids=WITH_EASE)
def test_case_15_nobody_is_asked_for_less_than_they_did(
    exercise: str, done: list[str], then: list[str], unit: Unit, sessions: int
) -> None:
    assert asked(trained(exercise, *done, sessions=sessions, unit=unit), exercise) == then


@pytest.mark.parametrize("reps", [1, 12, 29, 30, 31, 32, 33, 50, 100, 999, 1000])
@pytest.mark.parametrize("exercise", ["push-up", "sit-up", "an-exercise-of-my-own"])
def test_case_15_repetitions_without_a_load_are_asked_for_again_whatever_their_number(exercise: str, reps: int) -> None:
    lifter = trained(exercise, *[f"0x{reps}"] * 3)
    for _ in range(3):
        sets = lifter.next(exercise).sets
        assert len(sets) == 3
        assert all(each.reps is not None and reps <= each.reps.max for each in sets)
        assert all(each.reps is not None and each.reps.min >= min(reps, 8) for each in sets)
        lifter.does(exercise, *[f"0x{reps}"] * 3).ends().rests(days=2)


@pytest.mark.parametrize("seconds", [1, 19, 20, 118, 119, 120, 121, 180, 3600, 86_400])
def test_case_15_a_hold_is_asked_for_as_long_whatever_its_length(seconds: int) -> None:
    lifter = trained("plank", *[f"0x{seconds}s"] * 2)
    for _ in range(3):
        assert all(each.seconds is not None and each.seconds.min >= seconds for each in lifter.next("plank").sets)
        lifter.does("plank", *[f"0x{seconds}s"] * 2).ends().rests(days=2)


def test_case_15_who_does_more_than_any_cap_is_asked_for_it_from_then_on() -> None:
    lifter = trained("plank", "0x180s").does("plank", "0x200s").ends().rests(days=2)
    assert asked(lifter, "plank") == ["0x200s"]
    lifter = trained("push-up", *["0x50"] * 3).does("push-up", *["0x60"] * 3).ends().rests(days=2)
    assert asked(lifter, "push-up") == ["0x60"] * 3


REPEATED = sorted(
    exercise.id
    for exercise in LIBRARY.exercises.values()
    if exercise.category in ("cardio", "stretching") and exercise.measure == "seconds"
)


@pytest.mark.parametrize("exercise", REPEATED[:: len(REPEATED) // 20])
def test_case_15_cardio_and_stretching_are_repeated_not_progressed(exercise: str) -> None:
    lifter = trained(exercise, "0x30s", "0x40s", sessions=3)
    assert asked(lifter, exercise) == ["0x30s"] * 2
    lifter.does(exercise, "0x1200s").ends().rests(days=2)
    assert asked(lifter, exercise) == ["0x1200s"]
    lifter.does(exercise, "0x900s").ends().rests(days=2)
    assert asked(lifter, exercise) == ["0x900s"]


def test_case_15_a_hold_for_strength_is_progressed() -> None:
    assert asked(trained("plank", "0x30s", "0x30s", sessions=2), "plank") == ["0x35s"] * 2
