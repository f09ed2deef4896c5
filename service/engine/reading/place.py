"""What one set of a slot asks for, what a lifter logged, and when the one does the other.

All loads are decimals in the lifter's working unit. Shares are of what is moved: of body weight and load together
where the load is added to the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple, Protocol, TypeAlias

import msgspec

Kind: TypeAlias = str
"""What the client said of a set: ``work``, ``warmup``, ``amrap``, ``drop`` or ``failure``."""

WORK_KINDS: Final = frozenset({"work", "amrap", "failure"})
"""The kinds that fill a place whatever their load."""

_MOST_SHORT: Final = 40
"""A load is near what was shown up to a fortieth, 2.5 %, under it."""

_MOST_REPS: Final = 12
"""More repetitions count as this many: beyond, they tell of endurance."""


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one set of a slot asks for; without loads where none is known yet."""

    raw: Decimal | None
    """The load before rounding."""
    shown: Decimal | None
    """The load after rounding, as the lifter was told."""
    low: int
    """The fewest repetitions, or seconds, that do what was asked."""
    high: int
    kind: str = "work"
    optional: bool = False
    """Whether to leave it out is no failure; only a set that does what it asks fills it."""


class LoggedSet(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A set as it was logged."""

    version: int
    at: int
    load: Decimal
    amount: int
    """Repetitions, or seconds."""
    rir: Decimal | None = None
    kind: Kind | None = None
    side: str | None = None


class Loads(Protocol):
    """The loads that an exercise can be done with."""

    def stepped(self, load: Decimal, steps: int, /) -> Decimal | None:
        """The load so many makeable ones above a load (under 0: below it); None where there are not so many."""


class Basis(NamedTuple):
    """What the loads and amounts of an exercise are measured by."""

    loads: Loads
    timed: bool = False
    """Whether amounts are seconds."""
    added: bool = False
    """Whether loads are added to the body weight."""
    body_weight: Decimal | None = None

    def weight(self, load: Decimal) -> Decimal | None:
        """What is moved in all; None where the body weight is a part of it and nobody told it."""
        if not self.added:
            return load
        return None if self.body_weight is None else self.body_weight + load


def estimate(load: Decimal, amount: int, basis: Basis) -> Decimal | None:
    """Thirty one-rep maxes by Epley's formula, so that estimates compare exactly; None where there is none.

    Repetitions over 12 count as 12, one is itself and none proves nothing.
    """
    weight = basis.weight(load) if basis.added else load
    if weight is None or basis.timed:
        return None
    if amount <= 1:
        return 30 * amount * weight
    return weight * (30 + min(amount, _MOST_REPS))


def under_share(load: Decimal, asked: Decimal, percent: int, basis: Basis) -> bool:
    """Whether a load is under so many percent of another; where body weights are unknown, under it at all."""
    weight, whole = (basis.weight(load), basis.weight(asked)) if basis.added else (load, asked)
    if weight is None or whole is None:
        return load < asked
    return 100 * weight < percent * whole


def reaches(place: Place, load: Decimal, basis: Basis) -> bool:
    """Whether a load is the one asked for.

    It is from the raw load on, and when it is less than half the gap to the next lower makeable load and at most
    2.5 % under the load shown: whoever converts units or weighs their plates has done what they were asked.
    """
    raw, shown = place.raw, place.shown
    if raw is None or shown is None or load >= shown or load >= raw:
        return True
    missing = shown - load
    weight = basis.weight(shown) if basis.added else shown  # as it has it, without a call for every set
    if missing * _MOST_SHORT > abs(shown if weight is None else weight):
        return False
    below = basis.loads.stepped(shown, -1)
    return below is None or 2 * missing < shown - below


def load_for_rules(place: Place, load: Decimal, basis: Basis) -> Decimal:
    """The load that rules read: what was shown, where that was done; estimates take what was logged."""
    shown = place.shown
    return shown if shown is not None and load < shown and reaches(place, load, basis) else load


def does(place: Place, logged: LoggedSet, basis: Basis) -> bool:
    """Whether a set has all that was asked, load and repetitions."""
    shown = place.shown
    return logged.amount >= place.low and (shown is None or logged.load >= shown or reaches(place, logged.load, basis))


def heaviest(places: Sequence[Place]) -> Place | None:
    """The place that extra sets are held against; None where no place asks for a load that is known."""
    known = [place for place in places if place.shown is not None]
    return max(known, key=lambda place: place.shown or Decimal(0), default=None)


class Verdict(StrEnum):
    """What a set says of what was asked; only ``short`` is a failure."""

    DONE = "done"
    SHORT = "short"
    LIGHTER = "lighter"
    HEAVIER = "heavier"
    """Heavier than asked and short of repetitions, but worth as much by its estimate: neither done nor failed."""


DONE: Final = Verdict.DONE
SHORT: Final = Verdict.SHORT
_LIGHTER: Final = Verdict.LIGHTER
# At hand for every set: to look a member up in its class takes as long as to compare two loads.


def judged(place: Place, done: LoggedSet, basis: Basis) -> tuple[Decimal, Verdict]:
    """The load that rules read of the set that filled a place, as `load_for_rules` has it, and the verdict on it.

    Missed repetitions count from 90 % of the load asked, or lighter where reps in reserve are known.
    """
    load, shown = done.load, place.shown
    enough = done.amount >= place.low
    if shown is None or load >= shown:  # nearly every set
        if enough:
            return load, DONE
        return load, Verdict.HEAVIER if shown is not None and load > shown and _worth(place, done, basis) else SHORT
    if reaches(place, load, basis):
        return shown, DONE if enough else SHORT
    if enough:
        return load, _LIGHTER
    return load, SHORT if done.rir is not None or not under_share(load, shown, 90, basis) else _LIGHTER


def verdict(place: Place, done: LoggedSet, basis: Basis) -> Verdict:
    """Judge the set that filled a place."""
    return judged(place, done, basis)[1]


def _worth(place: Place, done: LoggedSet, basis: Basis) -> bool:
    """Whether the estimate of a heavier set reaches that of what was asked; for want of one, the load decides."""
    if basis.timed:
        return False
    got = estimate(done.load, done.amount, basis)
    asked = None if place.shown is None else estimate(place.shown, place.low, basis)
    return got is None or asked is None or got >= asked
