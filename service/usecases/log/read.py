"""Reading a lifter's log as it was written."""

from __future__ import annotations

from service.domain.identifiers import LifterRef
from service.domain.log_entry import LogEntry
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.services import Services


def read_log(services: Services, lifter: LifterRef, *, after: int, limit: int) -> tuple[list[LogEntry], bool]:
    """Up to ``limit`` entries that follow version ``after``, oldest first, and whether more follow.

    Raises `NotFound` for a lifter nobody wrote about, and `Erased`.
    """
    entries = services.log.read(lifter, after, limit + 1)
    if not entries and not services.log.head(lifter):
        raise erased_or_unknown(services, lifter)
    return entries[:limit], len(entries) > limit
