"""The exercises that the published catalogue knows: by id, by alias, and by what was probably meant for one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from typing import Final

from service.domain.exercises import Exercise
from service.engine.ruleset.search import rank
from service.engine.ruleset.suggestions import nearest

_COMPARED: Final = 25
"""Names that are compared letter by letter: those that share the most with the unknown one."""

_REMEMBERED: Final = 4096
_LETTERS: Final = 3
_MISSPELT: Final = 0.8
"""How like a name must be to one that there is (0 to 1) to be a misspelt one, rather than another word for it."""

_MUSCLES: Final = {
    "abdominals": "abs core stomach",
    "anterior-deltoids": "front-delts front-deltoids",
    "calves": "calf gastrocnemius soleus",
    "erector-spinae": "lower-back spinal-erectors",
    "glutes": "gluteus-maximus butt",
    "hamstrings": "hams biceps-femoris",
    "lateral-deltoids": "shoulders shoulder delts deltoids side-delts",
    "latissimus-dorsi": "lats back",
    "pectorals": "chest pecs pectoralis-major",
    "posterior-deltoids": "rear-delts rear-deltoids",
    "quadriceps": "quads thighs",
    "rhomboids": "upper-back",
    "trapezius": "traps",
}
"""Muscles with what else they are called, or the part of the body that they make up most of."""

_OTHER: Final = re.compile(r"[^a-z0-9]+")


class KnownExercises:
    """A catalogue's exercises by id."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        self.by_id = exercises
        self.meant_by = lru_cache(_REMEMBERED)(self._meant_by)

    @cached_property
    def muscles(self) -> frozenset[str]:
        """The muscles that any of them trains."""
        return frozenset(muscle for each in self.by_id.values() for muscle in (*each.target, *each.synergists))

    @cached_property
    def equipment(self) -> frozenset[str]:
        """The kinds of equipment that any of them takes."""
        return frozenset(each.equipment for each in self.by_id.values())

    def id_of(self, name: str) -> str:
        """The id of an exercise, by that or by an alias written as ids are; a name that is neither stays as it is."""
        return name if name in self.by_id else self._aliases.get(name, name)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        """The ids by aliases, those left out that are an id or that several exercises have."""
        named = {(as_id(alias), each.id) for each in self.by_id.values() for alias in each.aliases}
        having = Counter(alias for alias, _ in named)
        return {alias: name for alias, name in named if having[alias] == 1 and alias not in self.by_id}

    @cached_property
    def _names(self) -> dict[str, str]:
        """Every alias and id, with the id."""
        return self._aliases | {each: each for each in self.by_id}

    @cached_property
    def _with(self) -> dict[str, list[str]]:
        """The names that have a part, by part."""
        names: dict[str, list[str]] = {}
        for name in self._names:
            for part in _parts(name):
                names.setdefault(part, []).append(name)
        return names

    def _meant_by(self, unknown: str) -> str:
        """The id of the exercise that was probably meant by an unknown one; empty when none is near.

        A slip of the keyboard looks like the right name. If none does, the words may be short for one (``ohp``), or a
        part of it (``bench``), and those that the library describes at length are meant first.
        """
        shared = Counter(name for part in _parts(unknown) for name in self._with.get(part, ()))
        likely = sorted(shared, key=lambda name: (-shared[name] / (len(name) + len(unknown)), name))[:_COMPARED]
        name = nearest(unknown, likely, _MISSPELT)
        return self._names[name] if name else self._found(unknown) or self._names.get(nearest(unknown, likely), "")

    def _found(self, unknown: str) -> str:
        """The id that searching those described at length for an unknown one finds first, with a barbell if it can."""
        fits = (
            (fit, each.equipment != "barbell", len(each.id), each.id)
            for each in self._at_length
            if (fit := rank(unknown, (each.id, *each.aliases))) is not None
        )
        return min(fits, default=(0, False, 0, ""))[3]

    @cached_property
    def _at_length(self) -> list[Exercise]:
        return [each for each in self.by_id.values() if each.cues]


def muscle_meant_by(unknown: str, muscles: Collection[str]) -> str:
    """The one of those muscles that was probably meant by an unknown one; empty when none is near."""
    called = next((muscle for muscle, words in _MUSCLES.items() if unknown in words.split()), "")
    return called if called in muscles else nearest(unknown, muscles)


def as_id(name: str) -> str:
    """A name as ids are written, in kebab-case: ``Squat (Barbell)`` is ``squat-barbell``."""
    return _OTHER.sub("-", name.lower()).strip("-")


def _parts(name: str) -> set[str]:
    """What names are alike by: every few letters of one in the alphabet's order, so that some may change places."""
    padded = f" {name} "
    return {"".join(sorted(padded[start : start + _LETTERS])) for start in range(len(padded) - _LETTERS + 1)}
