"""How a lifter counts the loads of an exercise: in which unit, and what of them is lifted but not logged.

Rules know the whole load, in the working unit. What is logged or said of the exercise is brought to that, and what is
prescribed is shown as the lifter counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from service.domain.equipment import Equipment, Loading, Rounded, loading
from service.domain.exercises import Exercise
from service.domain.loads import Load, Unit, canonical, convert_reversibly

_ZERO: Final = Decimal(0)


class Counting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a profile says of an exercise, or of all that are done with one kind of equipment.

    ``unit`` is what it is loaded in, None for the lifter's own; ``uncounted`` is part of every set and of no load that
    is logged: a bar, a sled.
    """

    unit: Unit | None = None
    uncounted: Load | None = None


class Counted(NamedTuple):
    """How the loads of one exercise are counted by a lifter whose working unit is ``working``.

    Whole loads, ``uncounted`` among them, are in the working unit; ``least`` is the least load that can be told.
    """

    unit: Unit
    working: Unit
    uncounted: Decimal = _ZERO
    least: Decimal | None = None

    @property
    def is_plain(self) -> bool:
        """Whether what is told is the whole load in the working unit."""
        return self.unit == self.working and not self.uncounted

    def whole(self, load: Load) -> Decimal:
        """The whole load of one that the lifter told."""
        return load.in_unit(self.working) + self.uncounted

    def told(self, whole: Decimal) -> Load:
        """A whole load as the lifter tells it."""
        if self.is_plain:
            return Load(whole, self.unit)
        return Load(convert_reversibly(whole - self.uncounted, self.working, self.unit), self.unit)


def counted(exercise: Exercise, counting: Mapping[str, Counting], working: Unit) -> Counted:
    """How an exercise's loads are counted: as said of it, and for what that leaves out as of its equipment."""
    said = [counting[name] for name in (exercise.id, exercise.equipment) if name in counting]
    unit = next((each.unit for each in said if each.unit is not None), working)
    uncounted = next((each.uncounted for each in said if each.uncounted is not None), None)
    if not uncounted or not uncounted.value:
        return Counted(unit, working)
    return Counted(unit, working, uncounted.in_unit(working), None if exercise.load == "added" else _ZERO)


class CountedLoading(Loading):
    """The loads that equipment can make, which are rounded to as the lifter counts them."""

    __slots__ = ("_counted", "_told")

    def __init__(self, told: Loading, counted: Counted) -> None:
        super().__init__(told.mode)
        self._told = told
        self._counted = counted

    @property
    def heaviest(self) -> Decimal | None:
        """The heaviest load that can be made; None where loads go on without an end."""
        return self._whole(self._told.heaviest)

    def explain(self, raw: Decimal) -> Rounded:
        """Round, and say between which makeable loads; plates are in the unit in which the exercise is loaded."""
        load, below, above, plates = self._told.explain(self._to_tell(raw))
        return Rounded(self._whole(load) or _ZERO, self._whole(below), self._whole(above), plates)

    def neighbours(self, raw: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """The makeable loads that a raw one lies between, both itself where it is one; None beyond an end."""
        below, above = self._told.neighbours(self._to_tell(raw))
        return self._whole(below), self._whole(above)

    def _stepped(self, load: Decimal, steps: int) -> Decimal | None:
        made = self._told.stepped(self._to_tell(load), steps)
        least = self._counted.least
        return None if made is None or (least is not None and made < least) else self._whole(made)

    def _to_tell(self, whole: Decimal) -> Decimal:
        told, least = self._counted.told(whole).value, self._counted.least
        return told if least is None else max(told, least)

    def _whole(self, told: Decimal | None) -> Decimal | None:
        if told is None:
            return None
        return Decimal(canonical(self._counted.whole(Load(told, self._counted.unit))))


@lru_cache(maxsize=512)
def loading_as_counted(kind: str, equipment: Equipment | None, counted: Counted) -> Loading:
    """The loads that can be made for an exercise done with ``kind`` of equipment, by how its loads are counted.

    A bar that is not counted is whatever the lifter says it weighs; fixed barbells are always counted.
    """
    if counted.is_plain:
        return loading(kind, equipment, counted.unit)
    if counted.uncounted:
        nothing = Load(_ZERO, counted.unit)
        own = equipment or Equipment()
        equipment = msgspec.structs.replace(own, bar=nothing, ez_bar=nothing, barbells=None)
    return CountedLoading(loading(kind, equipment, counted.unit), counted)
