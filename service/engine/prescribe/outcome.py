"""The net outcome of a slot: what it asks now, beside what it would ask with the lever before."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import Fold
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RawSet

_ZERO: Final = Decimal(0)


def net_outcome(fold: Fold, slot: PlannedSlot, track: Track, done: int, raw: Iterable[RawSet]) -> str:
    """What came of what a slot asks since the track's last session was asked, rounded.

    ``raw`` are the sets that it asks for now, from number ``done`` on. What rounding swallows is ``hold``; more,
    where a rule begins anew, is ``reset``: nothing was earned by it.
    """
    lever_before = track.lever_before
    if track.last_at is None or track.lever is None or lever_before is None:
        return "start"
    if track.lever != lever_before or track.adjusted is not None:
        before = msgspec.structs.replace(track, lever=lever_before, adjusted=None)
        now, then = _shown(slot, track, raw), _shown(slot, before, fold.tracks.raw_sets(slot, before)[done:])
        if now != then:
            if len(now) >= len(then) and sum(now, _ZERO) > sum(then, _ZERO):
                return "reset" if track.outcome == "reset" else "raise"
            deloaded = track.outcome == "deload" or track.deloaded_before_session or track.adjusted is not None
            return "deload" if deloaded else "lower"
        if track.lever != lever_before:
            return "hold"
    return track.outcome if track.outcome in ("advance", "reset") else "hold"


def _shown(slot: PlannedSlot, track: Track, raw: Iterable[RawSet]) -> list[Decimal]:
    loading = slot.loading_for(track)
    return [_ZERO if each.load is None else loading.round(each.load) for each in raw]
