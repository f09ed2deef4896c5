"""From a name in an export to an exercise id."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.exercises import Exercise
from service.domain.identifiers import EXERCISE_ID
from service.trackers.exercise_names import ExerciseNames, made_id

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


@given(st.lists(st.text(min_size=1, max_size=80), unique_by=lambda name: name.casefold(), max_size=8))
def test_every_name_gets_an_id_and_different_names_different_ones(written: list[str]) -> None:
    names = ExerciseNames([])
    keys = {" ".join(unicodedata.normalize("NFC", name).split()).casefold() for name in written}
    made = {names.id_of(name) for name in written}
    assert all(EXERCISE_ID.fullmatch(each) for each in made)
    assert len(made) == len(keys)
