"""The rows of ``performed`` and ``extra``: a session's work sets as rules read them, made of how its sets were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Final, TypeAlias

from service.engine.reading.close import counted, work_groups
from service.engine.reading.place import DONE, SHORT, Basis, LoggedSet, Place, heaviest, judged, load_for_rules
from service.engine.reading.slot_sets import SlotSets
from service.engine.reading.warm_ups import WarmUps, may_hold_warm_ups
from service.engine.replay.habit import SetDone

_INDEX: Final = itemgetter(4)

Row: TypeAlias = tuple[Decimal, int, Decimal | None, str, int, Decimal, tuple[int, int], str, bool, bool]
"""A work set: in this order what `service.engine.ruleset.facts.sets.PERFORMED` declares."""

KIND: Final[Mapping[str | None, str]] = {
    None: "work",
    "drop": "work",
    "work": "work",
    "amrap": "amrap",
    "failure": "failure",
}
"""The kind of a work set as rules read it; a drop set is one where it was asked for, and what was asked says so."""

row_failed: Final = itemgetter(9)
"""Whether the set of a row missed repetitions of what was asked."""


Work: TypeAlias = tuple[LoggedSet, int | None]
"""A work set, of two sides the weaker, and the place that it fills."""


def work_of(slot_sets: SlotSets) -> list[Work]:
    """The work sets of a slot, in the order in which they were complete."""
    readings = slot_sets.readings
    return [(counted(slot_sets, group), readings[group[-1]].place) for group in work_groups(slot_sets)]


def performed_rows(work: Iterable[Work], asked: Sequence[Place], basis: Basis) -> list[Row]:
    """The sets that fill places, in the order of the places; one that was left out has no row."""
    rows = [_row(asked[number], done, number + 1, basis) for done, number in work if number is not None]
    rows.sort(key=_INDEX)
    return rows


def extra_rows(work: Iterable[Work], asked: Sequence[Place], basis: Basis) -> list[Row]:
    """The work sets that fill no place, in their order, each held against the heaviest place."""
    extra = [done for done, number in work if number is None]
    return [
        _row(heaviest(asked) or as_done(done.load, done.amount), done, index, basis)
        for index, done in enumerate(extra, len(asked) + 1)
    ]


def sets_done(work: Iterable[Work], asked: Sequence[Place], basis: Basis) -> list[SetDone]:
    """Load and repetitions of every work set, extra ones included, in their order."""
    return [
        (_load(heaviest(asked) if number is None else asked[number], done.load, basis), done.amount)
        for done, number in work
    ]


def show_habit(work: Iterable[Work], basis: Basis) -> list[bool]:
    """Of each of them, whether it shows a habit: none that is worth a warm-up, whether it was taken for work or not.

    Else the foot of what once was a pyramid would be asked for, done and learned for ever, however far the top grows.
    """
    sets = [done for done, _ in work]
    if not may_hold_warm_ups(sets, basis):
        return [True] * len(sets)
    warm_ups = WarmUps(sets, basis, pyramids=True)
    return [each.kind is not None or warm_ups.read(index) is None for index, each in enumerate(sets)]


def _load(place: Place | None, load: Decimal, basis: Basis) -> Decimal:
    """The load that rules read, as `load_for_rules` has it, without a call for every set."""
    if place is None or place.shown is None or load >= place.shown:
        return load
    return load_for_rules(place, load, basis)


def as_done(load: Decimal, amount: int) -> Place:
    """What is taken to have been asked where nothing was: what was done."""
    return Place(load, load, amount, amount)


def _row(place: Place, done: LoggedSet, index: int, basis: Basis) -> Row:
    load, said = judged(place, done, basis)
    shown = load if place.shown is None else place.shown
    asked = (shown, (place.low, place.high), place.kind, said is DONE, said is SHORT)
    return (load, done.amount, done.rir, KIND[done.kind], index, *asked)
