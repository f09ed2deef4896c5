"""What a slot asks for in a session as its track stands, kept for as long as all that it follows from is the same."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from service.domain.equipment import Loading
from service.engine.reading.place import Place
from service.engine.replay.habit import Habit
from service.engine.replay.track import Value
from service.engine.ruleset.bound_scheme import RawSet


class AskedSets(msgspec.Struct, frozen=True):
    """The work sets of a session, and before them what they follow from, beside the slot: the very same objects.

    Objects and not equal ones, for equal decimals may be written otherwise.
    """

    lever: Decimal | None = None
    own: tuple[Value, ...] | None = None
    """What the progression keeps."""
    habit: Habit | None = None
    """With the equipment it says what loads can be made."""
    adjusted: tuple[str, Decimal, Decimal] | None = None
    read: tuple[object, ...] = ()
    """The facts that the scheme prescribes from."""
    sets: tuple[RawSet, ...] = ()
    """Before rounding."""
    places: tuple[Place | None, ...] = ()
    """The places that they are; None where the set that comes first must say what load or how many."""


def as_raw(prescribed: Iterable[tuple[Any, ...]]) -> tuple[RawSet, ...]:
    """The sets that a scheme prescribes; those that it says once are one object."""
    sets: list[RawSet] = []
    said: tuple[Any, ...] | None = None
    for each in prescribed:
        sets.append(sets[-1] if each is said else RawSet(*each))
        said = each
    return tuple(sets)


def places_of(sets: Iterable[RawSet], loading: Loading) -> tuple[Place | None, ...]:
    """The places that sets are; None for one that leaves load or repetitions open."""
    places: list[Place | None] = []
    before: RawSet | None = None
    for each in sets:
        places.append(places[-1] if each is before else _place_of(each, loading))
        before = each
    return tuple(places)


def _place_of(raw: RawSet, loading: Loading) -> Place | None:
    amounts = raw.reps or raw.seconds
    if raw.load is None or amounts is None:
        return None
    return Place(raw.load, loading.round(raw.load), *amounts, raw.kind, raw.optional)


def place_as_done(raw: RawSet, load: Decimal, amount: int, loading: Loading) -> Place:
    """The place that a set is which leaves load or repetitions open: what was done."""
    shown = load if raw.load is None else loading.round(raw.load)
    low, high = raw.reps or raw.seconds or (amount, amount)
    return Place(load if raw.load is None else raw.load, shown, low, high, raw.kind, raw.optional)
