"""What rules would make of a log that nobody has written: the same fold, watched at the end of every session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from service.domain.effective_history import Entry, effective_history
from service.domain.errors import SpotterError
from service.domain.events import Event, ProfileChanged, ProgrammeAssigned, ProgrammeEnded, SessionCompleted, SetLogged
from service.domain.instants import Instant
from service.domain.loads import DEFAULT_UNIT, Load, Unit
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.parking import blaming
from service.engine.replay.sessions import SESSION_GAP, ends_at
from service.engine.replay.state import LifterState
from service.engine.simulate.read_sets import ReadSet, ReadSets
from service.engine.version import ENGINE_VERSION

MOST_PRESCRIPTIONS: Final = 20_000
"""Sessions times slots; more is not worth waiting for."""

LIFTER: Final = "simulated"
"""Who the prescriptions say is meant."""


class TooMuch(SpotterError):
    """More sessions of more slots than one simulation works out."""


class SimulatedSession(NamedTuple):
    """A session that has closed: the id that its sets carried, if any, and every slot as it was due from then on.

    ``read`` are its sets in the order in which they were done; one that is not measured as its slot is, is not read.
    """

    number: int
    session_id: str | None
    prescriptions: list[Prescription]
    read: list[ReadSet]


class SimulatedSet(NamedTuple):
    """What was left to do of an exercise, or came next, after a set in session number ``session``."""

    session: int
    prescription: Prescription


class Simulated(NamedTuple):
    """Every slot as it was due before the first set, and after each session; what followed each set where asked for."""

    initial: list[Prescription]
    sessions: list[SimulatedSession]
    sets: list[SimulatedSet]

    @property
    def prescriptions(self) -> list[Prescription]:
        """All that was prescribed at the beginning and after sessions, in its order."""
        return [*self.initial, *chain.from_iterable(session.prescriptions for session in self.sessions)]


class _SessionWatcher(ReadSets):
    """Tells when a session has closed, too."""

    def __init__(self, on_closed: Callable[[], None]) -> None:
        super().__init__()
        self._on_closed = on_closed

    def session_closed(self) -> None:
        """Tell."""
        self._on_closed()


class Simulation:
    """A lifter who takes up a programme, and then trains event by event; nothing is written.

    ``unit`` is theirs until an event says another; versions count the events from 1, the assignment being 0.
    """

    def __init__(self, plans: Plans, assigned: ProgrammeAssigned, at: Instant, default_digest: str, unit: Unit) -> None:
        state = LifterState(ENGINE_VERSION)
        state.shared.unit = unit
        state.shared.default_digest = default_digest
        self._watcher = _SessionWatcher(self._note)
        self._fold = Fold(state, plans, self._watcher)
        self._made = 0
        self._now = at
        self._version = 0
        self.sessions: list[SimulatedSession] = []
        self.sets: list[SimulatedSet] = []
        self._fold.apply_all([(0, Event("assigned", 1, at, at, LIFTER, assigned))])

    def take(self, event: Event) -> None:
        """Fold an event that comes after all before it. Whatever makes it impossible raises; so does `TooMuch`."""
        shared = self._fold.state.shared
        self._now = event.occurred_at
        self._version += 1
        # A session that something else ends has ended before that.
        shared.version = self._version - (not isinstance(event.data, SessionCompleted))
        self._fold.apply_all([(self._version, event)])
        shared.version = self._version

    def note_what_follows(self, exercise: str) -> None:
        """Keep what there is to do of an exercise after the set that was taken last."""
        prescriber = Prescriber(self._fold.duplicate(), self._now)
        prescription = prescriber.prescription(LIFTER, prescriber.due(exercise))[0]
        self.sets.append(SimulatedSet(self._fold.state.shared.session.number, prescription))

    def check_size(self, history: Sequence[Entry]) -> None:
        """Raise `TooMuch`, before anything is worked out, where as many sessions of these slots are too many."""
        fold = self._fold.duplicate()
        slots = len(Prescriber(fold, self._now).every_slot())
        if _least_sessions(history) * slots > MOST_PRESCRIPTIONS and not _names_programmes(history):
            raise _too_much()

    def end(self) -> None:
        """Let the last session end by itself, in case nothing has ended it."""
        self._now = ends_at(self._fold.state.shared.session)
        self._fold.close_session()

    def every_slot(self) -> list[Prescription]:
        """Every slot as it is due now, the session closed."""
        fold = self._fold.duplicate()
        fold.close_session()
        return self._prescriptions(fold, self._now)

    def next_session(self, at: Instant) -> list[Prescription]:
        """What is to be done in the session that begins at a time."""
        prescriber = Prescriber(self._fold.duplicate(), at)
        return [prescriber.prescription(LIFTER, due)[0] for due in prescriber.next_session()]

    def due_in(self, slot: str, at: Instant) -> Prescription:
        """What is to be done in a slot at a time."""
        prescriber = Prescriber(self._fold.duplicate(), at)
        return prescriber.prescription(LIFTER, prescriber.due_in(slot))[0]

    def left_in(self, slot: str, at: Instant) -> tuple[PrescribedSet, ...]:
        """The sets that are left to be done in a slot of the session that is open at a time."""
        prescriber = Prescriber(self._fold.duplicate(), at)
        left = prescriber.left_in(slot)
        return () if left is None else prescriber.draft(left).sets

    def _note(self) -> None:
        session = self._fold.state.shared.session
        closed_at = min(self._now, ends_at(session))
        prescriptions = self._prescriptions(self._fold.duplicate(), closed_at)
        self.sessions.append(SimulatedSession(session.number, session.id, prescriptions, self._watcher.take()))

    def _prescriptions(self, fold: Fold, as_of: Instant) -> list[Prescription]:
        prescriber = Prescriber(fold, as_of)
        due = prescriber.every_slot()
        self._made += len(due)
        if self._made > MOST_PRESCRIPTIONS:
            raise _too_much()
        return [prescriber.prescription(LIFTER, each)[0] for each in due]


def simulated(
    plans: Plans,
    assigned: ProgrammeAssigned,
    default_digest: str,
    events: Sequence[Event],
    *,
    after_sets: bool = False,
) -> Simulated:
    """What the programme prescribes along a log, whose versions count from 1, as it reads in the end.

    That is: with voids and corrections applied, in the order in which things happened; after every set too, if asked
    for. Raises `Poisoned` for an event that cannot be folded, and `TooMuch`.
    """
    history = effective_history(enumerate(events, 1))
    at = history[0].event.occurred_at if history else 0
    unit = _first_unit(history) or DEFAULT_UNIT
    simulation = Simulation(plans, assigned, at, default_digest, unit)
    simulation.check_size(history)
    initial: list[Prescription] | None = None
    for version, event in history:
        if initial is None and isinstance(event.data, SetLogged):
            initial = simulation.every_slot()
        with blaming(partial(_named, version, event), no_fault=SpotterError):
            simulation.take(event)
            if after_sets and isinstance(event.data, SetLogged):
                simulation.note_what_follows(event.data.exercise)
    simulation.end()
    return Simulated(simulation.every_slot() if initial is None else initial, simulation.sessions, simulation.sets)


def _too_much() -> TooMuch:
    return TooMuch(f"more than {MOST_PRESCRIPTIONS} prescriptions, a slot and a session each: simulate fewer")


def _least_sessions(history: Iterable[Entry]) -> int:
    """How many sessions the sets alone begin, as `Fold` has it."""
    count, session_id, last_at = 0, None, -SESSION_GAP
    for _, event in history:
        if isinstance(event.data, SetLogged):
            given = event.data.session_id
            if event.occurred_at - last_at >= SESSION_GAP or given not in (None, session_id):
                count, session_id = count + 1, given
            last_at = event.occurred_at
    return count


def _names_programmes(history: Iterable[Entry]) -> bool:
    """Whether others are followed on the way, which may have fewer slots."""
    return any(isinstance(event.data, ProgrammeAssigned | ProgrammeEnded) for _, event in history)


def _named(version: int, event: Event) -> tuple[int, str]:
    return version, event.event_id


def _first_unit(history: Iterable[Entry]) -> Unit | None:
    """The first unit that a profile names or a load is in."""
    for _, event in history:
        if isinstance(event.data, ProfileChanged) and event.data.unit is not None:
            return event.data.unit
        for name in event.data.__struct_fields__:
            load = getattr(event.data, name)
            if isinstance(load, Load):
                return load.unit
    return None
