"""What the id of a gym's own exercise tells of it."""

from __future__ import annotations

import pytest

from service.domain.own_exercises import own_exercise


@pytest.mark.parametrize(
    ("exercise", "equipment", "load", "target"),
    [
        ("leg-press-keller", "other", "total", ()),
        ("meadows-incline-db-lateral-raise", "dumbbell", "each", ()),
        ("bent-over-row-machine-panatta", "machine", "total", ()),
        ("seated-super-bayesian-high-cable-curl", "cable", "total", ()),
        ("bankdruecken-langhantel", "barbell", "total", ()),
        ("curl-de-biceps-mancuerna", "dumbbell", "each", ("biceps",)),
        ("lat-row-chest-supported-machine", "machine", "total", ("latissimus-dorsi",)),
        ("nordic-curl-assisted", "body-weight", "added", ()),
        ("dip-machine-assisted", "body-weight", "added", ()),
        ("assisted-dip-machine", "machine", "added", ()),
        ("ez-bar-drag-curl", "ez-bar", "total", ()),
    ],
)
def test_words_tell_equipment_loads_and_muscles(
    exercise: str, equipment: str, load: str, target: tuple[str, ...]
) -> None:
    own = own_exercise(exercise)
    assert (own.id, own.equipment, own.load, own.target) == (exercise, equipment, load, target)


@pytest.mark.parametrize(
    ("exercise", "one_sided"), [("one-arm-thing", True), ("single-leg-thing", True), ("one", False)]
)
def test_sides_are_told(exercise: str, one_sided: object) -> None:
    assert own_exercise(exercise).one_sided is one_sided
