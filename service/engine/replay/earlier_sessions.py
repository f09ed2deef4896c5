"""What a lifter's history before an event says of that event. Not part of the fold."""

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
from service.engine.reading import outliers
from service.engine.reading.outliers import SESSIONS, tops_of
from service.engine.replay.sessions import SESSION_GAP

_NOTHING: Final = Decimal(0)
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
    """Whether a set's load is over twice the best of the last three sessions of its exercise, outliers left out.

    Over twice the lesser of the last two as well, outliers or not, which is what the append looks at. ``is_added``: the
    load is added to the body weight, which then counts on both sides; where it is not known, nothing is an outlier.
    """
    if not proves_strength(data):
        return False
    body = _body_weight(earlier, data) if is_added else _NOTHING
    sessions = [loads for loads in _by_session(earlier, at, data)[:-1] if loads]
    if body is None or len(sessions) < SESSIONS:
        return False
    load = data.load.in_unit(_UNIT)
    if load + body <= 2 * (min(map(max, sessions[-2:])) + body):
        return False
    tops, unconfirmed = tops_of(sessions, body.__add__)
    return outliers.is_outlier(load, tops, unconfirmed, body.__add__)


def _by_session(earlier: Sequence[Entry], at: Instant, data: SetLogged) -> list[list[Decimal]]:
    """The loads (kg) of a set's exercise, session by session; the last is the set's own session before it."""
    sessions: list[list[Decimal]] = [[]]
    newest: tuple[Instant, str | None] | None = None
    for _, event in earlier:
        before = event.data
        if ends_session(before):
            newest = None
        elif isinstance(before, SetLogged):
            if not _goes_on(newest, event.occurred_at, before.session_id):
                sessions.append([])
            newest = event.occurred_at, before.session_id
            if before.exercise == data.exercise and proves_strength(before):
                sessions[-1].append(before.load.in_unit(_UNIT))
    if not _goes_on(newest, at, data.session_id):
        sessions.append([])
    return sessions


def _goes_on(newest: tuple[Instant, str | None] | None, at: Instant, session_id: str | None) -> bool:
    """Whether a set belongs to the session of the set before it."""
    return newest is not None and at - newest[0] < SESSION_GAP and session_id in (None, newest[1])


def _body_weight(earlier: Sequence[Entry], data: SetLogged) -> Decimal | None:
    """The newest body weight (kg) that a set or the history before it says."""
    if data.body_weight is not None:
        return data.body_weight.in_unit(_UNIT)
    for _, event in reversed(earlier):
        said = event.data
        if isinstance(said, SetLogged | ProfileChanged) and said.body_weight is not None:
            return said.body_weight.in_unit(_UNIT)
    return None
