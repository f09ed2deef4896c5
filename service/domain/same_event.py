"""When two events say the same: their content in canonical form, and its hash."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, Final

import msgspec

from service.domain.events import EventData
from service.domain.instants import Instant
from service.domain.loads import canonical


def canonical_data(data: EventData) -> EventData:
    """The same data with every decimal in canonical form, so that 225 and 225.0 are stored alike."""
    plain = msgspec.to_builtins(data, builtin_types=(Decimal,))
    return msgspec.convert(_walk(plain), type(data))


def _walk(value: Any) -> Any:
    if isinstance(value, Decimal):
        return Decimal(canonical(value))
    if isinstance(value, dict):
        return {key: _walk(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item) for item in value]
    return value


_sorted_encoder: Final = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def content_sha256(event_id: str, occurred_at: Instant, data: EventData) -> bytes:
    """SHA-256 of what the client said, in canonical form: the id, the instant and the data.

    Two requests that mean the same (225 and 225.0, one instant in two offsets) have the same hash: ``data`` is as
    `canonical_data` makes it, before anything that Spotter resolves is filled in.
    """
    return hashlib.sha256(_sorted_encoder.encode((event_id, occurred_at, data))).digest()
