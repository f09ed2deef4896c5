"""What a server holds of a lifter as it lies there, and what is found amiss in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.domain.sealing import Origins


class Finding(NamedTuple):
    """Something that is not as it was written, at a version of the log (0: of no one version)."""

    version: int
    message: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What else the server has of a lifter, when the log was at version ``head``.

    ``due`` is when it is looked again what time has changed; None for never. ``there`` are which of the lifter's own
    keys exist, ``expiring`` those that the server will remove by itself.
    """

    head: int
    is_listed: bool
    is_behind: bool
    is_parked: bool
    is_erased: bool
    due: int | None
    there: Sequence[str]
    expiring: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """All that a server holds of a lifter.

    ``ids``, ``events``, ``sha256s`` and ``seals`` have one item for each entry of the log, in order; an event is empty
    where the entry is not of the shape that Spotter writes. ``pins`` are the digests of default rule sets by entry id.
    ``index`` has the version by event id, and was read when the log was at version ``before``; ``head`` is what an
    append goes by, and ``newest`` the id of the last entry ever added, both as of the end of the log. ``told`` is what
    the feed of changes goes by. ``marks``, projection, ladder and told are as of one moment.
    """

    projection: Mapping[bytes, bytes]
    ladder: Mapping[bytes, bytes]
    index: Mapping[bytes, bytes]
    before: int
    ids: Sequence[bytes]
    events: Sequence[bytes]
    sha256s: Sequence[bytes]
    seals: Sequence[bytes]
    pins: Mapping[bytes, bytes]
    head: Mapping[bytes, bytes]
    newest: bytes
    told: Mapping[bytes, bytes]
    marks: Marks
    origins: Origins
