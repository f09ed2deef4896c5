"""A lifter as a list of events: every answer is made from nothing, in the plainest way there is.

The list only grows, so what was answered once about a version is kept: it would be made again the same.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from msgspec.structs import replace

from service.domain.events import (
    BaselineCorrected,
    BaselineSet,
    Correction,
    Event,
    SessionCompleted,
    SessionEndCorrected,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.instants import Instant
from service.domain.prescription import Prescription
from service.domain.same_event import content_sha256
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.fold import Fold
from service.engine.replay.state import LifterState
from service.engine.version import ENGINE_VERSION
from service.usecases.log.batch import Submission
from tests.support.training import PLANS

_ACTING = (SetVoided, SessionVoided, SetCorrected, BaselineCorrected, SessionEndCorrected)
_STARTS = {"load", "one_rep_max", "training_max"}


@dataclass
class ModelLifter:
    """What was acknowledged of a lifter, in order; ``said`` is what the client sent, version by version."""

    name: str
    log: list[Event] = field(default_factory=list)
    said: list[Submission] = field(default_factory=list)
    default: str | None = None
    pinned_at: int = 0
    erased: bool = False
    _states: dict[tuple[int, Instant | None], LifterState] = field(default_factory=dict)
    _prescriptions: dict[tuple[int, Instant | None, Instant, str], dict[str, Prescription]] = field(
        default_factory=dict
    )

    def append(self, submission: Submission, event: Event, default: str) -> None:
        """Take an event that was acknowledged while ``default`` was the newest default rule set."""
        self.log.append(event)
        self.said.append(submission)
        if self.default is None and isinstance(event.data, SetLogged | BaselineSet):
            self.default, self.pinned_at = default, len(self.log)

    def version_of(self, event_id: str) -> int:
        """The version of an event, from 1."""
        return [event.event_id for event in self.log].index(event_id) + 1

    def pinned(self, version: int) -> str | None:
        """The default rule set that the first ``version`` events have pinned."""
        return self.default if 0 < self.pinned_at <= version else None

    def chain(self, version: int) -> bytes:
        """The head of the hash chain over the first ``version`` events."""
        head = bytes(32)
        for said in self.said[:version]:
            head = sha256(head + content_sha256(*said)).digest()
        return head

    def is_late(self, event: Event) -> bool:
        """Whether an event that is new changes the history of those before it."""
        if isinstance(event.data, _ACTING):
            return True
        moved = [each.data.occurred_at for each in self.log if isinstance(each.data, Correction)]
        stood = [each.occurred_at for each in self.log if not isinstance(each.data, _ACTING)]
        return any(event.occurred_at < at for at in [*stood, *moved] if at is not None)

    def history(self, version: int) -> list[tuple[int, Event]]:
        """The first ``version`` events with voids and corrections applied, in the order in which they occurred."""
        log = list(enumerate(self.log[:version], 1))

        @cache  # a void of a session asks about what stands before it, and so do those that it is asked about
        def stands(number: int) -> bool:
            event = self.log[number - 1]
            return not any(
                other.data.voids == event.event_id
                if isinstance(other.data, SetVoided)
                else other.data.session_id == self._session(event, list(filter(stands_alone, log[number : later - 1])))
                for later, other in log[number:]
                if isinstance(other.data, SetVoided | SessionVoided) and stands(later)
            )

        def stands_alone(entry: tuple[int, Event]) -> bool:
            return stands(entry[0])

        told = []
        for number, event in log:
            if isinstance(event.data, _ACTING) or not stands(number):
                continue
            for later, other in log:
                if isinstance(other.data, Correction) and other.data.corrects == event.event_id and stands(later):
                    event = self._corrected(event, other.data)  # noqa: PLW2901 - one correction after the other
            told.append((event.occurred_at, number, event))
        return [(number, event) for _, number, event in sorted(told, key=lambda each: each[:2])]

    @staticmethod
    def _session(event: Event, corrections: list[tuple[int, Event]]) -> str | None:
        """The session that an event names after what stands of the log between it and a void."""
        session = (
            getattr(event.data, "session_id", None) if isinstance(event.data, SetLogged | SessionCompleted) else None
        )
        for _, other in corrections:
            change = other.data
            if isinstance(change, SetCorrected | SessionEndCorrected) and change.corrects == event.event_id:
                session = change.session_id or (None if "session_id" in change.cleared else session)
        return session

    @staticmethod
    def _corrected(event: Event, change: Correction) -> Event:
        said = {name: getattr(change, name, None) for name in event.data.__struct_fields__}
        said = {name: value for name, value in said.items() if value is not None}
        gone = set(getattr(change, "cleared", ()))
        for one, others in (("reps", {"seconds"}), ("seconds", {"reps"})):
            gone |= others if isinstance(change, SetCorrected) and one in said else set()
        if isinstance(change, BaselineCorrected) and said.keys() & _STARTS:
            gone |= _STARTS
        data = replace(event.data, **{**dict.fromkeys(gone), **said})
        return replace(event, data=data, occurred_at=change.occurred_at or event.occurred_at)

    def state(self, version: int | None = None, as_of: Instant | None = None) -> LifterState:
        """The state of the first ``version`` events, of those that occurred until ``as_of``; to look at only."""
        version = len(self.log) if version is None else version
        if (version, as_of) not in self._states:
            self._states[version, as_of] = self._folded(version, as_of)
        return self._states[version, as_of]

    def _folded(self, version: int, as_of: Instant | None) -> LifterState:
        history = self.history(version)
        known = [each for each in history if as_of is None or each[1].occurred_at <= as_of]
        state = LifterState(ENGINE_VERSION)
        state.next_at = history[len(known)][1].occurred_at if len(known) < len(history) else None
        state.shared.default_digest = self.pinned(version)
        Fold(state, PLANS).apply_all(known)
        state.shared.version, state.shared.head = version, self.chain(version)
        return state

    def prescriptions(
        self, now: Instant, newest_default: str, version: int | None = None, *, as_of: Instant | None = None
    ) -> dict[str, Prescription]:
        """Every slot's, seen from the later of ``now`` and the newest event, or as of a time."""
        asked = (len(self.log) if version is None else version, as_of, now, newest_default)
        if asked not in self._prescriptions:
            self._prescriptions[asked] = self._prescribed(*asked)
        return self._prescriptions[asked]

    def _prescribed(
        self, version: int, as_of: Instant | None, now: Instant, newest_default: str
    ) -> dict[str, Prescription]:
        state = deepcopy(self.state(version, as_of))
        fold = Fold(state, PLANS)
        fold.assume(newest_default)
        prescriber = Prescriber(fold, as_of or max(now, state.shared.newest_at or now))
        return {due.slot.id: prescriber.prescription(self.name, due)[0] for due in prescriber.every_slot()}
