"""Appending an event of which nobody said when it occurred: it did when it was first told."""

from __future__ import annotations

from service.domain.errors import IdempotencyConflict
from service.domain.events import EventData
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.usecases.log.append import append_event
from service.usecases.log.batch import Receipt, Submission
from service.usecases.services import Services


def append_as_told(
    services: Services,
    lifter: LifterRef,
    event_id: str,
    data: EventData,
    occurred_at: Instant | None,
    *,
    actor: str,
    strict: bool = False,
) -> Receipt:
    """Append an event, by default as of now; told again, it is the one that was logged. Raises as `append_event`."""

    def append(at: Instant) -> Receipt:
        submission = Submission(event_id, at, data)
        return append_event(services, lifter, submission, actor=actor, with_changes=False, strict=strict)

    try:
        return append(services.now(lifter.gym) if occurred_at is None else occurred_at)
    except IdempotencyConflict:
        known = services.log.find(lifter, [event_id]).get(event_id)
        if occurred_at is not None or known is None:
            raise
        return append(known.event.occurred_at)
