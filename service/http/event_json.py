"""Logged events, and what they hold, as the contract has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from service.domain.equipment import Plates
from service.domain.events import Correction, Event
from service.domain.instants import render
from service.domain.loads import Load
from service.domain.log_entry import LogEntry
from service.engine.derive.json_values import reading_json
from service.engine.simulate.read_sets import ReadSet


def logged_event(entry: LogEntry) -> dict[str, Any]:
    """An event with its envelope and version."""
    version, event, sha256, _ = entry
    return {
        "version": version,
        "event_id": event.event_id,
        "type": event.type,
        "schema_version": event.schema_version,
        "occurred_at": render(event.occurred_at),
        "recorded_at": render(event.recorded_at),
        "actor": event.actor,
        "content_sha256": sha256.hex(),
        "data": fields_json(event.data),
    }


def read_set_json(read: ReadSet) -> dict[str, Any]:
    """How a set was read, and why."""
    logged = read.logged
    return {
        "event_id": read.event_id,
        "slot": read.slot,
        "load": load_json(logged.load),
        "reps": logged.reps,
        "seconds": logged.seconds,
        **reading_json(read.reading),
    }


def posted_event(event: Event) -> dict[str, Any]:
    """An event as a client would post it."""
    return {
        "event_id": event.event_id,
        "type": event.type,
        "occurred_at": render(event.occurred_at),
        "data": fields_json(event.data),
    }


def load_json(load: Load) -> dict[str, Any]:
    """A load with its unit."""
    return {"value": load.value, "unit": load.unit}


def fields_json(data: msgspec.Struct) -> dict[str, Any]:
    """The fields that say something, as the client wrote them; null what a correction clears."""
    given = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not None}
    if isinstance(data, Correction):
        given |= dict.fromkeys(given.pop("cleared", ()))
        if data.occurred_at is not None:
            given["occurred_at"] = render(data.occurred_at)
    return {name: _value_json(value) for name, value in given.items()}


def _value_json(value: Any) -> Any:
    match value:
        case Load():
            return load_json(value)
        case Plates(load, count):
            return {"load": _value_json(load), "count": count}
        case msgspec.Struct():
            return fields_json(value)
        case tuple():
            return [_value_json(item) for item in value]
        case Mapping():
            return {name: _value_json(each) for name, each in value.items()}
        case _:
            return value
