"""Reading a lifter's log as it was written."""

from __future__ import annotations

from service.domain.errors import NotFound
from service.domain.identifiers import LifterRef
from service.store.log import LogEntry
from service.usecases.services import Services


def read_log(services: Services, lifter: LifterRef, *, after: int, limit: int) -> tuple[list[LogEntry], bool]:
    """Up to ``limit`` entries that follow version ``after``, oldest first, and whether more follow.

    Raises `NotFound` for a lifter nobody wrote about.
    """
    entries = services.log.read(lifter, after, limit + 1)
    if not entries and not services.log.head(lifter):
        raise NotFound(f"nobody has written about a lifter {lifter.lifter!r}")
    return entries[:limit], len(entries) > limit
