"""A gym's own exercises, which no catalogue knows: what the words of their ids tell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from service.domain.exercises import Exercise, LoadConvention

_EQUIPMENT: Final[Mapping[str, str]] = {
    word: equipment
    for equipment, words in {
        "barbell": "barbell langhantel bilanciere",
        "dumbbell": "dumbbell dumbbells db kurzhantel kurzhanteln mancuerna mancuernas halteres manubrio manubri",
        "kettlebell": "kettlebell kettlebells kb",
        "cable": "cable cables kabel kabelzug polea poulie cavo cavi cabo",
        "machine": "machine maschine maquina macchina",
        "plates": "smith leverage",
        "band": "band bands",
        "body-weight": "bodyweight weighted assisted",
    }.items()
    for word in words.split()
}
"""Words that name equipment in the languages in which apps write it, spelt as ids are; of several the last counts."""

_LOADS: Final[Mapping[str, LoadConvention]] = {"dumbbell": "each", "kettlebell": "each", "body-weight": "added"}

_ASSISTED: Final = frozenset(
    {"assisted", "assistiert", "unterstuetzt", "asistida", "asistido", "assistee", "assistito"}
)

_MUSCLES: Final[Mapping[str, str]] = {
    "abductor": "abductors",
    "abduction": "abductors",
    "adductor": "adductors",
    "adduction": "adductors",
    "bicep": "biceps",
    "biceps": "biceps",
    "calf": "calves",
    "calves": "calves",
    "crunch": "abdominals",
    "forearm": "forearms",
    "glute": "glutes",
    "glutes": "glutes",
    "hamstring": "hamstrings",
    "hamstrings": "hamstrings",
    "lat": "latissimus-dorsi",
    "neck": "neck",
    "oblique": "obliques",
    "pec": "pectorals",
    "quad": "quadriceps",
    "shrug": "trapezius",
    "tricep": "triceps",
    "triceps": "triceps",
    "wrist": "forearms",
}
"""Words that name a muscle, or a movement of one alone, with the catalogue's name of it."""

_SIDES: Final = frozenset({"arm", "leg"})
_ONE: Final = frozenset({"one", "single", "1"})


@lru_cache(1024)
def own_exercise(exercise_id: str) -> Exercise:
    """The gym's own exercise of an id: equipment, what loads count, muscles and sides, as far as its words tell them.

    What is assisted has its load taken off the body weight, so its loads count as added and are below 0.
    """
    words = exercise_id.split("-")
    told = set(words)
    assisted = bool(told & _ASSISTED)
    equipment = next((_EQUIPMENT[word] for word in reversed(words) if word in _EQUIPMENT), "other")
    if "ez" in told:
        equipment = "ez-bar"
    return Exercise(
        exercise_id,
        exercise_id,
        equipment,
        load="added" if assisted else _LOADS.get(equipment, "total"),
        one_sided=bool(told & _ONE and told & _SIDES),
        target=tuple(dict.fromkeys(_MUSCLES[word] for word in words if word in _MUSCLES)),
    )
