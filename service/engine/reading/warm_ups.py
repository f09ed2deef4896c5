"""Which of the sets that waited were warm-ups, told when the session is over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from service.engine.reading.place import WORK_KINDS, Basis, LoggedSet, estimate
from service.engine.reading.readings import How, Reading, Why

_ZERO: Final = Decimal(0)


class WarmUps:
    """Tells warm-ups among the sets of a session; ``pyramids`` says whether the foot of a pyramid is none.

    A warm-up is worth at most 80 % of a heavier later set, both by their estimates: so are 99.9 % of 2,050 warm-ups
    that a lifter labelled. The foot of a pyramid is worth over 70 %, with more repetitions than the next heavier set.
    Of timed sets and at load 0, a warm-up is under half of a later set that is not lighter.
    """

    def __init__(self, sets: Sequence[LoggedSet], basis: Basis, *, pyramids: bool) -> None:
        self._by_amount = basis.timed
        self._pyramids = pyramids
        self._sets = [(each, estimate(each.load, each.amount, basis)) for each in sets]

    def read(self, index: int, *, own_side: bool = False) -> Reading | None:
        """Read a set as a warm-up, or say None: it was none. ``own_side``: only later sets of the same side tell."""
        logged, worth = self._sets[index]
        load = logged.load
        by_amount = self._by_amount or not load
        longest, best = 0, _ZERO
        next_heavier = None
        for each, its_worth in self._sets[index + 1 :]:
            if each.load < load or not _tells(each) or (own_side and each.side != logged.side):
                continue
            if by_amount and each.amount > longest:
                longest = each.amount
            if each.load > load and its_worth is not None:
                best = max(best, its_worth)
                if next_heavier is None or each.load < next_heavier.load:
                    next_heavier = each
        if 2 * logged.amount < longest:
            return Reading(How.WARM_UP, Why.BEFORE_LONGER, None, (Decimal(logged.amount), Decimal(longest)))
        if worth is None or next_heavier is None or 10 * worth > 8 * best:
            return None
        if self._pyramids and 10 * worth > 7 * best and logged.amount > next_heavier.amount:
            return None
        return Reading(How.WARM_UP, Why.BEFORE_HEAVIER, None, (_one_rep_max(worth), _one_rep_max(best)))


def may_hold_warm_ups(sets: Sequence[LoggedSet], basis: Basis) -> bool:
    """Whether any set could be one: where amounts tell nothing, only before a heavier one."""
    if basis.timed:
        return True
    return any(not before.load or before.load < after.load for before, after in pairwise(sets))


def _tells(later: LoggedSet) -> bool:
    """Whether a set tells what was a warm-up for it: one that was no work does not."""
    return later.kind is None or later.kind in WORK_KINDS


def _one_rep_max(estimated: Decimal) -> Decimal:
    """An estimate as it is told, to a tenth."""
    return (estimated / 30).quantize(Decimal("0.1"))
