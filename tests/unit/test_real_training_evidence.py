"""What is known of a lifter, and where a track starts: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.events import ProgrammeEnded
from service.engine.language.function import Function
from service.engine.language.functions import FUNCTIONS
from tests.support.training import Lifter, rule_set_of

ESTIMATES = [function for function in FUNCTIONS.values() if function.estimates]


@pytest.mark.parametrize("function", ESTIMATES, ids=lambda function: function.name)
def test_case_14_one_repetition_is_itself_none_prove_nothing_and_over_twelve_count_as_twelve(
    function: Function,
) -> None:
    assert function.compute is not None
    estimated = [function.compute(Decimal(100), reps) for reps in range(1001)]
    assert estimated[:2] == [0, 100]
    assert estimated[:13] == sorted(set(estimated[:13]))
    assert set(estimated[12:]) == {estimated[12]}
    assert estimated[12] < 160


def test_case_14_a_set_of_no_repetitions_starts_no_training_max() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "boring-but-big")).does("squat", "200x0")
    assert lifter.next("squat").sets[-1].load is None


def strong(*, baseline: bool = True) -> Lifter:
    """Five good sessions of StrongLifts' squat, from 60 kg; 72.5 are due."""
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts"))
    if baseline:
        lifter.baseline("squat", "60 kg")
    for load in ("60", "62.5", "65", "67.5", "70"):
        lifter.does("squat", *[f"{load}x5"] * 5, kind="work").ends().rests(days=2)
    return lifter


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("programme", ["gzclp", "upper-lower", "greyskull"])
def test_case_11_another_programme_goes_on_from_the_newest_work(programme: str, baseline: bool) -> None:  # noqa: FBT001
    lifter = strong(baseline=baseline).follows(rule_set_of({}, programme))
    first = next(each.load for each in lifter.next("squat").sets if each.kind != "warmup")
    assert first is not None
    assert first.value == Decimal("72.5")


def test_case_11_work_elsewhere_restarts_a_programmes_old_track() -> None:
    lifter = strong().follows(rule_set_of({}, "greyskull"))
    for _ in range(10):
        asked = lifter.next("squat").sets[-1].load
        assert asked is not None
        lifter.does("squat", *[f"{asked.value}x8"] * 3, kind="work").ends().rests(days=2)
    due = lifter.next("squat").sets[-1].load
    squat = lifter.follows(rule_set_of({}, "stronglifts")).next("squat").sets[-1].load
    assert squat == due
    assert squat is not None
    assert squat.value > 80


def test_case_12_a_training_max_is_estimated_from_work_and_not_taken_for_it() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts")).baseline("squat", "102.5 kg")
    lifter.does("squat", *["102.5x5"] * 5, kind="work").ends().rests(days=2).follows(rule_set_of({}, "rpe-block"))
    due = lifter.asked().due("squat")
    lever = due.fold.tracks.of(due.slot).lever
    assert lever is not None
    assert 117 <= lever <= 120


TWO_OF_ONE = """
programme: heavy-and-light
title: Heavy and light
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots: [{slot: heavy, exercise: bench-press, track: heavy, progression: {linear: {sets: 3, reps: 5}}}]
  - day: b
    slots: [{slot: light, exercise: bench-press, track: light, progression: {linear: {sets: 3, reps: 6}}}]
"""


@pytest.mark.parametrize("between", ["nothing", "another exercise", "the same exercise"])
def test_case_11_a_programme_taken_up_again_goes_on_in_all_its_tracks(between: str) -> None:
    rules = rule_set_of({"programmes/heavy-and-light.yaml": TWO_OF_ONE}, "heavy-and-light")
    lifter = Lifter("kg").follows(rules)
    lifter.does("bench-press", *["100x5"] * 3, kind="work").ends().rests(days=2)
    lifter.does("bench-press", *["70x6"] * 3, kind="work").ends().rests(days=2)
    heavy, light = (lifter.next("bench-press", slot) for slot in ("a/heavy", "b/light"))
    lifter.logs(ProgrammeEnded())
    if between != "nothing":
        exercise = "squat" if between == "another exercise" else "bench-press"
        lifter.does(exercise, *["120x5"] * 3, kind="work").ends().rests(days=2)
    lifter.follows(rules)
    again = [lifter.next("bench-press", slot) for slot in ("a/heavy", "b/light")]
    goes_on = [each.sets for each in again] == [heavy.sets, light.sets]
    assert goes_on == (between != "the same exercise")
