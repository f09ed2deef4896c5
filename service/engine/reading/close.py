"""What the end of a session settles of a slot: sets that waited are read, sides stay alone, places are matched anew.

The fold calls `wake`, hands each group of sets that it answers to `fill` with the place due then, runs rules, and calls
`rematch` at last. Sets are told by their index in `SlotSets.sets`; a group is one set, or both sides of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from service.engine.reading.matching import match
from service.engine.reading.place import Basis, LoggedSet, Place, Verdict, verdict
from service.engine.reading.readings import EXTRA, PLACE, WAITING, How, Reading, Why
from service.engine.reading.slot_sets import SlotSets, weaker_of
from service.engine.reading.warm_ups import WarmUps

Group: TypeAlias = tuple[int, ...]
"""The sets that count as one: a set, or both sides of it."""


def counted(slot: SlotSets, group: Group) -> LoggedSet:
    """What a group counts as: of two sides, the weaker."""
    return slot.sets[group[0]] if len(group) == 1 else weaker_of([slot.sets[index] for index in group])


def wake(slot: SlotSets, basis: Basis, *, pyramids: bool) -> list[tuple[Group, bool]]:
    """Tell warm-ups among the sets that waited; answer the groups to read now, in order, and whether they fill a place.

    What waited fills places where none was filled; else it is extra. A side that worked fills one, alone if need be.
    """
    if not slot.waits:
        return []
    waiting = [index for index, reading in enumerate(slot.readings) if reading.how is WAITING]
    rest = []
    warm_ups = WarmUps(slot.sets, basis, pyramids=pyramids)
    for index in waiting:
        # A side that is far weaker may be so for good: only later sets of its own tell.
        warm_up = warm_ups.read(index, own_side=slot.readings[index].why is Why.FAR_WEAKER_SIDE)
        if warm_up is None:
            rest.append(index)
        else:
            slot.readings[index] = warm_up
    alone = frozenset(slot.alone)
    slot.alone = []
    none_filled = not slot.asked
    groups = _grouped(slot, sorted([*rest, *alone]))
    return [(group, none_filled or not alone.isdisjoint(group)) for group in groups]


def fill(slot: SlotSets, group: Group, place: Place | None) -> Reading:
    """Read a group that `wake` answered: it fills the place due, or is extra where that is None."""
    was_waiting = slot.readings[group[-1]].how is WAITING
    if place is None:
        return _read(slot, group, EXTRA, Why.BEYOND if not was_waiting else Why.UNMATCHED, None)
    number = slot.filled
    slot.asked.append(place)
    why = Why.NONE_FILLED if was_waiting else Why.STAYED_ALONE
    return _read(slot, group, PLACE, Why.BOTH_SIDES if len(group) > 1 else why, number)


def rematch(slot: SlotSets, left: Sequence[Place], basis: Basis) -> list[Group | None]:
    """Match all places anew, ``left`` being those that were never filled; for each place its group, or None.

    What fits no place is extra. Rules that ran on a set stay run.
    """
    groups = work_groups(slot)
    sets = [counted(slot, group) for group in groups]
    filled = [slot.readings[group[-1]].place for group in groups]
    matched = match([*slot.asked, *left], sets, basis)
    place_of = {index: place for place, index in enumerate(matched) if index is not None}
    for index, group in enumerate(groups):
        place = place_of.get(index)
        if place != filled[index]:
            how, why = (EXTRA, Why.UNMATCHED) if place is None else (PLACE, Why.MATCHED)
            _read(slot, group, how, why, place)
    return [None if index is None else groups[index] for index in matched]


def verdicts(
    slot: SlotSets, places: Sequence[Place], matched: Sequence[Group | None], basis: Basis
) -> list[Verdict | None]:
    """What the set in each place says of what was asked; None of a place that was left out."""
    return [
        None if group is None else verdict(place, counted(slot, group), basis)
        for place, group in zip(places, matched, strict=True)
    ]


def close(slot: SlotSets, left: Sequence[Place], basis: Basis, *, pyramids: bool = False) -> list[Group | None]:
    """Settle all of a slot where filling a place does not change what the others ask."""
    due = list(left)
    for group, fills in wake(slot, basis, pyramids=pyramids):
        fill(slot, group, due.pop(0) if fills and due else None)
    return rematch(slot, due, basis)


def _read(slot: SlotSets, group: Group, how: How, why: Why, place: int | None) -> Reading:
    """Give every set of a group the same reading; each names the other side's."""
    for index in group:
        other = next((each for each in group if each != index), None)
        slot.readings[index] = Reading(how, why, place, (), other)
    return slot.readings[group[-1]]


def work_groups(slot: SlotSets) -> list[Group]:
    """The groups that fill places or came on top, in the order in which they were complete."""
    groups: list[Group] = []
    for index, reading in enumerate(slot.readings):
        if reading.how is not PLACE and reading.how is not EXTRA:
            continue
        if reading.other is None:
            groups.append((index,))
        elif reading.other < index:
            groups.append((reading.other, index))
    return groups


def _grouped(slot: SlotSets, indexes: Iterable[int]) -> list[Group]:
    """Pair the sides among some sets, the first of one with the first of the other; in order of their ends."""
    groups: list[Group] = []
    waiting: list[int] = []
    for index in indexes:
        side = slot.sets[index].side
        if side is None:
            groups.append((index,))
            continue
        other = next((each for each in waiting if slot.sets[each].side != side), None)
        if other is None:
            waiting.append(index)
        else:
            waiting.remove(other)
            groups.append((other, index))
    return sorted([*groups, *((index,) for index in waiting)], key=max)
