"""The rows of ``performed`` and ``extra``: a session's work sets as rules read them, made of how its sets were read."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from service.engine.reading.close import Group, counted, work_groups
from service.engine.reading.place import DONE, SHORT, Basis, LoggedSet, Place, heaviest, load_for_rules, verdict
from service.engine.reading.slot_sets import SlotSets
from service.engine.reading.warm_ups import WarmUps
from service.engine.replay.habit import SetDone

Row: TypeAlias = tuple[Decimal, int, Decimal | None, str, int, Decimal, tuple[int, int], str, bool, bool]
"""A work set: in this order what `service.engine.ruleset.facts.sets.PERFORMED` declares."""


def performed_rows(slot_sets: SlotSets, basis: Basis) -> list[Row]:
    """The sets that fill places, in the order of the places; one that was left out has no row."""
    rows = []
    for group in work_groups(slot_sets):
        number = slot_sets.readings[group[-1]].place
        if number is not None:
            rows.append(_row(slot_sets.asked[number], counted(slot_sets, group), number + 1, basis))
    return sorted(rows, key=_index)


def extra_rows(slot_sets: SlotSets, basis: Basis) -> list[Row]:
    """The work sets that fill no place, in their order, each held against the heaviest place."""
    extra = [group for group in work_groups(slot_sets) if slot_sets.readings[group[-1]].place is None]
    rows = []
    for index, group in enumerate(extra, slot_sets.filled + 1):
        done = counted(slot_sets, group)
        rows.append(_row(heaviest(slot_sets.asked) or as_done(done.load, done.amount), done, index, basis))
    return rows


def sets_done(slot_sets: SlotSets, basis: Basis) -> list[SetDone]:
    """Load and repetitions of every work set, extra ones included, in their order."""
    return [_done(slot_sets, group, basis) for group in work_groups(slot_sets)]


def show_habit(slot_sets: SlotSets, basis: Basis) -> list[bool]:
    """Of each of them, whether it shows a habit: none that is worth a warm-up, whether it was taken for work or not.

    Else the foot of what once was a pyramid would be asked for, done and learned for ever, however far the top grows.
    """
    sets = [counted(slot_sets, group) for group in work_groups(slot_sets)]
    warm_ups = WarmUps(sets, basis, pyramids=True)
    return [each.kind is not None or warm_ups.read(index) is None for index, each in enumerate(sets)]


def _done(slot_sets: SlotSets, group: Group, basis: Basis) -> SetDone:
    number = slot_sets.readings[group[-1]].place
    place = heaviest(slot_sets.asked) if number is None else slot_sets.asked[number]
    performed = counted(slot_sets, group)
    load = performed.load if place is None else load_for_rules(place, performed.load, basis)
    return load, performed.amount


def as_done(load: Decimal, amount: int) -> Place:
    """What is taken to have been asked where nothing was: what was done."""
    return Place(load, load, amount, amount)


def _row(place: Place, done: LoggedSet, index: int, basis: Basis) -> Row:
    load = load_for_rules(place, done.load, basis)
    shown = load if place.shown is None else place.shown
    said = verdict(place, done, basis)
    asked = (shown, (place.low, place.high), place.kind, said is DONE, said is SHORT)
    return (load, done.amount, done.rir, done.kind or "work", index, *asked)


def _index(row: Row) -> int:
    return row[4]
