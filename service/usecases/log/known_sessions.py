"""Whether a lifter's log has ever named a session: a void, or an end, of one that nobody named is a slip."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from service.domain.errors import Problem
from service.domain.events import Event, SessionVoided
from service.domain.identifiers import LifterRef
from service.store.log import PAGE
from service.usecases.services import Services

_ENDS: Final = b'{"type":"session_completed"'
_LOOKED_AT_FIRST: Final = 50
"""Entries of the log that are looked at first: nearly always the session's own."""

_NO_SESSION = "names no session of this lifter; what was logged without a session_id is taken back by set_voided"


def session_problems(services: Services, lifter: LifterRef, event: Event, taken: Iterable[Event]) -> list[Problem]:
    """What is wrong with the session that an event voids; ``taken`` are those of its batch before it."""
    data = event.data
    if not isinstance(data, SessionVoided):
        return []
    if any(getattr(each.data, "session_id", None) == data.session_id for each in taken):
        return []
    named = _naming(data.session_id)
    if any(named in raw for run in services.log.runs(lifter) for raw in run.events):
        return []
    return [Problem("/data/session_id", _NO_SESSION)]


def is_session_known(services: Services, lifter: LifterRef, session_id: str, version: int) -> bool:
    """Whether anything but a session's end named a session in the log before ``version``; read from there backwards."""
    named, last, length = _naming(session_id), version - 1, _LOOKED_AT_FIRST
    while last > 0:
        first = max(0, last - length)
        for run in services.log.runs(lifter, first, last):
            if any(named in raw and _ENDS not in raw for raw in run.events):
                return True
        last, length = first, PAGE
    return False


def _naming(session_id: str) -> bytes:
    """What is written in every event of a session."""
    return b'"session_id":' + msgspec.json.encode(session_id)
