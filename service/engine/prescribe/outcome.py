"""The net outcome of a slot: what it asks now, beside what it would ask with the lever before."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from service.domain.limits import MOST_SETS
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import Fold
from service.engine.replay.state import Track

_ZERO: Final = Decimal(0)


def net_outcome(fold: Fold, slot: PlannedSlot, track: Track, done: int) -> str:
    """What came of what a slot asks since the track's last performed session opened, rounded, from set ``done`` on.

    What rounding swallows is ``hold``.
    """
    if track.last_at is None or track.lever is None or track.opened_lever is None:
        return "start"
    if track.lever != track.opened_lever or track.adjusted is not None:
        before = msgspec.structs.replace(track, lever=track.opened_lever, adjusted=None)
        now, then = shown_loads(fold, slot, track, done), shown_loads(fold, slot, before, done)
        if now != then:
            if len(now) >= len(then) and sum(now, _ZERO) > sum(then, _ZERO):
                return "raise"
            return "deload" if track.outcome == "deload" or track.adjusted is not None else "lower"
    return track.outcome if track.outcome in ("advance", "reset") else "hold"


def shown_loads(fold: Fold, slot: PlannedSlot, track: Track, done: int) -> list[Decimal]:
    """The loads that a slot shows for its sets from number ``done`` (from 0) on, as its track stands."""
    loading = slot.loading_for(track)
    return [_ZERO if load is None else loading.round(load) for load in raw_loads(fold, slot, track, done)]


def raw_loads(fold: Fold, slot: PlannedSlot, track: Track, done: int) -> list[Decimal | None]:
    """Those loads before rounding; None: no load is known."""
    loads: list[Decimal | None] = []
    for number in range(done, done + MOST_SETS):
        raw = fold.tracks.raw_set(slot, track, number)
        if raw is None:
            break
        loads.append(raw.load)
    return loads
