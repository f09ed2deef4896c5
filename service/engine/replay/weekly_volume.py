"""Hard sets per muscle and calendar week: an exercise's target counts one for each, every synergist a half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from service.domain.exercises import Exercise

_HALF: Final = Decimal("0.5")


class Volume(msgspec.Struct, array_like=True):
    """Work sets by exercise, of the newest calendar week that has any and of the one just before it.

    By exercise, for that is one number to add when a session ends; what it means for muscles is found out when asked.
    """

    week: int = 0
    sets: dict[str, int] = {}
    before: dict[str, int] = {}

    def begin(self, week: int) -> None:
        """Go on counting in a week, which is never before one that was counted."""
        if week != self.week:
            self.before = self.sets if week == self.week + 1 else {}
            self.week, self.sets = week, {}

    def add(self, exercise: str, sets: int) -> None:
        """Count work sets of an exercise."""
        self.sets[exercise] = self.sets.get(exercise, 0) + sets

    def of(self, week: int) -> Mapping[str, int]:
        """The work sets by exercise of a week; of one that is long over, none are known any more."""
        if week == self.week:
            return self.sets
        return self.before if week == self.week - 1 else {}


def hard_sets(sets: Iterable[tuple[Exercise, int]]) -> dict[str, Decimal]:
    """Hard sets by muscle, of work sets of exercises."""
    muscles: dict[str, Decimal] = {}
    for exercise, count in sets:
        if exercise.has_hard_sets:
            for muscle in exercise.target:
                muscles[muscle] = muscles.get(muscle, Decimal(0)) + count
            for muscle in exercise.synergists:
                muscles[muscle] = muscles.get(muscle, Decimal(0)) + count * _HALF
    return muscles
