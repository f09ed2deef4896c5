"""Matching the places of a slot with the sets of a session, both in order, when the session is over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from service.engine.reading.place import Basis, LoggedSet, Place, does, estimate

Score: TypeAlias = tuple[int, int, Decimal, Decimal]
"""What a matching is worth, the earlier number first: places whose set did what was asked; places that are filled;
the loads of the sets that did what was asked, together; the worth of the other sets, together."""

_ZERO: Final = Decimal(0)
_NOTHING: Final[Score] = (0, 0, _ZERO, _ZERO)
_NEVER: Final[Score] = (-1_000_000, 0, _ZERO, _ZERO)
"""Less than leaving both out."""


def match(places: Sequence[Place], sets: Sequence[LoggedSet], basis: Basis) -> list[int | None]:
    """For each place the index of its set, or None where it was left out.

    Of all matchings in order the one is chosen with most places done, then with most filled, then with the heaviest
    sets where they were done, then with the best in the others; of equal ones, that with the earliest sets and places.
    An optional place is filled only by what does what it asks. Takes time as places times sets where places differ.
    """
    if len(sets) <= len(places) and all(map(does, places, sets, [basis] * len(sets))):
        return _padded(range(len(sets)), places)
    alike = len({(place.raw, place.shown, place.low) for place in places}) == 1
    if alike and not any(place.optional for place in places):
        return _among_alike(places, sets, basis)
    worth = [[_worth(place, logged, basis) for logged in sets] for place in places]
    best = [[_NOTHING] * (len(sets) + 1) for _ in range(len(places) + 1)]
    for place in reversed(range(len(places))):
        here, below = best[place], best[place + 1]
        for index in reversed(range(len(sets))):
            here[index] = max(_sum(worth[place][index], below[index + 1]), here[index + 1], below[index])
    matched: list[int | None] = [None] * len(places)
    place = index = 0
    while place < len(places) and index < len(sets):
        if best[place][index] == _sum(worth[place][index], best[place + 1][index + 1]):
            matched[place] = index
            place, index = place + 1, index + 1
        elif best[place][index] == best[place][index + 1]:
            index += 1
        else:
            place += 1
    return matched


def _among_alike(places: Sequence[Place], sets: Sequence[LoggedSet], basis: Basis) -> list[int | None]:
    """The matching where every place asks for the same: the best sets, in order."""
    worth = [_worth(places[0], logged, basis) for logged in sets]
    chosen = sorted(range(len(sets)), key=worth.__getitem__, reverse=True)[: len(places)]
    return _padded(sorted(chosen), places)


def _padded(indexes: Sequence[int], places: Sequence[Place]) -> list[int | None]:
    return [*indexes, *[None] * (len(places) - len(indexes))]


def _worth(place: Place, logged: LoggedSet, basis: Basis) -> Score:
    """What it is worth that a set fills a place."""
    if does(place, logged, basis):
        return (1, 1, logged.load, _ZERO)
    if place.optional:
        return _NEVER
    worth = estimate(logged.load, logged.amount, basis)
    return (0, 1, _ZERO, Decimal(logged.amount) if worth is None else worth)


def _sum(one: Score, other: Score) -> Score:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])
