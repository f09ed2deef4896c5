"""An event together with where a lifter's log has it."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.events import Event


class LogEntry(NamedTuple):
    """An event as logged, and the SHA-256 of what its client said (see `service.domain.events.content_sha256`).

    ``default`` is the digest of the default rule set, on the entry that pins it.
    """

    version: int
    event: Event
    sha256: bytes
    default: str | None


class Tip(NamedTuple):
    """The newest entry of a log: its version (0: there is none), and a hash of it, who wrote it and when included."""

    version: int
    sha256: bytes
