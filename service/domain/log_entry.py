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
