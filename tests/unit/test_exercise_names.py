"""From a name in an export to an exercise id."""

from __future__ import annotations

import tomllib
import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.exercises import Exercise
from service.domain.identifiers import EXERCISE_ID
from service.trackers.exercise_names import ExerciseNames, is_assisted, made_id
from service.trackers.name_words import words_of
from tests.support.training import LIBRARY

DATA = Path(__file__).parents[1] / "data"

CATALOGUE = [
    Exercise("deadlift", "Deadlift", "barbell", aliases=("Deadlift (Barbell)",)),
    Exercise("cable-row", "Cable row", "cable", aliases=("Seated Row (Cable)",)),
]


@pytest.mark.parametrize(
    "name", ["Deadlift (Barbell)", "deadlift (BARBELL)", " Deadlift  (Barbell)", "Deadlift", "DEADLIFT"]
)
def test_the_catalogue_knows_aliases_titles_and_ids_in_any_case(name: str) -> None:
    names = ExerciseNames(CATALOGUE)
    assert names.id_of(name) == "deadlift"
    assert (names.matched, names.own) == ({name: "deadlift"}, {})


def test_a_name_that_the_catalogue_does_not_know_stays_the_gyms_own() -> None:
    names = ExerciseNames(CATALOGUE)
    assert names.id_of("Rudern am Gerät") == "rudern-am-geraet"
    assert (names.matched, names.own) == ({}, {"Rudern am Gerät": "rudern-am-geraet"})


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Leg Press Technogym (Gelb)", "leg-press-technogym-gelb"),
        ("Überzüge", "ueberzuege"),
        (unicodedata.normalize("NFD", "Überzüge"), "ueberzuege"),
        ("Große Straße", "grosse-strasse"),
        ("Développé couché", "developpe-couche"),
        ("21s!", "21s"),
    ],
)
def test_ids_are_made_of_what_the_name_says(name: str, made: str) -> None:
    assert made_id(name) == made


def test_names_that_ascii_cannot_spell_keep_apart() -> None:
    made = {made_id(name) for name in ("Жим лёжа", "Жим стоя", "卧推", "💪", "Жим 2", "x" * 80, "x" * 81)}
    assert len(made) == 7


def test_names_that_differ_only_in_signs_keep_apart_in_one_export() -> None:
    names = ExerciseNames(CATALOGUE)
    first, second = names.id_of("Row +"), names.id_of("Row -")
    assert first == "row"
    assert second.startswith("row-")
    assert [names.id_of(name) for name in ("Row -", "row -", "Row +")] == [second, second, first]


@pytest.mark.parametrize(
    ("used", "ids"),
    [
        (["Row A", "Row B", "Row A"], {"Row A": "cable-row", "Row B": "row-b"}),  # side by side: two exercises
        (["Row B", "Row A", "Row B"], {"Row A": "row-a", "Row B": "cable-row"}),  # the one used first is the known one
        (["Row A", "Row A", "Row B", "Row B"], {"Row A": "cable-row", "Row B": "cable-row"}),  # one replaced the other
        (["Row A", "Cable Row", "Row A"], {"Row A": "row-a", "Cable Row": "cable-row"}),  # its own name goes first
        (["Row A", "row a", "Row A"], {"Row A": "cable-row", "row a": "cable-row"}),  # one name
        (["Row A", "Deadlift", "Row A"], {"Row A": "cable-row", "Deadlift": "deadlift"}),
    ],
)
def test_names_of_one_exercise_keep_apart_where_they_are_used_side_by_side(
    used: list[str], ids: dict[str, str]
) -> None:
    names = ExerciseNames([CATALOGUE[0], Exercise("cable-row", "Cable row", "cable", aliases=("Row A", "Row B"))])
    names.tell_apart(enumerate(used))
    assert {name: names.id_of(name) for name in used} == ids
    assert {**names.matched, **names.own} == ids


def test_what_a_gym_mapped_is_not_kept_apart() -> None:
    names = ExerciseNames(CATALOGUE, {"rudern": "cable-row"})
    names.tell_apart(enumerate(["Seated Row (Cable)", "Rudern", "Seated Row (Cable)"]))
    assert names.id_of("Rudern") == names.id_of("Seated Row (Cable)") == "cable-row"


@given(st.lists(st.text(min_size=1, max_size=80), unique_by=lambda name: name.casefold(), max_size=8))
def test_every_name_gets_an_id_and_different_names_different_ones(written: list[str]) -> None:
    names = ExerciseNames([])
    keys = {" ".join(unicodedata.normalize("NFC", name).split()).casefold() for name in written}
    made = {names.id_of(name) for name in written}
    assert all(EXERCISE_ID.fullmatch(each) for each in made)
    assert len(made) == len(keys)


def _judged() -> list[tuple[str, str]]:
    rows = (DATA / "names_in_logs.tsv").read_text("utf-8").splitlines()[1:]
    return list(dict.fromkeys((name, exercise) for _, name, exercise in (row.split("\t") for row in rows)))


@pytest.mark.parametrize(("name", "exercise"), _judged())
def test_names_of_real_logs_mean_what_was_judged_by_hand(name: str, exercise: str) -> None:
    names = ExerciseNames(LIBRARY.exercises.values())
    names.id_of(name)
    assert names.matched.get(name, "") == exercise


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("Pull-Ups", "pull up"),
        ("Press-down", "Push Downs"),
        ("DB Bench Press", "Bench Press (Dumbbell)"),
        ("One-Arm Row", "Single Arm Rows"),
        ("Calf Raises", "Raise, Calf"),
        ("Squat (Smith Machine)", "Smith squats"),
        ("Flyes", "Fly"),
        ("Développé", "developpe"),
    ],
)
def test_two_ways_of_writing_a_name_have_the_same_words(one: str, another: str) -> None:
    assert words_of(one) == words_of(another)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Leg Press (Machine)", "leg-press"),
        ("Leg Press (Barbell)", ""),  # other equipment is another exercise
        ("The curl", ""),  # may be two
        ("Weighted Dip", "dip"),
        ("Raise, Lateral", "lateral-raise"),
    ],
)
def test_equipment_may_be_told_and_must_be_right(name: str, meant: str) -> None:
    catalogue = [
        Exercise("leg-press", "Leg press", "plates"),
        Exercise("dip", "Dip", "body-weight", load="added"),
        Exercise("curl-a", "Barbell curl", "barbell", aliases=("Curl",)),
        Exercise("curl-b", "Dumbbell curl", "dumbbell", aliases=("Curls",)),
        Exercise("lateral-raise", "Lateral raise", "dumbbell"),
    ]
    names = ExerciseNames(catalogue)
    names.id_of(name)
    assert names.matched.get(name, "") == meant


@pytest.mark.parametrize(
    ("name", "exercise", "assisted"),
    [
        ("Chin Up (Assisted)", "assisted-chin-up", True),
        ("Pull Up (Band)", "band-assisted-pull-up", True),
        ("Eigene (Assisted)", "eigene-assisted", True),
        ("Chest Fly (Band)", "band-chest-fly", False),
        ("Pull Up (Weighted)", "pull-up", False),
    ],
)
def test_assistance_is_told_by_the_name(name: str, exercise: str, assisted: object) -> None:
    assert is_assisted(name, exercise) is assisted


def test_every_name_in_the_table_is_of_an_exercise_that_there_is() -> None:
    table = tomllib.loads(files("service.trackers").joinpath("exercise_names.toml").read_text("utf-8"))
    assert set(table["names"]) <= set(LIBRARY.exercises)
    named = [name for names in table["names"].values() for name in names]
    assert len(set(named)) == len(named)
