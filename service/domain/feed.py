"""A gym's feed: changes, numbered 1, 2, 3, ..., and how the contract names and writes them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

_MARK_LENGTH: Final = 8
_PLACE: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9a-f]{8}))?")


class Place(NamedTuple):
    """Where a reader of a feed stands: behind the change of a number, which the mark tells from any other.

    A server that lost the newest changes gives their numbers to others. Without a mark it does not matter which it was.
    """

    number: int
    mark: str = ""


class NumberedChange(NamedTuple):
    """A change, as JSON, and its number in the feed."""

    number: int
    json: bytes

    @property
    def place(self) -> Place:
        """The place behind it."""
        return Place(self.number, mark_of(self.json))


class _Whose(msgspec.Struct):
    lifter: str


_whose: Final = msgspec.json.Decoder(_Whose).decode


def whose(change: bytes) -> str:
    """The lifter of a change, which is JSON."""
    return _whose(change).lifter


def digest_of(changes: Iterable[bytes]) -> str:
    """What tells changes from any others; ``deliver.lua`` makes the same of them."""
    return hashlib.sha1(b"".join(changes), usedforsecurity=False).hexdigest()


def mark_of(*changes: bytes) -> str:
    """What tells changes from others of their numbers."""
    return digest_of(changes)[:_MARK_LENGTH]


def change_id(place: Place) -> str:
    """What names a change to its gym; opaque, and also the cursor of what follows it."""
    said = f"{place.number}.{place.mark}" if place.mark else str(place.number)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def place_in_feed(said: str) -> Place | None:
    """The place that a cursor tells of, once decoded; None where it tells of none."""
    match = _PLACE.fullmatch(said)
    return match and Place(int(match[1]), match[2] or "")


def change_json(change: NumberedChange) -> bytes:
    """A change as the contract has it, as JSON: with its id."""
    return b'{"change_id":"' + change_id(change.place).encode() + b'",' + change.json[1:]
