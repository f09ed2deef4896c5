"""Walking through a log session by session: what rules ask for before each, knowing only what was logged before it.

Pure: a log that is written nowhere is replayed as a running Spotter replays one that grows, so that each prescription
is the one that would have been served then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.effective_history import Entry
from service.domain.errors import NotFound
from service.domain.event_encoding import encode
from service.domain.events import Event, ProgrammeAssigned, SetLogged
from service.domain.instants import SECOND, Instant
from service.domain.loads import Unit, convert
from service.domain.prescription import Parked, Prescription
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import NeedsWholeLog, Run, carry_on, replay_whole
from service.engine.replay.sessions import SESSION_GAP
from service.engine.replay.state import LifterState
from service.engine.simulate.walk_forward import Case, asked, has_load, lifted
from service.engine.version import ENGINE_VERSION

LIFTER: Final = "walked"
"""Who the prescriptions say is meant."""

_BEFORE: Final = 60 * SECOND
"""How long before a log's first event its programme is assigned."""

_NOTHING: Final = Decimal(0)

_NO_HASH: Final = bytes(32)
"""Stands for the content hash of an event: nobody asks for the hash chain of a log that is written nowhere."""


class Session(NamedTuple):
    """Sets logged in one session, or another event alone; ``version`` is that of the newest event before its first.

    ``entries`` is never empty; they come in the order in which they occurred.
    """

    id: str | None
    entries: list[Entry]

    @property
    def at(self) -> Instant:
        """When it began."""
        return self.entries[0].event.occurred_at

    def sets(self) -> Mapping[str, list[SetLogged]]:
        """The sets by exercise, in the order in which exercises were begun."""
        found: defaultdict[str, list[SetLogged]] = defaultdict(list)
        for _, event in self.entries:
            if isinstance(event.data, SetLogged):
                found[event.data.exercise].append(event.data)
        return found


def sessions_of(history: Iterable[Entry]) -> list[Session]:
    """An effective history as sessions, by their beginnings.

    Sets of one session id are a session, and so are those without one; a gap of four hours ends either.
    """
    sessions: list[Session] = []
    open_sessions: dict[str | None, Session] = {}
    for entry in history:
        data = entry.event.data
        if not isinstance(data, SetLogged):
            sessions.append(Session(None, [entry]))
            continue
        known = open_sessions.get(data.session_id)
        if known is not None and entry.event.occurred_at - known.entries[-1].event.occurred_at < SESSION_GAP:
            known.entries.append(entry)
        else:
            open_sessions[data.session_id] = made = Session(data.session_id, [entry])
            sessions.append(made)
    return sessions


class _Best(NamedTuple):
    """What was lifted of an exercise before: last time's heaviest load, the heaviest ever, and all loads used."""

    last: Decimal
    highest: Decimal
    used: frozenset[Decimal]
    unit: Unit

    def in_unit(self, unit: Unit) -> _Best:
        """The same in another unit."""
        if unit == self.unit:
            return self
        last, highest, *used = (convert(each, self.unit, unit) for each in (self.last, self.highest, *self.used))
        return _Best(last, highest, frozenset(used), unit)


class Walk:
    """A walk through the sessions of a log under rules; it can be taken once.

    ``assigned`` is the programme that is followed from the beginning, with its digest; None is the default alone.
    """

    def __init__(self, plans: Plans, assigned: ProgrammeAssigned | None, default_digest: str) -> None:
        self._log = _GrowingLog(plans, default_digest)
        self._assigned = assigned
        self._before: dict[str, _Best] = {}

    @property
    def parked(self) -> Parked | None:
        """The event that has stopped the replay, if one has."""
        return self._log.parked

    def cases(self, history: Sequence[Entry]) -> Iterator[Case]:
        """Every case of an effective history, in order."""
        sessions = sessions_of(history)
        if sessions and self._assigned is not None:
            at = sessions[0].at - _BEFORE
            self._log.append([Event("assigned", self._assigned.schema_version, at, at, LIFTER, self._assigned)])
        version = 0
        for session in sessions:
            yield from self._cases(session, version)
            self._log.append([event for _, event in session.entries])
            version = max(version, *(entry.version for entry in session.entries))

    def _cases(self, session: Session, version: int) -> Iterator[Case]:
        """What was asked for beside what was lifted, wherever the two can be compared."""
        prescriber: Prescriber | None = None
        for exercise, sets in session.sets().items():
            unit = sets[0].load.unit
            done = lifted(sets, unit)
            if done is None:
                continue
            before = self._remember(exercise, done.top.load, sets, unit)
            if before is None or before.last <= 0 or done.top.load <= 0:
                continue
            prescriber = prescriber or self._log.at(session.at)
            prescription = _due(prescriber, exercise)
            asked_for = None if prescription is None else asked(prescription, unit)
            if prescription is not None and asked_for is not None:
                yield Case(
                    exercise=exercise,
                    session=session.id,
                    at=session.at,
                    version=version,
                    unit=unit,
                    asked=asked_for,
                    lifted=done,
                    last=before.last,
                    highest=before.highest,
                    has=has_load(asked_for.load, before.used, unit),
                    prescription=prescription,
                )

    def _remember(self, exercise: str, top: Decimal, sets: Sequence[SetLogged], unit: Unit) -> _Best | None:
        """Remember what was lifted, for the next session; what was remembered of those before, in the unit at hand."""
        before = self._before.get(exercise)
        before = None if before is None else before.in_unit(unit)
        used = frozenset(each.load.in_unit(unit) for each in sets)
        highest = max(top, _NOTHING if before is None else before.highest)
        self._before[exercise] = _Best(top, highest, used if before is None else before.used | used, unit)
        return before


def _due(prescriber: Prescriber, exercise: str) -> Prescription | None:
    """The prescription of an exercise; None where nothing is known of it at that time."""
    try:
        return prescriber.prescription(LIFTER, prescriber.due(exercise))[0]
    except NotFound:
        return None


class _GrowingLog:
    """What a running Spotter would know of a log that grows, and answer."""

    def __init__(self, plans: Plans, default_digest: str) -> None:
        self._plans = plans
        self._default = default_digest
        self._events: list[bytes] = []
        self._state: Mapping[bytes, bytes] = {}
        self._newest_at: Instant | None = None
        self.parked: Parked | None = None

    def append(self, events: Sequence[Event]) -> None:
        """Log events, and fold them onto what was folded before."""
        new = [encode(event) for event in events]
        run = self._run(len(self._events) + 1, new)
        self._events += new
        try:
            state = carry_on(self._state, run, self._plans)
        except NeedsWholeLog:
            state = replay_whole(self._run(1, self._events), self._plans)
        self._state = state.fields()
        self._newest_at = state.shared.newest_at
        self.parked = state.shared.parked

    def at(self, at: Instant) -> Prescriber:
        """Whoever answers what is due at a time, from a state of its own."""
        if self._newest_at is None or self._newest_at <= at:
            state = LifterState(ENGINE_VERSION, self._state)
        else:  # sessions overlap: what occurs later is not known yet
            state = replay_whole(self._run(1, self._events), self._plans, as_of=at)
        fold = Fold(state, self._plans)
        fold.assume(self._default)
        return Prescriber(fold, at)

    def _run(self, first: int, events: Sequence[bytes]) -> Run:
        default, pinned_at = (self._default, 1) if first == 1 else (None, 0)
        return Run(first, events, [_NO_HASH] * len(events), default, pinned_at)
