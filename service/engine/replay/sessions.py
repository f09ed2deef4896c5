"""When a session begins and ends, and what happens at its end."""

from __future__ import annotations

from typing import Final

from service.domain.instants import HOUR, Instant, week_number
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.observer import FoldObserver
from service.engine.replay.performed_sets import PerformedSets
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.state import KeptSet, Session, Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.triggers import Trigger

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and not told apart by a session id, belong to one session."""


def ends_at(session: Session) -> Instant:
    """When a session ends by itself, if nothing more is logged."""
    return session.last_at + SESSION_GAP


def is_open_at(session: Session, at: Instant) -> bool:
    """Whether a session that nothing has closed is still open at a time after its last set."""
    return session.open and at < session.last_at + SESSION_GAP


class Sessions:
    """Opens and closes the sessions of a state."""

    __slots__ = ("_facts", "_observer", "_performed_sets", "_rules", "_runner", "_shared", "_tracks", "_volume")

    def __init__(
        self,
        tracks: Tracks,
        volume: MuscleVolume,
        runner: RuleRunner,
        performed_sets: PerformedSets,
        observer: FoldObserver | None,
    ) -> None:
        self._tracks = tracks
        self._rules = tracks.rules
        self._shared = tracks.state.shared
        self._facts = tracks.facts
        self._volume = volume
        self._runner = runner
        self._performed_sets = performed_sets
        self._observer = observer

    def begin(self, session_id: str | None) -> Session:
        """Close the open session, if there is one, and open the next."""
        self.close()
        session = self._shared.session = Session(self._shared.session.number + 1, open=True, id=session_id)
        return session

    def end_by(self, at: Instant) -> None:
        """Close the open session if its gap is over at a time."""
        session = self._shared.session
        if session.open and not is_open_at(session, at):
            self.close()

    def complete(self, session_id: str | None) -> None:
        """Close the open session if it is the one named; None names any."""
        if session_id in (None, self._shared.session.id):
            self.close()

    def close(self) -> None:
        """Close the open session, if there is one: waiting sides count alone, rules run, the programme's day ends."""
        shared = self._shared
        session = shared.session
        if not session.open:
            return
        for slot_id, sides in session.waiting.items():
            for side in sides:
                self._performed_sets.take_sides(session.last_at, self._rules.slot(slot_id), (side,))
        session.waiting = {}
        session.open = False
        self._volume.asked_at = session.last_at
        shared.volume.begin(week_number(session.last_at, shared.time_zone))
        by_track: dict[str, list[PlannedSlot]] = {}
        days = set()
        for slot_id, sets in session.slots.items():
            slot = self._rules.slot(slot_id)
            days.add(slot.day)
            shared.volume.add(slot.exercise.id, sets)
            self._tracks.state.memory(slot.exercise.id).trained_in(session.number)
            if slot.track in by_track:
                by_track[slot.track].append(slot)
            else:
                by_track[slot.track] = [slot]
        for slots in by_track.values():
            self._close_track(slots)
        if shared.day in days:
            shared.day = (shared.day + 1) % self._rules.days
            if shared.day == 0:
                shared.rounds = self._facts.programme_week = shared.rounds + 1
        if self._observer is not None:
            self._observer.session_closed()

    def _close_track(self, slots: list[PlannedSlot]) -> None:
        """End a track's session, which the slots have fed; each scheme of theirs is asked once."""
        first = slots[0]
        facts, tracks = self._facts, self._tracks
        track = tracks.of(first)
        track.sessions += 1
        track.deloaded = False
        if track.adjusted is None:
            self._count_session(slots, track)
        for slot in slots:
            steps = slot.session_steps(Trigger.AFTER_EXERCISE, track)
            if steps:
                tracks.look_at(slot)
                facts.performed = track.performed.get(slot.id, ())
                facts.prescribed_sets = tracks.count_sets(slot, track)
                self._runner.run(Trigger.AFTER_EXERCISE, steps, track)
        steps = first.session_steps(Trigger.AFTER_SESSION, track)
        if len(slots) > 1:
            of_each = (slot.session_steps(Trigger.AFTER_SESSION, track) for slot in slots)
            steps = tuple({step.scheme: step for of in of_each for step in of}.values())
        if steps:
            tracks.look_at(first)
            if first.keeps_sets:
                facts.performed = self._all_sets(slots, track)
            self._runner.run(Trigger.AFTER_SESSION, steps, track)
        if first.learns and track.adjusted is None:
            facts.performed = self._all_sets(slots, track)
            track.habit = track.habit.after(facts.sets_done, track.opened_lever, first.loading_for(track).round)
        tracks.state.memory(first.exercise.id).lever = track.lever
        track.changed = track.raised = False

    @staticmethod
    def _all_sets(slots: list[PlannedSlot], track: Track) -> list[KeptSet]:
        """The track's work sets of the session, slot by slot."""
        return [each for slot in slots for each in track.performed.get(slot.id, ())]

    def _count_session(self, slots: list[PlannedSlot], track: Track) -> None:
        """Count a session for the history of its track, before the rules at its end are asked."""
        track.sessions_since_change = 0 if track.changed else track.sessions_since_change + 1
        track.sessions_since_raise = 0 if track.raised else track.sessions_since_raise + 1
        track.sessions_since_record = 0 if track.record else track.sessions_since_record + 1
        if slots[0].counts_failures:
            done = self._shared.session.slots
            failed = track.failed or any(done[slot.id] < self._tracks.count_sets(slot, track) for slot in slots)
            track.failures_in_a_row = track.failures_in_a_row + 1 if failed else 0
            if failed and not track.changed:
                track.failures_since_change += 1
