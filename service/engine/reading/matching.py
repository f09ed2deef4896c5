"""Matching the places of a slot with the sets of a session, both in order, when the session is over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from service.engine.reading.place import Basis, LoggedSet, Place, does, estimate


class Score(NamedTuple):
    """What a matching is worth; the greater is the better, the earlier field first."""

    done: int = 0
    """Places whose set did what was asked."""
    filled: int = 0
    heaviest: Decimal = Decimal(0)
    """The loads of the sets that did what was asked, together."""
    best: Decimal = Decimal(0)
    """The worth of the sets of all other places, together."""
    kept: int = 0
    """Sets that stay in the place that they filled when they were done."""

    def plus(self, other: Score) -> Score:
        """Both together."""
        return Score(
            self.done + other.done,
            self.filled + other.filled,
            self.heaviest + other.heaviest,
            self.best + other.best,
            self.kept + other.kept,
        )


_NOTHING: Final = Score()


def match(
    places: Sequence[Place], sets: Sequence[LoggedSet], filled: Sequence[int | None], basis: Basis
) -> list[int | None]:
    """For each place the index of its set, or None where it was left out.

    ``filled`` is each set's place when it was done. Of all matchings in order the one is chosen with most places done,
    then with most filled, then with the heaviest sets where they were done, then with the best in the others; of equal
    ones, that which keeps most as they were, with the earlier places filled. Takes time as places times sets.
    """
    kept = _as_they_came(places, sets, filled, basis)
    if kept is not None:
        return kept
    best = [[_NOTHING] * (len(sets) + 1) for _ in range(len(places) + 1)]
    for place in reversed(range(len(places))):
        for index in reversed(range(len(sets))):
            taken = _worth(place, places[place], sets[index], filled[index], basis).plus(best[place + 1][index + 1])
            best[place][index] = max(taken, best[place][index + 1], best[place + 1][index])
    matched: list[int | None] = [None] * len(places)
    place = index = 0
    while place < len(places) and index < len(sets):
        here = best[place][index]
        if here == _worth(place, places[place], sets[index], filled[index], basis).plus(best[place + 1][index + 1]):
            matched[place] = index
            place, index = place + 1, index + 1
        elif here == best[place][index + 1]:
            index += 1
        else:
            place += 1
    return matched


def _worth(number: int, place: Place, logged: LoggedSet, filled: int | None, basis: Basis) -> Score:
    """What it is worth that a set fills a place."""
    kept = 1 if filled == number else 0
    if does(place, logged.load, logged.amount, basis):
        return Score(1, 1, logged.load, Decimal(0), kept)
    worth = estimate(logged.load, logged.amount, basis)
    return Score(0, 1, Decimal(0), Decimal(logged.amount) if worth is None else worth, kept)


def _as_they_came(
    places: Sequence[Place], sets: Sequence[LoggedSet], filled: Sequence[int | None], basis: Basis
) -> list[int | None] | None:
    """The matching as the sets came, where no other can be better: every set is in a place, and did what it asks."""
    if list(filled) != list(range(len(sets))) or len(sets) > len(places):
        return None
    if not all(does(place, done.load, done.amount, basis) for place, done in zip(places, sets, strict=False)):
        return None
    return [*range(len(sets)), *[None] * (len(places) - len(sets))]
