"""What exercises are called: ids, aliases, and what was probably meant by what is neither."""

import pytest

from service.domain.exercises import Exercise
from service.engine.ruleset.known_exercises import KnownExercises
from tests.support.training import LIBRARY

KNOWN = KnownExercises(LIBRARY.exercises)


@pytest.mark.parametrize(
    ("name", "exercise"),
    [
        ("squat", "squat"),
        ("back-squat", "squat"),
        ("squat-barbell", "squat"),
        ("ohp", "overhead-press"),
        ("rdl", "romanian-deadlift"),
        ("barbell-bench-press-medium-grip", "bench-press"),
        ("sqaut", "sqaut"),
        ("our-machine", "our-machine"),
    ],
)
def test_an_alias_is_the_id_that_has_it(name: str, exercise: str) -> None:
    assert KNOWN.id_of(name) == exercise


def test_no_id_is_taken_for_an_alias_of_another() -> None:
    assert [name for name in LIBRARY.exercises if KNOWN.id_of(name) != name] == []


def test_an_alias_of_two_names_neither() -> None:
    made = {name: Exercise(name, name, "barbell", aliases=("Row",)) for name in ("barbell-row", "seal-row")}
    assert KnownExercises(made).id_of("row") == "row"


@pytest.mark.parametrize(
    ("unknown", "meant"),
    [
        ("sqaut", "squat"),
        ("squats", "squat"),
        ("benchpress", "bench-press"),
        ("bench", "bench-press"),
        ("bicep-curl", "barbell-curl"),
        ("db-row", "dumbbell-row"),
        ("pullup", "pull-up"),
        ("legpress", "leg-press"),
        ("zzz", ""),
    ],
)
def test_what_was_meant(unknown: str, meant: str) -> None:
    assert KNOWN.meant_by(unknown) == meant
