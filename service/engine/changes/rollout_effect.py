"""What other rules change of what lifters are to do next: held against each other, counted, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Final, Self, TypeVar

import msgspec

from service.domain.identifiers import LifterRef
from service.domain.prescription import PrescribedSet, Prescription

MOST: Final = 10
"""For so many lifters an effect says what changes for them."""

EDGES: Final = (-2000, -1000, -500, -250, 0, 250, 500, 1000, 2000)
"""What parts the bins of a histogram: relative changes of a load in hundredths of a percent."""

_Key = TypeVar("_Key", int, str)

_WHOLE: Final = 10_000
"""Hundredths of a percent."""


class Difference(msgspec.Struct, frozen=True):
    """The slot whose next prescription changes most for a lifter; None where there was, or will be, none.

    ``change`` is the relative change of its heaviest load in hundredths of a percent, where both have one above 0.
    """

    gym: str
    lifter: str
    slot: str
    exercise: str
    before: tuple[PrescribedSet, ...] | None
    after: tuple[PrescribedSet, ...] | None
    change: int | None


class Left(msgspec.Struct, frozen=True):
    """A lifter who stays with the rules that they have, and why."""

    gym: str
    lifter: str
    why: str


class Effect(msgspec.Struct, frozen=True):
    """What changes for some lifters; effects of different lifters add up.

    ``prescriptions`` counts each slot of a lifter's programme once, as it is due next; ``changed`` those with other
    sets to do. ``loads`` says by how much the load changes, 0 included: hundredths of a percent -> prescriptions.
    ``followed`` counts lifters by the digest that they follow, those ``left`` among them.
    """

    lifters: int = 0
    lifters_changed: int = 0
    prescriptions: int = 0
    changed: int = 0
    loads: dict[int, int] = {}
    followed: dict[str, int] = {}
    most: tuple[Difference, ...] = ()
    left: tuple[Left, ...] = ()

    def __add__(self, other: Self) -> Effect:
        """The effect on the lifters of both."""
        return Effect(
            self.lifters + other.lifters,
            self.lifters_changed + other.lifters_changed,
            self.prescriptions + other.prescriptions,
            self.changed + other.changed,
            _sum(self.loads, other.loads),
            _sum(self.followed, other.followed),
            tuple(sorted((*self.most, *other.most), key=_rank)[:MOST]),
            tuple(sorted((*self.left, *other.left), key=lambda left: (left.gym, left.lifter))),
        )

    @property
    def moves(self) -> dict[int, int]:
        """Of ``loads``, those that change."""
        return {change: count for change, count in sorted(self.loads.items()) if change}


def effect_of(
    lifter: LifterRef, digest: str, before: Mapping[str, Prescription], after: Mapping[str, Prescription]
) -> Effect:
    """The effect on one lifter, who follows ``digest``, of prescriptions (by slot) that replace others."""
    differences, loads = [], Counter[int]()
    slots = before.keys() | after.keys()
    for slot in slots:
        old, new = before.get(slot), after.get(slot)
        change = _relative(old, new)
        if change is not None:
            loads[change] += 1
        if _sets(old) != _sets(new):
            exercise = (new or before[slot]).exercise
            differences.append(Difference(*lifter, slot, exercise, _sets(old), _sets(new), change))
    return Effect(
        lifters=1,
        lifters_changed=1 if differences else 0,
        prescriptions=len(slots),
        changed=len(differences),
        loads=dict(loads),
        followed={digest: 1},
        most=tuple(sorted(differences, key=_rank)[:1]),
    )


def quantile(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that at least ``share`` (above 0, at most 1) of the counted ones do not exceed."""
    wanted = share * sum(counts.values())
    values = sorted(counts)
    reached = accumulate(counts[value] for value in values)
    return next(value for value, so_far in zip(values, reached, strict=True) if so_far >= wanted)


def histogram(moves: Mapping[int, int]) -> list[int]:
    """How many of the moves (none is 0) lie below the first of `EDGES`, between each two, and beyond the last.

    One at an edge belongs to the bin that is nearer to 0.
    """
    bins = [0] * (len(EDGES) + 1)
    for change, count in moves.items():
        bins[sum(edge < change if change > 0 else edge <= change for edge in EDGES)] += count
    return bins


def _sum(left: Mapping[_Key, int], right: Mapping[_Key, int]) -> dict[_Key, int]:
    return dict(Counter(left) + Counter(right))


def _sets(prescription: Prescription | None) -> tuple[PrescribedSet, ...] | None:
    return None if prescription is None else prescription.sets


def _relative(old: Prescription | None, new: Prescription | None) -> int | None:
    before, after = _heaviest(old), _heaviest(new)
    if before is None or after is None or before <= 0 or after <= 0:
        return None
    return round((after - before) / before * _WHOLE)


def _heaviest(prescription: Prescription | None) -> Decimal | None:
    sets = _sets(prescription) or ()
    return max((each.load.value for each in sets if each.load is not None), default=None)


def _rank(difference: Difference) -> tuple[int, str, str, str]:
    """Those that change most first."""
    return -abs(difference.change or 0), difference.gym, difference.lifter, difference.slot
