"""What a lifter's history before an event says of that event, read backwards as far as needed. Not part of the fold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.domain.effective_history import Entry
from service.domain.events import (
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SessionSkipped,
    SetLogged,
)
from service.domain.instants import Instant
from service.domain.loads import Unit
from service.engine.replay.sessions import SESSION_GAP

SESSIONS: Final = 3
"""An outlier is told by the best of so many sessions of its exercise; before there are as many, nothing is one."""

_UNIT: Final[Unit] = "kg"
_PROVES_NOTHING: Final = frozenset({"warmup", "drop"})


def ends_session(data: EventData) -> bool:
    """Whether an event ends the open session, whichever that is."""
    return isinstance(data, SessionCompleted | ProgrammeAssigned | ProgrammeEnded) or (
        isinstance(data, SessionSkipped) and data.slots is None
    )


def proves_strength(data: SetLogged) -> bool:
    """Whether the load of a set counts for how heavy its session was."""
    return data.kind not in _PROVES_NOTHING


def followed_before(earlier: Sequence[Entry]) -> str:
    """The digest of the programme that was followed last; empty for none."""
    left: set[str | None] = set()
    for _, event in reversed(earlier):
        data = event.data
        if isinstance(data, ProgrammeEnded):
            left.add(data.programme)
        if isinstance(data, ProgrammeAssigned):
            return "" if data.programme in left else data.digest or ""
        if None in left:
            return ""
    return ""


def is_outlier(earlier: Sequence[Entry], at: Instant, data: SetLogged, *, is_added: bool) -> bool:
    """Whether a set's load is over twice the best of the last three sessions of its exercise.

    ``is_added``: the load is added to the body weight, which then counts on both sides; where it is not known, nothing
    is an outlier.
    """
    if not proves_strength(data):
        return False
    best = _best_of_last_sessions(earlier, at, data)
    body = _body_weight(earlier, data) if is_added else Decimal(0)
    if best is None or body is None or best + body <= 0:
        return False
    return data.load.in_unit(_UNIT) + body > 2 * (best + body)


def _best_of_last_sessions(earlier: Sequence[Entry], at: Instant, data: SetLogged) -> Decimal | None:
    """The heaviest set (kg) of the exercise's last sessions before a set's own; None where they are fewer."""
    tops: dict[int, Decimal] = {}
    session, is_ended, session_id = 0, False, data.session_id
    for _, event in reversed(earlier):
        before = event.data
        if ends_session(before):
            is_ended = True
        if not isinstance(before, SetLogged):
            continue
        names_another = session_id is not None and session_id != before.session_id
        if is_ended or names_another or at - event.occurred_at >= SESSION_GAP:
            session += 1
            if len(tops) == SESSIONS:
                break
        at, is_ended, session_id = event.occurred_at, False, before.session_id
        if session and before.exercise == data.exercise and proves_strength(before):
            load = before.load.in_unit(_UNIT)
            tops[session] = max(tops.get(session, load), load)
    return max(tops.values()) if len(tops) == SESSIONS else None


def _body_weight(earlier: Sequence[Entry], data: SetLogged) -> Decimal | None:
    """The newest body weight (kg) that a set or the history before it says."""
    if data.body_weight is not None:
        return data.body_weight.in_unit(_UNIT)
    for _, event in reversed(earlier):
        said = event.data
        if isinstance(said, SetLogged | ProfileChanged) and said.body_weight is not None:
            return said.body_weight.in_unit(_UNIT)
    return None
