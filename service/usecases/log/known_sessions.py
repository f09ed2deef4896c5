"""Whether a lifter's log has ever named a session: a void of one that nobody named is a slip."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from service.domain.errors import Problem
from service.domain.events import Event, SessionVoided
from service.domain.identifiers import LifterRef
from service.usecases.services import Services

_NO_SESSION = "names no session of this lifter; what was logged without a session_id is taken back by set_voided"


def session_problems(services: Services, lifter: LifterRef, event: Event, taken: Iterable[Event]) -> list[Problem]:
    """What is wrong with the session that an event voids; ``taken`` are those of its batch before it."""
    data = event.data
    if not isinstance(data, SessionVoided):
        return []
    if any(getattr(each.data, "session_id", None) == data.session_id for each in taken):
        return []
    named = b'"session_id":' + msgspec.json.encode(data.session_id)
    if any(named in raw for run in services.log.runs(lifter) for raw in run.events):
        return []
    return [Problem("/data/session_id", _NO_SESSION)]
