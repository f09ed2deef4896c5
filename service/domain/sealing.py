"""What an entry of a log can be held against: the hash of what its client said, and the seal over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias, get_args

import msgspec

from service.domain.effective_history import takes_effect_at
from service.domain.event_encoding import decode
from service.domain.events import EventData, ProgrammeAssigned, TimelineData
from service.domain.instants import Instant
from service.domain.same_event import content_sha256

SEAL_SIZE: Final = 16


Origins: TypeAlias = Sequence[tuple[int, str]]
"""Where the entries of a log were written: up to a version as the log of ``gym:lifter``, "" where nobody knows that, in
ascending order."""

_NO_END: Final = 2**53


def seal(event: bytes, sha256: bytes, origin: str = "") -> bytes:
    """The seal of an entry: 16 bytes of SHA-256 over its event as stored and its content hash.

    The content hash says what the client said, so it leaves out who wrote the event and when; the seal does not. That
    of version 2 is also over the log that the event was written to, its ``origin``; that of version 1 had none.
    """
    bound = f"2 {origin}\n".encode() if origin else b""
    return hashlib.sha256(bound + event + sha256).digest()[:SEAL_SIZE]


def is_sealed(sealed: bytes, event: bytes, sha256: bytes, origin: str) -> bool:
    """Whether a seal, of either version, is that of an entry written to the log ``origin`` ("" where nobody knows)."""
    return sealed in (seal(event, sha256, origin), seal(event, sha256))


def origin_of(version: int, origins: Origins) -> str:
    """Which log the entry of a version was written to; "" where that is not known."""
    return next((origin for last, origin in origins if version <= last), "")


def known_up_to(version: int, origins: Origins) -> tuple[tuple[int, str], ...]:
    """The origins of the first entries of a log; none where that of none of them is known."""
    begins = [0, *(last for last, _ in origins)]
    cut = tuple(
        (min(last, version), origin) for begin, (last, origin) in zip(begins, origins, strict=False) if begin < version
    )
    return cut if any(origin for _, origin in cut) else ()


def encode_origins(origins: Origins) -> bytes:
    """The origins of what was imported, as they are stored."""
    return _encode(tuple(origins))


def origins_of(stored: bytes | None, own: str) -> Origins:
    """The origins of a log, of which what was not imported is its own."""
    imported = () if stored is None else _decode_origins(stored)
    return (*imported, (_NO_END, own))


class Contents(NamedTuple):
    """What of an entry counts for its proof: its id, the hashes that its content may have, the rule set it names.

    ``at`` is when it takes its place in the timeline; None where it only acts on others. ``may_pin``: the first such
    entry of a log pins the default rule set.
    """

    event_id: str
    sha256s: tuple[bytes, ...]
    digest: str | None
    at: Instant | None = None
    may_pin: bool = False


def contents_of(raw: bytes) -> Contents:
    """The contents of an event as stored, from its very bytes; ``msgspec.MsgspecError`` where it is none.

    An assignment is hashed as the client sent it, and its digest filled in afterwards where the client left it out.
    One of the first schema does not say which, so it may have either of two hashes; that leaves its digest to the seal.
    """
    envelope = _decode(raw)
    event_id, occurred_at, data = envelope.event_id, envelope.occurred_at, envelope.data
    if not bytes(data).startswith(_ASSIGNMENT):
        sha256 = hashlib.sha256(_encode((event_id, occurred_at, data))).digest()
        may_pin = bytes(data).startswith(_PINNING)
        return Contents(event_id, (sha256,), None, _place(raw, occurred_at, bytes(data)), may_pin)
    assigned = decode(raw).data
    if not isinstance(assigned, ProgrammeAssigned):
        raise msgspec.ValidationError("an assignment of no schema that is known")
    sha256s = tuple(content_sha256(event_id, occurred_at, each) for each in _as_posted(assigned))
    return Contents(event_id, sha256s, assigned.digest, occurred_at)


def _place(raw: bytes, occurred_at: Instant, data: bytes) -> Instant | None:
    return takes_effect_at(decode(raw)) if data.startswith(_ACTING) else occurred_at


def _as_posted(assigned: ProgrammeAssigned) -> tuple[ProgrammeAssigned, ...]:
    """What the client may have sent: with the digest, without, or nobody knows."""
    with_digest = msgspec.structs.replace(assigned, digest_from="client")
    without = msgspec.structs.replace(with_digest, digest=None)
    match assigned.digest_from:
        case "client":
            return (with_digest,)
        case "newest":
            return (without,)
        case "unknown":
            return (with_digest, without)


class _Envelope(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    event_id: str
    schema_version: int
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    data: msgspec.Raw


_ASSIGNMENT: Final = b'{"type":"programme_assigned"'
_PINNING: Final = (b'{"type":"set_logged"', b'{"type":"baseline_set"')
_ACTING: Final = tuple(
    b'{"type":"%s"' % str(made.__struct_config__.tag).encode()
    for made in get_args(EventData)
    if made not in get_args(TimelineData)
)
"""How events begin that act on others."""
_decode_origins: Final = msgspec.json.Decoder(tuple[tuple[int, str], ...]).decode
_decode: Final = msgspec.json.Decoder(_Envelope).decode
_encode: Final = msgspec.json.Encoder().encode
