"""When a session begins and ends, and what happens at its end."""

from __future__ import annotations

from typing import Final

from service.domain.instants import HOUR, Instant, day_number, week_number
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.observer import FoldObserver
from service.engine.replay.performed_sets import PerformedSets
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.state import Session, Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.scheme import Adjustment
from service.engine.ruleset.triggers import Trigger

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and not told apart by a session id, belong to one session."""


_ALL: Final = 100


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

    def begin(self, at: Instant, session_id: str | None) -> Session:
        """Close the open session, if there is one, and open the next."""
        self.close()
        shared = self._shared
        shared.rest_until(day_number(at, shared.time_zone))
        session = shared.session = Session(shared.session.number + 1, open=True, id=session_id)
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
            if slot.track in by_track:
                by_track[slot.track].append(slot)
            else:
                by_track[slot.track] = [slot]
        adjusted = (self._adjustment(slots[0]) for slots in by_track.values())
        adjustments = [each for each in adjusted if each is not None]
        for slots in by_track.values():
            self._close_track(slots)
        if adjustments:
            shared.lightened_at = session.last_at
        if shared.day in days and not any(adjust.beside_plan for adjust in adjustments):
            self._end_day()
        if self._observer is not None:
            self._observer.session_closed()

    def _end_day(self) -> None:
        """Go on to the programme's next day."""
        shared = self._shared
        shared.day = (shared.day + 1) % self._rules.days
        if shared.day == 0:
            shared.rounds = self._facts.programme_week = shared.rounds + 1

    def _adjustment(self, slot: PlannedSlot) -> Adjustment | None:
        """What made the open session of a slot's track lighter or shorter; None where nothing did."""
        adjusted = self._tracks.of(slot).adjusted
        if adjusted is None or min(adjusted[1:]) >= _ALL or adjusted[0] not in slot.schemes:
            return None
        return slot.schemes[adjusted[0]].scheme.adjust

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
                facts.performed = [each for slot in slots for each in track.performed.get(slot.id, ())]
            self._runner.run(Trigger.AFTER_SESSION, steps, track)
        tracks.remember(first, track)
        track.changed = track.raised = False

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
