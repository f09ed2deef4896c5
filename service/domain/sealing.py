"""What an entry of a log can be held against: the hash of what its client said, and the seal over all of it."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

import msgspec

from service.domain.event_encoding import decode
from service.domain.events import ProgrammeAssigned
from service.domain.instants import Instant
from service.domain.same_event import content_sha256

SEAL_SIZE: Final = 16


def seal(event: bytes, sha256: bytes) -> bytes:
    """The seal of an entry: 16 bytes of SHA-256 over its event as stored and its content hash.

    The content hash says what the client said, so it leaves out who wrote the event and when; the seal does not.
    """
    return hashlib.sha256(event + sha256).digest()[:SEAL_SIZE]


class Contents(NamedTuple):
    """What of an entry counts for its proof: its id, the hashes that its content may have, the rule set it pins."""

    event_id: str
    sha256s: tuple[bytes, ...]
    digest: str | None


def contents_of(raw: bytes) -> Contents:
    """The contents of an event as stored, from its very bytes; ``msgspec.MsgspecError`` where it is none.

    An assignment is hashed as the client sent it, and its digest filled in afterwards where the client left it out.
    One of the first schema does not say which, so it may have either of two hashes; that leaves its digest to the seal.
    """
    envelope = _decode(raw)
    event_id, occurred_at, data = envelope.event_id, envelope.occurred_at, envelope.data
    if not bytes(data).startswith(_ASSIGNMENT):
        return Contents(event_id, (hashlib.sha256(_encode((event_id, occurred_at, data))).digest(),), None)
    assigned = decode(raw).data
    if not isinstance(assigned, ProgrammeAssigned):
        raise msgspec.ValidationError("an assignment of no schema that is known")
    sha256s = tuple(content_sha256(event_id, occurred_at, each) for each in _as_posted(assigned))
    return Contents(event_id, sha256s, assigned.digest)


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
_decode: Final = msgspec.json.Decoder(_Envelope).decode
_encode: Final = msgspec.json.Encoder().encode
