"""Loads that are more likely a slip of the finger than strength."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from service.engine.reading.place import LoggedSet, Place

Weigh: TypeAlias = Callable[[Decimal], Decimal | None]
"""What is moved in all with a load; None where the body weight is a part of it and nobody told it."""

SESSIONS: Final = 3
"""An outlier is told by the best of so many sessions; before there are as many, nothing is one."""


def is_outlier(load: Decimal, tops: Sequence[Decimal], unconfirmed: Decimal | None, weigh: Weigh) -> bool:
    """Whether a load is over twice the heaviest of the last three sessions.

    ``tops`` holds the heaviest load of each, outliers left out. ``unconfirmed`` is the heaviest outlier of an earlier
    session that is still unconfirmed: one like it, neither over twice the other, confirms it.
    """
    if len(tops) < SESSIONS:
        return False
    weight, best = weigh(load), weigh(max(tops[-SESSIONS:]))
    if weight is None or best is None or best <= 0 or weight <= 2 * best:
        return False
    other = None if unconfirmed is None else weigh(unconfirmed)
    return other is None or weight > 2 * other or other > 2 * weight


def tops_of(sessions: Iterable[Sequence[Decimal]], weigh: Weigh) -> tuple[list[Decimal], Decimal | None]:
    """The tops and what is unconfirmed after sessions of these loads, where nobody knows what was asked.

    Where a session has outliers alone, it counts as the session before.
    """
    tops: list[Decimal] = []
    unconfirmed: Decimal | None = None
    for loads in sessions:
        tops, unconfirmed = tops_after(tops, unconfirmed, loads, weigh)
    return tops, unconfirmed


def tops_after(
    tops: Sequence[Decimal], unconfirmed: Decimal | None, loads: Sequence[Decimal], weigh: Weigh
) -> tuple[list[Decimal], Decimal | None]:
    """`tops_of`, after one more session of these loads."""
    outliers = [load for load in loads if is_outlier(load, tops, unconfirmed, weigh)]
    sound = [load for load in loads if load not in outliers]
    after = [*tops[1 - SESSIONS :], max(sound, default=tops[-1] if tops else Decimal(0))]
    return after, max(outliers, default=None)


def as_asked(place: Place, logged: LoggedSet) -> LoggedSet:
    """What an outlier counts as: what was asked, and no more."""
    load = logged.load if place.shown is None else place.shown
    return LoggedSet(
        logged.version, logged.at, load, min(logged.amount, place.low), logged.rir, logged.kind, logged.side
    )
