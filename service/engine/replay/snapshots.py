"""The ladder: a few older checkpoints of a lifter, so that a late event costs what follows it and not the whole log.

A rung holds what the first ``version`` events of a log led to. That stays true whatever is appended afterwards, so a
rung is never wrong; it is of use as long as nothing after it reaches further back, and `carry_on_late` looks itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from service.engine.replay.state import LifterState, is_state_field

STEP: Final = 64
"""Versions between rungs, at least."""

SLOTS: Final = 10
"""Rungs that a ladder has at most; the last ones are up to 2 ** 9 steps apart."""


class Rung(NamedTuple):
    """What the first ``version`` events of a log led to."""

    slot: bytes
    version: int
    packed: bytes

    def fields(self) -> dict[bytes, bytes]:
        """The fields of the projection at that version."""
        return _decode_fields(zlib.decompress(self.packed))


def slot_between(before: int, after: int) -> bytes | None:
    """Where the rung at ``after`` goes, if coming there from ``before`` passes a multiple of `STEP`.

    Slot ``k`` takes every second of the places that slot ``k - 1`` leaves, as the marks of a ruler: so the newest rung
    of each lies about twice as far back as that of the slot before it, and nobody has to look which rungs there are.
    """
    low, high = before // STEP, after // STEP
    return b"%d" % min((low ^ high).bit_length() - 1, SLOTS - 1) if high > low else None


def rung_of(state: LifterState) -> bytes:
    """A state as a rung, to be stored."""
    fields = {name: value for name, value in sorted(state.fields().items()) if is_state_field(name)}
    return _encode((state.shared.version, zlib.compress(_encode(fields))))


def rungs_of(stored: Mapping[bytes, bytes]) -> list[Rung]:
    """The rungs of a ladder, the newest first; one that another Spotter wrote otherwise is of no use."""
    rungs = []
    for slot, raw in stored.items():
        with suppress(msgspec.MsgspecError):
            rungs.append(Rung(slot, *_decode(raw)))
    return sorted(rungs, key=lambda rung: -rung.version)


def dropped(rungs: Iterable[Rung], after: int) -> dict[bytes, bytes]:
    """What to store in place of the rungs after a version: nothing."""
    return {rung.slot: b"" for rung in rungs if rung.version > after}


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[int, bytes]).decode
_decode_fields: Final = msgspec.msgpack.Decoder(dict[bytes, bytes]).decode
