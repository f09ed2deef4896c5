"""Which of the sets that waited were warm-ups, told when the session is over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.engine.reading.place import WORK_KINDS, Basis, LoggedSet, estimate
from service.engine.reading.readings import How, Reading, Why

_THIRTY: Final = 30


def warm_up(logged: LoggedSet, later: Sequence[LoggedSet], basis: Basis, *, pyramids: bool) -> Reading | None:
    """Read a set, of which ``later`` came after, as a warm-up, or say None: it was none.

    A warm-up is worth at most 80 % of a heavier later set, both by their estimates: so are 99.9 % of 2,050 warm-ups
    that a lifter labelled. With ``pyramids``, one worth over 70 % with more repetitions than the next heavier set is
    the foot of a pyramid. Of timed sets and at load 0, a warm-up is under half of a later set that is not lighter.
    """
    later = [each for each in later if each.kind is None or each.kind in WORK_KINDS]
    if basis.timed or not logged.load:
        longest = max((each.amount for each in later if each.load >= logged.load), default=0)
        if 2 * logged.amount < longest:
            return Reading(How.WARM_UP, Why.BEFORE_LONGER, None, (Decimal(logged.amount), Decimal(longest)))
    heavier = [each for each in later if each.load > logged.load]
    worth = estimate(logged.load, logged.amount, basis)
    best = max(
        (each for each in (estimate(other.load, other.amount, basis) for other in heavier) if each), default=None
    )
    if worth is None or best is None or 10 * worth > 8 * best:
        return None
    if pyramids and 10 * worth > 7 * best and logged.amount > min(heavier, key=_load).amount:
        return None
    return Reading(How.WARM_UP, Why.BEFORE_HEAVIER, None, (_shown(worth), _shown(best)))


def _load(logged: LoggedSet) -> Decimal:
    return logged.load


def _shown(estimated: Decimal) -> Decimal:
    """A one-rep max as it is told, to a tenth."""
    return (estimated / _THIRTY).quantize(Decimal("0.1"))
