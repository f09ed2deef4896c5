"""The sessions after the next, as if each were done as prescribed: what a plan looks like from here. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.events import Event, EventData, SessionCompleted, SetLogged
from service.domain.instants import DAY, SECOND, Instant
from service.domain.loads import Load
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.prescribe.next_session import Prescriber
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.replay.fold import Fold

_BETWEEN_SETS: Final = 3 * 60 * SECOND
_MOST_SETS: Final = 30
"""Sets of a slot in a session, whatever is prescribed."""
_A_WEEK: Final = 7
_WITHOUT_DAYS: Final = 2
"""Days from session to session where no programme has days."""


class SessionAhead(NamedTuple):
    """A session to come, when it would be, and what would be prescribed in it."""

    at: Instant
    prescriptions: list[Prescription]


class RoundAhead(NamedTuple):
    """A session to come by its round and its day in that, both from 0."""

    round: int
    day: int
    prescriptions: list[Prescription]


def sessions_ahead(fold: Fold, lifter: str, at: Instant, count: int) -> list[SessionAhead]:
    """Up to ``count`` sessions after the one that is due, the open one included, at a time; changes ``fold``.

    Every work set is done as it is prescribed once the ones before it are known: at its load, with the fewest
    repetitions (or seconds) that do what is asked and as much in reserve as is asked at least. What has no load yet is
    left out; where nothing else is to be done, there is nothing further to see. A programme's days are shared out over
    a week.
    """
    ahead = _Ahead(fold, lifter, at)
    found: list[SessionAhead] = []
    due = ahead.due()
    while due and len(found) < count and ahead.do(due):
        due = ahead.due()
        found.append(SessionAhead(ahead.now, due))
    return found


def rounds_ahead(fold: Fold, lifter: str, at: Instant, rounds: int, unknown: Load) -> list[RoundAhead]:
    """The sessions of so many rounds of a programme's days, from a time on and done likewise; changes ``fold``.

    What has no load yet is done with ``unknown``.
    """
    ahead = _Ahead(fold, lifter, at, unknown)
    found: list[RoundAhead] = []
    while (place := ahead.place)[0] < rounds:
        due = ahead.due()
        found.append(RoundAhead(*place, due))
        if not ahead.do(due):
            break
    return found


class _Ahead:
    """A lifter who goes on from a state and does what is prescribed; what has no load, with ``unknown`` if given."""

    def __init__(self, fold: Fold, lifter: str, at: Instant, unknown: Load | None = None) -> None:
        self._fold = fold
        self._unknown = unknown
        self._lifter = lifter
        self.now = at
        fold.let_session_end(at)

    @property
    def place(self) -> tuple[int, int]:
        """The round and the day, from 0, of the session that is due."""
        shared = self._fold.state.shared
        return shared.rounds, shared.day

    def due(self) -> list[Prescription]:
        """What is left of the open session, else the next one."""
        prescriber = Prescriber(self._fold.duplicate(), self.now)
        return [prescriber.prescription(self._lifter, due)[0] for due in prescriber.next_session()]

    def do(self, due: list[Prescription]) -> bool:
        """Do a session to its end, and rest until the next; whether there was anything to do."""
        began = self.now
        done: list[SetLogged] = []
        for prescription in due:
            done += self._slot(prescription.slot, begun=bool(done))
        if not done:
            return False
        self._log(SessionCompleted())
        days = self._fold.rules.days
        self.now = began + (max(_A_WEEK // days, 1) if days else _WITHOUT_DAYS) * DAY
        return True

    def _slot(self, slot: str, *, begun: bool) -> Iterator[SetLogged]:
        """Do a slot's sets one after the other; once the session has begun, one that is due later asks for none."""
        for _ in range(_MOST_SETS):
            prescriber = Prescriber(self._fold.duplicate(), self.now)
            due = prescriber.prescription(self._lifter, prescriber.due_in(slot))[0]
            left = [each for each in due.sets if each.kind != WARM_UP and not each.optional]
            if not left or (begun and due.status != "in_session"):
                return
            load = self._load_of(left[0])
            if load is None:
                return
            performed = _as_prescribed(due, left[0], load)
            yield performed
            self._log(performed)
            begun = True

    def _load_of(self, asked: PrescribedSet) -> Load | None:
        """The load that a set is done with; None where none is known."""
        if asked.load is not None:
            return Load(asked.load.value, asked.load.unit)
        if self._unknown is not None and asked.seconds is not None:
            return Load(Decimal(0), self._unknown.unit)  # most holds are done with the body alone
        return self._unknown

    def _log(self, data: EventData) -> None:
        shared = self._fold.state.shared
        self.now += _BETWEEN_SETS
        version = shared.version + 1
        event = Event(f"ahead-{version}", data.schema_version, self.now, self.now, "ahead", data)
        self._fold.apply_all([(version, event)])
        shared.version = version


def _as_prescribed(due: Prescription, asked: PrescribedSet, load: Load) -> SetLogged:
    reps = asked.reps or asked.total_reps
    timed = asked.seconds is not None
    return SetLogged(
        due.exercise,
        load,
        reps=None if timed else int(reps.min) if reps is not None else 1,
        seconds=int(asked.seconds.min) if asked.seconds is not None else None,
        rir=None if asked.rir is None or timed else Decimal(asked.rir.min),
        kind=asked.logged_as,
        slot=due.slot,
    )
