"""What was told of a lifter: as it is remembered by slot, and as a change that a feed holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.instants import Instant
from service.engine.version import ENGINE_VERSION

CauseType: TypeAlias = Literal["event", "time", "import", "engine"]
"""``import``: the lifter came from another Spotter; ``engine``: a new version of Spotter prescribes otherwise."""


class Told(NamedTuple):
    """Up to which version of the log, which time and by which engine (0: none yet) everything has been told."""

    version: int = 0
    as_of: Instant | None = None
    engine: int = ENGINE_VERSION

    def encode(self) -> bytes:
        """As it is stored."""
        return _encode(self)


class Known(NamedTuple):
    """What was last told of a slot; ``substance`` is the JSON of what a lifter would notice."""

    exercise: str
    prescription_id: str
    substance: bytes

    def encode(self) -> bytes:
        """As it is stored."""
        return _pack(self)

    @classmethod
    def decode(cls, stored: bytes) -> Known:
        """As it was stored."""
        return cls(*_unpack(stored))


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a prescription changed; ``event_id`` for an event."""

    type: CauseType
    event_id: str | None = None


class Change(msgspec.Struct, frozen=True):
    """A slot whose prescription differs from the one told before, as JSON that the contract shows as it is."""

    lifter: str
    slot: str
    exercise: str
    version: int
    at: str
    cause: Cause
    before: msgspec.Raw | None
    after: msgspec.Raw | None


def told_of(stored: Mapping[bytes, bytes]) -> tuple[Told, dict[str, bytes]]:
    """Up to where a lifter's changes were told, and what is known of each slot, of what is stored."""
    told = Told(*_decode_told(stored[TOLD])[:3]) if TOLD in stored else Told()
    return told, {field.decode(): value for field, value in stored.items() if field != TOLD}


def engine_told(stored: Mapping[bytes, bytes]) -> int:
    """The engine that a lifter's changes were told by; 0 for none."""
    return int(_decode_told(stored[TOLD])[2]) if TOLD in stored else 0


TOLD: Final = b"told"
"""The field beside those of slots that says up to where everything was told."""


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(tuple[str, str, bytes]).decode
_decode_told: Final = msgspec.json.Decoder(list[Any]).decode
