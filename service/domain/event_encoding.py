"""How events are written into a log, and read from it, those of older schemas too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

import msgspec

from service.domain.events import Event, EventData
from service.domain.instants import Instant
from service.domain.upcasting import UPCASTERS, Data, upcast, upcasters_by_schema

_encoder: Final = msgspec.json.Encoder(decimal_format="string")


_decode: Final = msgspec.json.Decoder(Event).decode


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """An event of any schema."""

    event_id: str
    schema_version: int
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    data: Data


_decode_stored: Final = msgspec.json.Decoder(_Stored).decode


NEWEST_SCHEMAS: Final = {str(made.__struct_config__.tag): int(made.schema_version) for made in get_args(EventData)}
"""The schema version in which each type of event is written today."""


_STEPS: Final = {step.schema: step for step in UPCASTERS}


def check_schemas() -> None:
    """Hold the upcasters against what is written today; `UpcastersBroken` where a schema could not be read."""
    upcasters_by_schema(UPCASTERS, NEWEST_SCHEMAS)


def decode(line: bytes) -> Event:
    """Read an `Event`, of today's schema or an older one, from the bytes that `encode` wrote.

    ``msgspec.ValidationError`` where they are none, or are of a schema that this Spotter does not know.
    """
    try:
        event = _decode(line)
    except msgspec.ValidationError as error:
        return _decode_older(line, error)
    return event if event.schema_version == event.data.schema_version else _decode_older(line)


def decode_all(lines: Sequence[bytes]) -> list[Event]:
    """`decode` of each, faster where all are of today's schema."""
    try:
        events = [_decode(line) for line in lines]
    except msgspec.ValidationError:
        return [decode(line) for line in lines]
    for place, event in enumerate(events):
        if event.schema_version != event.data.schema_version:
            events[place] = _decode_older(lines[place])
    return events


def _decode_older(line: bytes, error: msgspec.ValidationError | None = None) -> Event:
    """Read an event by the steps that lead to today's schema; ``error`` is what it is not today's for."""
    stored = _decode_stored(line)
    type_ = str(stored.data.get("type"))
    schema = type_, stored.schema_version
    if schema not in _STEPS:
        raise error or msgspec.ValidationError(f"{type_} of schema version {schema[1]} was not written by this Spotter")
    (type_, version), data = upcast(schema, stored.data, _STEPS)
    stored.schema_version, stored.data = version, {**data, "type": type_}
    return _decode(_encoder.encode(stored))


def encode(event: Event) -> bytes:
    """Write an event as its log entry holds it."""
    return _encoder.encode(event)
