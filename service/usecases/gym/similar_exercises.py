"""Which exercises a name that nobody knows may mean: those of the catalogue that share the most words with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from service.domain.exercises import Exercise
from service.trackers.exercise_names import TOLD
from service.trackers.name_words import words_of
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services

_MOST: Final = 3
_LEAST_ALIKE: Final = 0.3
"""Of the words of both names together, the part that they share; with less than that one is no likely reading."""


def similar_exercises(services: Services, names: Iterable[str]) -> Mapping[str, Sequence[Exercise]]:
    """For each name the exercises that are most like it, the likeliest first; fewer or none where few words are shared.

    Likeness is Jaccard's index of the names' words. A word that only tells the equipment makes nothing alike.
    """
    known = [
        (words_of(name), exercise)
        for exercise in catalogue(services).exercises.values()
        for name in {exercise.id, exercise.title, *exercise.aliases}
    ]
    return {name: _most_like(words_of(name), known) for name in names}


def _most_like(words: frozenset[str], known: Sequence[tuple[frozenset[str], Exercise]]) -> list[Exercise]:
    alike: dict[str, tuple[float, bool, str, Exercise]] = {}
    for others, exercise in known:
        if not (words & others) - TOLD:
            continue
        likeness = len(words & others) / len(words | others)
        fit = (-likeness, not exercise.cues, exercise.id, exercise)
        if likeness >= _LEAST_ALIKE and (exercise.id not in alike or fit[:3] < alike[exercise.id][:3]):
            alike[exercise.id] = fit
    return [exercise for *_, exercise in sorted(alike.values(), key=lambda each: each[:3])[:_MOST]]
