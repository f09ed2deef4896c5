"""An event of a log, and what became of it since: corrected, voided, or as it was."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.effective_history import Entry, acts_on, changes_the_past, effective_history
from service.domain.errors import NotFound
from service.domain.events import Event
from service.domain.identifiers import LifterRef
from service.domain.log_entry import LogEntry
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.read import readable
from service.usecases.services import Services


class StandingEvent(NamedTuple):
    """An event as it was logged, and as it stands: None where it was voided.

    ``acts`` are the corrections and voids of it, in the order in which they were logged.
    """

    logged: LogEntry
    stands: Event | None
    acts: list[Entry]


def standing_event(services: Services, lifter: LifterRef, event_id: str) -> StandingEvent:
    """An event of a lifter's log. Raises `NotFound` where there is none, `Erased`, and `TooMuchToReplay`."""
    logged = services.log.find(lifter, [event_id]).get(event_id)
    if logged is None:
        if not services.log.head(lifter):
            raise erased_or_unknown(services, lifter)
        raise NotFound("this lifter's log has no event of this id")
    run = services.log.whole(lifter, after=logged.version - 1)
    services.check_replay(len(run.events))
    after = list(readable(run))
    acts = [each for each in after if acts_on(each.event.data) == event_id]
    if changes_the_past(logged.event):
        voided = any(each.event.type == "set_voided" for each in acts)
        return StandingEvent(logged, None if voided else logged.event, acts)
    stands = next((each.event for each in effective_history(after) if each.event.event_id == event_id), None)
    return StandingEvent(logged, stands, acts)
