"""The lines of a backup: a whole Spotter, as JSON a line (NDJSON).

First what it is of, then rule sets and what is kept of gyms, keys, webhooks and rules, then gym by gym the exports of
its lifters, then the tombstones of who was erased, last a line that counts them and has the SHA-256 of every byte
before it. Tombstones come last, for a lifter may be erased while others are written. What can be derived is left out.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from service.domain.exports import RuleSetFiles
from service.domain.instants import Instant

FORMAT: Final = 1

KeyKind: TypeAlias = Literal["hash", "set", "list"]


class _Line(msgspec.Struct, frozen=True, tag_field="line", forbid_unknown_fields=True, omit_defaults=True):
    """Common settings of lines."""


class Begin(_Line, frozen=True, tag="backup"):
    """When it was begun, by which engine: every event that was acknowledged until then is in it."""

    format: int
    engine: int
    began_at: Instant


class KeyCopy(_Line, frozen=True, tag="key"):
    """Some of what a key of the store holds, in base64: of a hash field, value, field, value, ..."""

    key: str
    kind: KeyKind
    parts: list[bytes]


class OfGym(_Line, frozen=True, tag="gym"):
    """Exports of this gym's lifters follow. ``newest_change`` is the number that its feed of changes had come to."""

    gym: str
    newest_change: int = 0


class ErasedLifter(_Line, frozen=True, tag="erased"):
    """The tombstone of a lifter, who is named by a pseudonym alone."""

    partition: int
    pseudonym: str
    tombstone: msgspec.Raw


class Finish(_Line, frozen=True, tag="backup_end"):
    """How many lifters, events and tombstones there were, and the SHA-256 (hex) of all bytes before this line."""

    lifters: int
    events: int
    erased: int
    sha256: str


BackupLine: TypeAlias = Begin | RuleSetFiles | KeyCopy | OfGym | ErasedLifter | Finish

_encode: Final = msgspec.json.Encoder().encode

decode_backup_line: Final = msgspec.json.Decoder(BackupLine).decode
"""Read a line that is no lifter's; ``msgspec.MsgspecError`` where it is none."""


def encode_backup_line(line: BackupLine) -> bytes:
    """Write a line, its line feed included."""
    return _encode(line) + b"\n"
