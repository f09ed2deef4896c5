"""The catalogue as a whole: what no single file can promise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from service.engine.files.library import load_library

LIBRARY = load_library(Path(__file__).parents[2] / "rules")
EXERCISES = LIBRARY.exercises

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
    "abductors",
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
    "neck",
    "obliques",
    "pectorals",
    "posterior-deltoids",
    "quadriceps",
    "rhomboids",
    "subscapularis",
    "teres-major",
    "teres-minor",
    "trapezius",
    "triceps",
}
"""One name for each muscle, so that weekly volume adds up; a new one is added here on purpose."""


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


def test_every_exercise_of_the_source_is_known_by_its_name_there() -> None:
    """A few that the source has under several names, and every other one."""
    known = {name.casefold() for each in EXERCISES.values() for name in (each.title, *each.aliases)}
    for name in ("Pullups", "Weighted Pull Ups", "Dips - Triceps Version", "Zercher Squats", "Atlas Stones", "Plank"):
        assert name.casefold() in known
    assert len(EXERCISES) >= 873


def test_what_programmes_name_has_a_file_of_its_own() -> None:
    """So that their rule sets hold no line of a catalogue file."""
    for name in LIBRARY.programmes:
        rule_set = LIBRARY.rule_set(name)
        assert rule_set.programme.any or not [path for path in rule_set.files if path.startswith("catalogue/")]


def test_no_exercise_is_in_a_catalogue_file_and_in_one_of_its_own() -> None:
    own = {path.rpartition("/")[2].removesuffix(".yaml") for path in LIBRARY.files if path.startswith("exercises/")}
    assert [name for file in LIBRARY.lines.values() for name in file.exercises if name in own] == []


def test_muscles_have_one_name_each() -> None:
    for exercise in EXERCISES.values():
        assert {*exercise.target, *exercise.synergists} <= MUSCLES, exercise.id
        assert exercise.target, exercise.id


def test_each_in_a_file_of_its_own_tells_what_sets_it_apart_and_how_it_moves() -> None:
    for exercise in EXERCISES.values():
        if f"exercises/{exercise.id}.yaml" in LIBRARY.files:
            assert exercise.cues, exercise.id
            assert exercise.mechanic or exercise.measure == "seconds", exercise.id


def test_each_number_says_where_it_comes_from() -> None:
    for exercise in EXERCISES.values():
        given = ", ".join(str(source.get("gives", "")) for source in exercise.sources)
        assert exercise.reps is None or "reps" in given, exercise.id
        assert exercise.increase is None or "increase" in given, exercise.id


def test_what_is_counted_in_reps_knows_a_range_and_a_step() -> None:
    for exercise in EXERCISES.values():
        known = exercise.reps is not None and exercise.increase is not None
        assert known == (exercise.measure == "reps"), exercise.id


def test_loads_are_counted_as_the_equipment_wants_it() -> None:
    """Only what hangs on the body, or helps it up, is added to it; dumbbells and kettlebells are counted one by one."""
    conventions = {
        "barbell": {"total"},
        "ez-bar": {"total"},
        "dumbbell": {"each"},
        "kettlebell": {"each"},
        "body-weight": {"added"},
        "cable": {"total", "each"},
        "machine": {"total", "added"},
        "band": {"total", "each", "added"},
        "plates": {"total"},
        "other": {"total"},
    }
    for exercise in EXERCISES.values():
        assert exercise.load in conventions[exercise.equipment], exercise.id


@pytest.mark.parametrize(
    ("exercise", "target", "synergists"),
    [
        ("wide-grip-lat-pulldown", "latissimus-dorsi", "biceps rhomboids trapezius posterior-deltoids teres-major"),
        ("barbell-full-squat", "quadriceps glutes", "hamstrings erector-spinae adductors"),
        ("cable-rear-delt-fly", "posterior-deltoids", "rhomboids trapezius"),
        ("external-rotation", "infraspinatus teres-minor", ""),
        ("reverse-barbell-curl", "brachialis biceps", "forearms"),
        ("clean", "quadriceps glutes hamstrings", "calves forearms erector-spinae lateral-deltoids trapezius"),
        ("cable-hip-adduction", "adductors", ""),
        ("hip-flexion-with-band", "hip-flexors", ""),
    ],
)
def test_coarse_names_of_the_source_are_made_finer(exercise: str, target: str, synergists: str) -> None:
    assert EXERCISES[exercise].target == tuple(target.split())
    assert set(EXERCISES[exercise].synergists) == set(synergists.split())


def test_stretches_and_endurance_are_told_from_what_trains_a_muscle() -> None:
    assert {EXERCISES[name].category for name in ("cat-stretch", "calves-smr")} == {"stretching"}
    assert {EXERCISES[name].category for name in ("rowing-stationary", "prowler-sprint")} == {"cardio"}
    for exercise in EXERCISES.values():
        if exercise.category in ("stretching", "cardio"):
            assert exercise.measure == "seconds", exercise.id
