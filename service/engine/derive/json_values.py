"""Tracks and single values as the JSON of derivations and of a lifter's state shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from service.domain.instants import render
from service.domain.loads import Unit, canonical
from service.engine.reading.readings import Reading
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.track import Track, Value


def track_json(slot: PlannedSlot, track: Track, unit: Unit) -> dict[str, Any]:
    """A track's lever, counts and scheme state by name."""
    own: dict[str, dict[str, Any]] = {}
    for scheme_id, values in sorted(track.own.items()):
        scheme = slot.rule_set.schemes.get(scheme_id)
        if scheme is not None and scheme.state:
            own[scheme_id] = {
                variable.name: value_json(value, unit if variable.type == "load" else None)
                for variable, value in zip(scheme.state, values, strict=True)
            }
    return {
        "lever": value_json(track.lever, unit),
        "schemes": own,
        "sessions": track.sessions,
        "sessions_since_change": track.sessions_since_change,
        "sessions_since_raise": track.sessions_since_raise,
        "sessions_since_record": track.sessions_since_record,
        "deloaded": track.deloaded,
        "adjusted": _adjusted_json(track),
        "last_performed_at": None if track.last_at is None else render(track.last_at),
    }


def reading_json(reading: Reading) -> dict[str, Any]:
    """How a set was read and why; places count from 1."""
    place = None if reading.place is None else reading.place + 1
    return {"as": str(reading.how), "place": place, "why": reading.sentence()}


def _adjusted_json(track: Track) -> dict[str, Any] | None:
    """The deload scheme that adjusts the session, and the percentages of loads and sets that it leaves."""
    if track.adjusted is None:
        return None
    scheme, load, sets = track.adjusted
    return {"scheme": scheme, "load": value_json(load, None), "sets": value_json(sets, None)}


def value_json(value: Value, unit: Unit | None) -> Any:
    """A canonical decimal, an object for a load (which has a unit) and for a range; any other value as it is."""
    if isinstance(value, Decimal):
        exact = Decimal(canonical(value))
        return exact if unit is None else {"value": exact, "unit": unit}
    if isinstance(value, tuple):
        return {"min": value[0], "max": value[1]}
    return value
