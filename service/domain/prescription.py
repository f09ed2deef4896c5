"""What a lifter should do next: the sets, the outcome, the reasons, and the id from which it can be made again."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, cast

import msgspec

from service.domain.events import SetKind, Side
from service.domain.identifiers import DIGEST, SLOT_ID
from service.domain.instants import Instant
from service.domain.loads import Unit

Status: TypeAlias = Literal["in_session", "next_session"]

_LOGGED: Final = frozenset({"warmup", "amrap", "drop"})
"""The kinds of prescribed sets that are logged as themselves; all others are logged as work."""


class ShownLoad(msgspec.Struct, frozen=True):
    """A load as the contract shows it: ``{"value": 102.5, "unit": "kg"}``."""

    value: Decimal
    unit: Unit


class Range(msgspec.Struct, frozen=True):
    """From ``min`` to ``max``, both included: repetitions, reps in reserve or seconds."""

    min: int | Decimal
    max: int | Decimal


class PrescribedSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """A set to do. ``index`` counts the slot's work sets, and its warm-ups, from 1.

    ``load`` is None until a first load is known. ``total_reps`` is what all sets of this kind are to come to together,
    ``side`` the one that is left where the other was done, ``notes`` how it is to be done. To leave out one that is
    ``optional`` is no failure.
    """

    index: int
    kind: str
    load: ShownLoad | None
    reps: Range | None = None
    seconds: Range | None = None
    rir: Range | None = None
    rest_s: int | None = None
    total_reps: Range | None = None
    side: Side | None = None
    optional: bool = False
    notes: str = ""

    @property
    def logged_as(self) -> SetKind:
        """What kind of set is logged by who does it as prescribed."""
        return cast(SetKind, self.kind) if self.kind in _LOGGED else "work"


class UsedRuleSet(msgspec.Struct, frozen=True):
    """The programme and the digest of the rule set that a prescription was made with."""

    programme: str
    digest: str


class Parked(msgspec.Struct, frozen=True):
    """The event that stopped a lifter's replay, and why."""

    version: int
    event_id: str
    why: str


class Substance(msgspec.Struct, frozen=True):
    """What a lifter would notice of a prescription: two of equal substance are told as one."""

    status: Status
    outcome: str
    sets: tuple[PrescribedSet, ...]

    @property
    def what_to_do(self) -> tuple[tuple[PrescribedSet, ...], str]:
        """The substance without the status, for two rule sets that are held against each other at the same time."""
        return self.sets, self.outcome


class HasSubstance(Protocol):
    """A prescription, written out or not yet."""

    @property
    def status(self) -> Status:
        """Whether the sets belong to the open session."""

    @property
    def outcome(self) -> str:
        """What came of the lever."""

    @property
    def sets(self) -> tuple[PrescribedSet, ...]:
        """The sets to do."""


def substance_of(found: HasSubstance) -> Substance:
    """What a lifter would notice of it."""
    return Substance(found.status, found.outcome, found.sets)


class Prescription(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to do next in a slot; times are RFC 3339, ``log_head`` is the hash chain's head that it stands on (hex)."""

    prescription_id: str
    lifter: str
    exercise: str
    slot: str
    version: int
    as_of: str
    valid_from: str
    valid_until: str
    status: Status
    sets: tuple[PrescribedSet, ...]
    outcome: str
    because: tuple[str, ...]
    rule_set: UsedRuleSet
    log_head: str
    derivation: str
    parked: Parked | None = None


class PrescriptionId(NamedTuple):
    """All that a prescription is a function of, its lifter aside."""

    slot: str
    version: int
    digest: str
    engine: int
    valid_from: Instant

    def encode(self) -> str:
        """The id as clients see it: URL-safe text."""
        packed = msgspec.msgpack.encode(
            (self.slot, self.version, bytes.fromhex(self.digest), self.engine, self.valid_from)
        )
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")

    @classmethod
    def decode(cls, text: str) -> PrescriptionId:
        """Read an id; ``ValueError`` where it is none that Spotter can have given."""
        if len(text) > 300 or not text.isascii():
            raise ValueError("not a prescription id")
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            slot, version, digest, engine, valid_from = _decode(packed)
        except (binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
            raise ValueError("not a prescription id") from error
        made = cls(slot, version, digest.hex(), engine, valid_from)
        known = SLOT_ID.fullmatch(slot) and DIGEST.fullmatch(made.digest) and version >= 0 and engine >= 1
        if not known or made.encode() != text:
            raise ValueError("not a prescription id")
        return made


_decode = msgspec.msgpack.Decoder(tuple[str, int, bytes, int, int]).decode
