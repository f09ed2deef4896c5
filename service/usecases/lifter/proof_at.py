"""Finding the prescription of a slot as it stood: as known at one time, as of another."""

from __future__ import annotations

from service.domain.errors import NotFound
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.lifter.prescribe import next_for
from service.usecases.services import Services


def version_known_at(services: Services, lifter: LifterRef, at: Instant) -> int:
    """How many events of a lifter's log had been recorded at a time. Raises `NotFound` where none had."""
    low, high = 0, services.log.head(lifter)
    if not high:
        raise erased_or_unknown(services, lifter)
    while low < high:
        middle = (low + high + 1) // 2
        entries = services.log.read(lifter, middle - 1, 1)
        if entries and entries[0].event.recorded_at <= at:
            low = middle
        else:
            high = middle - 1
    if not low:
        raise NotFound("nothing was known of this lifter at that time")
    return low


def proof_at(
    services: Services, lifter: LifterRef, exercise: str, slot: str, *, as_of: Instant | None, known_at: Instant | None
) -> str:
    """The id of what is prescribed in a slot ``as_of`` a time, by what was ``known_at`` another; None: now.

    Raises as `service.usecases.lifter.prescribe.next_for` does.
    """
    version = None if known_at is None else version_known_at(services, lifter, known_at)
    return next_for(services, lifter, exercise, slot=slot, as_of=as_of, at_version=version).prescription_id
