"""The exercises that the published catalogue knows, and which of them was probably meant by an id that it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Final

from service.domain.exercises import Exercise
from service.engine.ruleset.suggestions import nearest

_COMPARED: Final = 25
"""Names that are compared letter by letter: those that share the most with the unknown one."""

_REMEMBERED: Final = 4096
_LETTERS: Final = 3


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
    def _names(self) -> dict[str, str]:
        """Every alias and id, with the id."""
        aliases = {name: each.id for each in self.by_id.values() for name in map(_key, each.aliases)}
        return aliases | {each: each for each in self.by_id}

    @cached_property
    def _with(self) -> dict[str, list[str]]:
        """The names that have a part, by part."""
        names: dict[str, list[str]] = {}
        for name in self._names:
            for part in _parts(name):
                names.setdefault(part, []).append(name)
        return names

    def _meant_by(self, unknown: str) -> str:
        """The id of the exercise whose id or alias is most like an unknown one; empty when none is near."""
        shared = Counter(name for part in _parts(unknown) for name in self._with.get(part, ()))
        likely = sorted(shared, key=lambda name: (-shared[name] / (len(name) + len(unknown)), name))[:_COMPARED]
        return self._names.get(nearest(unknown, likely), "")


def _key(name: str) -> str:
    return "-".join(name.lower().split())


def _parts(name: str) -> set[str]:
    """What names are alike by: every few letters of one in the alphabet's order, so that some may change places."""
    padded = f" {name} "
    return {"".join(sorted(padded[start : start + _LETTERS])) for start in range(len(padded) - _LETTERS + 1)}
