"""Walks of real training through the whole fold, logged without kinds, each with what must come out."""

from __future__ import annotations

import pytest

from service.domain.events import BaselineSet
from tests.support.training import Lifter, load
from tests.unit.test_real_training_sets import asked, following, on_stronglifts, outcome


def of_training_max(programme: str, exercise: str, kilograms: int) -> Lifter:
    """A lifter of a programme who has given a training max."""
    lifter = following(programme).owns_small_plates()
    lifter.logs(BaselineSet(exercise, training_max=load(f"{kilograms} kg")))
    return lifter


def slots(lifter: Lifter) -> dict[str, int]:
    """The work sets of the open session by slot."""
    return lifter.state().shared.session.slots


# StrongLifts


@pytest.mark.parametrize("ramp", [(), ("20x5", "40x5", "60x5", "80x5")])
def test_walk_stronglifts_two_sets_left_out_are_a_failure_and_the_ramp_is_none(ramp: tuple[str, ...]) -> None:
    lifter = on_stronglifts().does("squat", *ramp, *["100x5"] * 3).ends()
    assert asked(lifter, "squat") == ["100x5"] * 5
    assert lifter.next("squat").because == ("Failure 1 of 3 at 100 kg: the same again.",)


# Boring But Big

PRESS = ("16x5", "23.5x5", "31x3", "38.5x5", "45x5")
"""The press's ramp and its first two main sets, of a training max of 60 kg."""


def test_walk_bbb_press_ramp_main_sets_amrap_and_tens() -> None:
    lifter = of_training_max("boring-but-big", "overhead-press", 60)
    assert asked(lifter, "overhead-press", "press/main") == ["38.5x5", "45x5", "51x5"]
    for each, left in zip(PRESS, (3, 3, 3, 2, 1), strict=True):
        assert len(asked(lifter.does("overhead-press", each), "overhead-press", "press/main")) == left
    lifter.does("overhead-press", "51x9")
    assert lifter.next_session()[0].slot == "press/boring-but-big"
    lifter.does("overhead-press", *["30x10"] * 5)
    assert slots(lifter) == {"press/main": 3, "press/boring-but-big": 5}
    assert asked(lifter.ends(), "overhead-press", "press/main") == ["42.5x3", "47.5x3", "53.5x3"]
    assert lifter.next("overhead-press", "press/main").because == ("Week 1 of cycle 1 is done.",)


def test_walk_bbb_press_amrap_left_out_the_first_ten_is_none() -> None:
    lifter = of_training_max("boring-but-big", "overhead-press", 60)
    lifter.does("overhead-press", *PRESS, *["30x10"] * 5)
    assert slots(lifter) == {"press/main": 2, "press/boring-but-big": 5}
    assert asked(lifter.ends(), "overhead-press", "press/main") == ["42.5x3", "47.5x3", "53.5x3"]


# nSuns, Madcow, Texas Method


def test_walk_nsuns_nine_places_each_its_own_set_and_the_max_by_the_95_percent() -> None:
    lifter = of_training_max("nsuns", "squat", 100).does("bench-press", "60x8").ends().rests(days=1)
    nine = ["75x5", "85x3", "95x1", "90x3", "85x3", "80x3", "75x5", "70x5", "65x5"]
    later = ["78.5x5", "88.5x3", "100x1", "95x3", "88.5x3", "83.5x3", "78.5x5", "73.5x5", "68.5x5"]  # of 105
    assert asked(lifter, "squat", "squat/first") == nine
    for number, each in enumerate(["40x5", "60x3", "75x5", "85x3", "95x4", *nine[3:8], "65x8"], 1):
        lifter.does("squat", each)
        assert asked(lifter, "squat", "squat/first") == (nine[max(number - 2, 0) :] or later)
    assert slots(lifter) == {"squat/first": 9}
    assert asked(lifter.ends(), "squat", "squat/first") == later
    because = ("4 reps in set 3 at 95 kg: add 5 kg to the training max.",)
    assert lifter.next("squat", "squat/first").because == because


def test_walk_madcow_record_day_with_its_own_lighter_ramp_is_a_record() -> None:
    lifter = following("madcow").owns_small_plates()
    for exercise in ("squat", "bench-press", "barbell-row", "overhead-press", "deadlift"):
        lifter.baseline(exercise, "100 kg")
    for _ in range(2):
        for each in lifter.next_session():
            if "?" not in "".join(asked(lifter, each.exercise, each.slot)):
                lifter.does(each.exercise, *asked(lifter, each.exercise, each.slot), slot=each.slot)
        lifter.ends().rests(days=2)
    record_day = ["47.5x5", "65x5", "76x5", "88.5x5", "102.5x3", "76x8"]
    assert asked(lifter, "squat") == record_day
    lifter.does("squat", "20x5", "35x5", *record_day)
    assert slots(lifter) == {"heavy/squat": 6}
    assert (asked(lifter.ends(), "squat")[4], outcome(lifter, "squat")) == ("102.5x5", "raise")
    assert lifter.next("squat").because[0].startswith("3 reps at 102.5 kg are the week's record")


@pytest.mark.parametrize("ramp", [(), ("20x5", "40x5", "60x3")])
def test_walk_texas_volume_at_85_for_90_is_a_hold(ramp: tuple[str, ...]) -> None:
    lifter, slot = following("texas-method").baseline("squat", "100 kg"), "volume-bench/squat"
    assert asked(lifter, "squat", slot) == ["90x5"] * 5
    lifter.does("squat", *ramp, *["85x5"] * 5)
    assert (asked(lifter.ends(), "squat", slot), lifter.next("squat", slot).outcome) == (["90x5"] * 5, "hold")
    assert not any("ailure" in each for each in lifter.next("squat", slot).because)


# The default


def done_twice(exercise: str, *sets: str) -> Lifter:
    """The same sets in two sessions, under the default."""
    lifter = Lifter("kg")
    for _ in range(2):
        lifter.does(exercise, *sets).ends().rests(days=3)
    return lifter


@pytest.mark.parametrize("exercise", ["leg-extension", "bench-press", "squat", "some-exercise"])
@pytest.mark.parametrize("sets", [("50x12", "60x10", "70x8"), ("80x5", "72.5x7", "65x9"), ("80x8", "72.5x10", "65x12")])
def test_walk_default_pyramid_done_twice_is_asked(exercise: str, sets: tuple[str, ...]) -> None:
    """Also of a bench press, which goes up with the eight repetitions of the top set."""
    assert asked(done_twice(exercise, *sets), exercise) == list(sets)


def test_walk_default_pyramid_goes_up_as_a_whole() -> None:
    """Eight repetitions are where a bench press goes up."""
    lifter = done_twice("bench-press", "50x12", "60x10", "70x8").does("bench-press", "50x12", "60x10", "70x8").ends()
    assert asked(lifter, "bench-press") == ["52.5x12", "62.5x10", "72.5x6"]


def test_walk_default_sets_that_never_go_up_and_down_alike_go_up_too() -> None:
    lifter = Lifter("kg")
    for sets in (("60x10", "70x8"), ("70x8", "60x10", "60x9"), ("60x12", "65x9", "70x8")):
        lifter.does("bench-press", *sets).ends().rests(days=3)
    assert lifter.next("bench-press").outcome == "raise"


@pytest.mark.parametrize("sets", [("50x5", "55x5", "60x5"), ("60x5", "80x5", "100x3", "110x3")])
def test_case_03_a_ramp_to_a_top_set_is_asked_as_it_is_done(sets: tuple[str, ...]) -> None:
    wanted = [each for each in sets if float(each.split("x")[0]) > 0.7 * float(sets[-1].split("x")[0])]
    assert asked(done_twice("squat", *sets), "squat")[-len(wanted) :] == wanted


# Upper back


def test_walk_upper_back_225_235_230_and_next_230() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    walk = [("135x5", "225x4"), ("225x6", "235x4"), ("235x3", "230x4"), ("230x5", "230x4"), ("185x10", "230x4")]
    for done, next_one in walk:
        assert asked(lifter.does("deadlift", done), "deadlift")[0] == next_one, done
    assert asked(lifter.ends(), "deadlift") == ["230x4"] * 3


def test_walk_dumbbell_row_a_lighter_pair_then_sides_in_turn() -> None:
    row = "single-arm-dumbbell-row"
    lifter = Lifter().follows("upper-back").baseline(row, "60 lb")
    lifter.does(row, "40x8", side="left").does(row, "40x8", side="right")
    for load_done, left in (("60", 3), ("65", 2), ("65", 1)):
        assert asked(lifter, row) == [f"{load_done}x6"] * left
        assert asked(lifter.does(row, f"{load_done}x8", side="left"), row) == [f"{load_done}x6"] * left
        lifter.does(row, f"{load_done}x7" if load_done == "65" else "60x8", side="right")
    assert (asked(lifter.ends(), row), outcome(lifter, row)) == (["65x6"] * 3, "raise")
