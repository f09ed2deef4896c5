"""Programmes of a gym's own: what was published when, under an id that only the gym knows."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.instants import Instant

MOST_PROGRAMMES: Final = 100
"""Of one gym, those that were archived included."""

MOST_VERSIONS: Final = 500
"""Of one programme."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of the files in all versions of all programmes of a gym: lifters may follow each of them for ever."""


class ProgrammeVersion(msgspec.Struct, frozen=True):
    """A rule set that became the newest of its programme; ``size`` is the bytes of its files."""

    digest: str
    published_at: Instant
    size: int


class GymProgramme(msgspec.Struct, frozen=True):
    """A programme of a gym, with its versions, the newest last. From ``archived_at`` on nobody is assigned it."""

    id: str
    versions: tuple[ProgrammeVersion, ...]
    archived_at: Instant | None = None

    @property
    def digest(self) -> str:
        """The digest of the newest version."""
        return self.versions[-1].digest

    @property
    def size(self) -> int:
        """The bytes of all versions."""
        return sum(version.size for version in self.versions)

    def has(self, digest: str) -> bool:
        """Whether a digest is that of one of its versions."""
        return any(version.digest == digest for version in self.versions)
