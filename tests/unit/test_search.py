"""Words that people type find what they mean."""

import pytest

from service.engine.ruleset.search import rank


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("Overhead press", "overhead-press", 0),
        ("squats", "Squat", 0),
        ("ohp", "Overhead press", 0),
        ("RDL", "Romanian deadlift", 0),
        ("cgbp", "Close-grip bench press", 0),
        ("dl", "Deadlift", 0),
        ("bench", "Bench press", 1),
        ("bench pr", "Bench press", 1),
        ("press, bench", "Bench press", 2),
        ("db bench", "Dumbbell bench press", 2),
        ("ohp db", "Dumbbell overhead press", 2),
        ("Développé", "Developpe couche", 1),
        ("ohp", "Bench press", None),
        ("bench row", "Bench press", None),
        ("!?", "Bench press", None),
        ("bench", "", None),
    ],
)
def test_how_well_a_name_fits(query: str, name: str, expected: int | None) -> None:
    assert rank(query, [name]) == expected


def test_the_best_of_several_names_counts() -> None:
    assert rank("military press", ["overhead-press", "Standing Military Press", "Military press"]) == 0
    assert rank("military press", []) is None
