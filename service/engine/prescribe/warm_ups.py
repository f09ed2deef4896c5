"""The ramp to a slot's first work set: which warm-ups are asked for, and how long a rest each needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.domain.equipment import Loading
from service.engine.reading.place import Place
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import Fold
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RawSet

WARM_UP: Final = "warmup"
_ZERO: Final = Decimal(0)
_STEP_OF_RAMP: Final = Decimal("0.1")
"""Of the work set's load: a warm-up that adds less to the one before is none. Spotter's own choice."""
_REST_STEP: Final = 15
_SHORTEST_REST: Final = 30
"""Seconds: a warm-up's rest is the work set's share that its load is, in quarters of a minute. Spotter's own choice.

The empty bar is written as a load of 0, and rests the shortest.
"""


def warm_ups_left(fold: Fold, slot: PlannedSlot, track: Track, slot_sets: SlotSets, work: list[RawSet]) -> list[RawSet]:
    """Of the slot's ramp to its first work set what is heavier than all that was done."""
    loading = slot.loading_for(track)
    ramp = _warm_ups(slot, loading, work)
    if not slot_sets.sets:
        return ramp
    places = [Place(each.load, loading.round(each.load or _ZERO), 0, 0, WARM_UP) for each in ramp]
    left = slot_sets.warm_ups_left(places, fold.places.basis(slot, track))
    return ramp[len(ramp) - len(left) :]


def _warm_ups(slot: PlannedSlot, loading: Loading, work: list[RawSet]) -> list[RawSet]:
    """The slot's ramp to its first work set, from the lightest; what comes out hardly heavier is left out.

    That is less than a tenth of the work set above the warm-up before, or under the work set itself (`_STEP_OF_RAMP`).
    """
    if not work or work[0].load is None:
        return []
    first = work[0].load

    def shown(raw: Decimal) -> Decimal:
        return slot.counted.told(loading.round(raw)).value

    ramp = sorted(((first * line.percent / 100, line) for line in slot.slot.warmup), key=lambda step: step[0])
    top = shown(first)
    step = abs(top) * _STEP_OF_RAMP
    made: list[RawSet] = []
    before = None
    for load, line in ramp:
        now = shown(load)
        if now < top and top - now >= step and (before is None or now - before >= step):
            made += [RawSet(WARM_UP, load, (line.reps, line.reps), None, None)] * line.sets
            before = now
    return made


def rest_after(work: int | None, one: RawSet, first: Decimal | None) -> int | None:
    """Seconds of rest after a set: of ``work`` sets all, of a warm-up the share that it is of the ``first`` of them."""
    if work is None or one.kind != WARM_UP or one.load is None or not first:
        return work
    share = int(work * one.load / first) // _REST_STEP * _REST_STEP
    return min(work, max(_SHORTEST_REST, share))
