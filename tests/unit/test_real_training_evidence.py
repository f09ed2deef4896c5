"""What is known of a lifter, and where a track starts: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

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
