"""The catalogue as a whole: what no single exercise file can promise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from service.domain.exercises import Exercise
from service.engine.files.library import load_library

EXERCISES = load_library(Path(__file__).parents[2] / "rules").exercises

ARTICLE = {
    "deadlift",
    "romanian-deadlift",
    "rack-pull",
    "barbell-row",
    "single-arm-dumbbell-row",
    "cable-row",
    "chest-supported-row",
    "seal-row",
    "meadows-row",
    "t-bar-row",
    "upright-row",
    "face-pull",
    "dumbbell-rear-lateral-raise",
}
"""The thirteen that the first programme's source names."""

MUSCLES = {
    "abdominals",
    "adductors",
    "anterior-deltoids",
    "biceps",
    "brachialis",
    "calves",
    "erector-spinae",
    "forearms",
    "glutes",
    "hamstrings",
    "hip-flexors",
    "infraspinatus",
    "lateral-deltoids",
    "latissimus-dorsi",
    "obliques",
    "pectorals",
    "posterior-deltoids",
    "quadriceps",
    "rhomboids",
    "teres-major",
    "teres-minor",
    "trapezius",
    "triceps",
}
"""One name for each muscle, so that weekly volume adds up; a new one is added here on purpose."""

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES.keys())


def test_the_articles_exercises_are_there_and_cite_it() -> None:
    citing = {
        exercise.id
        for exercise in EXERCISES.values()
        if any(source.get("publisher") == "Legion Athletics" for source in exercise.sources)
    }
    assert citing == ARTICLE


def test_no_name_means_two_exercises() -> None:
    names = Counter(
        name
        for exercise in EXERCISES.values()
        for name in {exercise.title.casefold(), *(alias.casefold() for alias in exercise.aliases)}
    )
    assert [name for name, times in names.items() if times > 1] == []


@each_exercise
def test_muscles_have_one_name_each_and_one_part(exercise: Exercise) -> None:
    named = [*exercise.target, *exercise.synergists]
    assert set(named) <= MUSCLES
    assert len(set(named)) == len(named)
    assert exercise.target


@each_exercise
def test_each_tells_what_sets_it_apart(exercise: Exercise) -> None:
    assert exercise.cues


@each_exercise
def test_each_number_says_where_it_comes_from(exercise: Exercise) -> None:
    given = ", ".join(str(source.get("gives", "")) for source in exercise.sources)
    if exercise.reps is not None:
        assert "reps" in given
    if exercise.increase is not None:
        assert "increase" in given


@each_exercise
def test_what_is_counted_in_reps_knows_a_range_and_a_step(exercise: Exercise) -> None:
    known = exercise.reps is not None and exercise.increase is not None
    assert known == (exercise.measure == "reps")
