"""A gym's feed: changes, numbered 1, 2, 3, ..., and how the contract names and writes them."""

from __future__ import annotations

import base64
from typing import Final, NamedTuple

import msgspec


class NumberedChange(NamedTuple):
    """A change, as JSON, and its number in the feed."""

    number: int
    json: bytes


class _Whose(msgspec.Struct):
    lifter: str


_whose: Final = msgspec.json.Decoder(_Whose).decode


def whose(change: bytes) -> str:
    """The lifter of a change, which is JSON."""
    return _whose(change).lifter


def change_id(number: int) -> str:
    """What names a change to its gym; opaque, and also the cursor of what follows it."""
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def change_json(change: NumberedChange) -> bytes:
    """A change as the contract has it, as JSON: with its id."""
    return b'{"change_id":"' + change_id(change.number).encode() + b'",' + change.json[1:]
