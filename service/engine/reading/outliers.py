"""Loads that are more likely a slip of the finger than strength."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.engine.reading.place import Basis, LoggedSet, Place

SESSIONS: Final = 3
"""An outlier is told by the best of so many sessions; before there are as many, nothing is one."""


def is_outlier(load: Decimal, tops: Sequence[Decimal], unconfirmed: Decimal | None, basis: Basis) -> bool:
    """Whether a load is over twice the heaviest of the last three sessions.

    ``tops`` holds the heaviest load of each, outliers left out. ``unconfirmed`` is the heaviest outlier of an earlier
    session that is still unconfirmed: one like it, neither over
    twice the other, confirms it.
    """
    if len(tops) < SESSIONS:
        return False
    weight, best = basis.weight(load), basis.weight(max(tops[-SESSIONS:]))
    if weight is None or best is None or best <= 0 or weight <= 2 * best:
        return False
    other = None if unconfirmed is None else basis.weight(unconfirmed)
    return other is None or weight > 2 * other or other > 2 * weight


def as_asked(place: Place, logged: LoggedSet) -> LoggedSet:
    """What an outlier counts as: what was asked, and no more."""
    load = logged.load if place.shown is None else place.shown
    return LoggedSet(
        logged.version, logged.at, load, min(logged.amount, place.low), logged.rir, logged.kind, logged.side
    )
