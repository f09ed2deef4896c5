"""Hard sets per muscle and calendar week, in halves: an exercise's target counts one, each synergist a half."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from service.domain.exercises import Exercise

_HALF: Final = Decimal("0.5")


class Volume(msgspec.Struct, array_like=True):
    """Halves of hard sets by muscle, of the newest calendar week that has any and of the one just before it."""

    week: int = 0
    halves: dict[str, int] = {}
    before: dict[str, int] = {}

    def add(self, week: int, exercise: Exercise, sets: int) -> None:
        """Count work sets of an exercise; ``week`` is never before one that was counted."""
        if not exercise.has_hard_sets:
            return
        if week != self.week:
            self.before = self.halves if week == self.week + 1 else {}
            self.week, self.halves = week, {}
        halves = self.halves
        for muscle in exercise.target:
            halves[muscle] = halves.get(muscle, 0) + 2 * sets
        for muscle in exercise.synergists:
            halves[muscle] = halves.get(muscle, 0) + sets

    def of(self, week: int) -> Mapping[str, int]:
        """The halves by muscle of a week; of one that is long over, none are known any more."""
        if week == self.week:
            return self.halves
        return self.before if week == self.week - 1 else {}

    def copy(self) -> Volume:
        """A count of its own, equal to this one."""
        return Volume(self.week, dict(self.halves), dict(self.before))


def hard_sets(halves: Mapping[str, int], muscles: Iterable[str]) -> Decimal:
    """The hard sets of that one of the muscles which has the most; 0 of none."""
    return max((halves.get(muscle, 0) for muscle in muscles), default=0) * _HALF
