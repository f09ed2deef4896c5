"""The fold: effective history, event by event, into a lifter's state. The hot path of replay.

It must be called inside `computing`, so that every decimal comes out the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import Context, Decimal, localcontext
from typing import Final, NamedTuple

from service.domain.events import (
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SetLogged,
)
from service.domain.instants import HOUR, Instant, week_number
from service.domain.loads import CONTEXT
from service.engine.replay.bound_programme import PlannedSlot, Plans, Settings, count_sets
from service.engine.replay.performed_sets import Performing, is_work
from service.engine.replay.slot_choice import is_state_of
from service.engine.replay.state import Assignment, Baseline, LifterState, Memory, OneSide, Reason, Session, Track
from service.engine.ruleset.triggers import Trigger

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and not told apart by a session id, belong to one session."""

BASELINE: Final = "baseline"
"""Stands for the scheme in the reason of a lever that a new baseline has set."""

_WORK_KINDS: Final = frozenset({"work", "amrap", "failure"})


def computing() -> AbstractContextManager[Context]:
    """The decimal context of all folding."""
    return localcontext(CONTEXT)


class Thread(NamedTuple):
    """Where the sets of an exercise go while it has one slot only."""

    slot: PlannedSlot
    track: Track
    memory: Memory


class Fold(Performing):
    """Folds events into ``state``, which it changes in place.

    Whatever an event's content makes impossible raises; ``version`` is then that of the event, and the caller parks
    the lifter.
    """

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self._threads: dict[str, Thread] = {}
        super().__init__(state, plans)

    def apply_all(self, history: Iterable[tuple[int, Event]]) -> None:
        """Fold events (each with its version) that come, in effective order, after everything folded before."""
        set_logged = self._set_logged
        event: Event | None = None
        for version, event in history:
            self.version = version
            data = event.data
            if type(data) is SetLogged:
                set_logged(event.occurred_at, data)
            else:
                self._not_a_set(event.occurred_at, data)
        if event is not None:
            self.state.shared.newest_at = event.occurred_at

    def settle(self) -> None:
        """Look the plans up again; the exercises' slots may be others now."""
        self._threads = {}
        super().settle()

    # What is not a set

    def _not_a_set(self, at: Instant, data: EventData) -> None:
        self.let_session_end(at)
        match data:
            case SessionCompleted():
                if data.session_id in (None, self.state.shared.session.id):
                    self.close_session()
            case ProgrammeAssigned():
                self._programme_assigned(data)
            case ProgrammeEnded():
                self._programme_ended(data)
            case BaselineSet():
                self.baseline_set(data)
            case ProfileChanged():
                self._profile_changed(data)
            case DeloadRequested():
                self.state.shared.deload_requested_at = at
            case LifterNoted():
                if data.flag is not None:
                    self.state.shared.flag, self.state.shared.flagged_at = data.flag, at
            case _:
                raise TypeError(f"{type(data).__name__} stands in no timeline: it acts on other events")

    def _profile_changed(self, data: ProfileChanged) -> None:
        shared = self.state.shared
        # Not the unit: the newest one that a profile names holds for all of history, and was settled before the fold.
        shared.time_zone = data.time_zone or shared.time_zone
        if data.body_weight is not None:
            shared.body_weight = self.in_working_unit(data.body_weight)
        if data.equipment is not None:
            shared.equipment = data.equipment
        self.settle()

    def _programme_assigned(self, data: ProgrammeAssigned) -> None:
        if data.digest is None:
            raise ValueError("a programme assigned without the digest of its rule set")
        shared = self.state.shared
        self.plans.get(data.digest, Settings(shared.unit or "kg", shared.equipment, data.params)).check()
        self._follow(Assignment(data.programme, data.digest, data.params))

    def _programme_ended(self, data: ProgrammeEnded) -> None:
        assignment = self.state.shared.assignment
        if assignment is not None and data.programme in (None, assignment.programme):
            self._follow(None)

    def _follow(self, assignment: Assignment | None) -> None:
        """A session belongs to one programme."""
        self.close_session()
        for slot, track in self.standing_tracks():
            track.reasons = [reason.of(slot.rule_set.digest) for reason in track.reasons]
        self.take_up(assignment)
        for slot, track in self.standing_tracks():
            schemes = slot.rule_set.schemes
            track.own = {
                scheme: values
                for scheme, values in track.own.items()
                if scheme not in schemes or is_state_of(schemes[scheme], values)
            }

    def baseline_set(self, data: BaselineSet) -> None:
        """Remember a baseline, and go on from it wherever the exercise is under way."""
        given = (data.load, data.one_rep_max, data.training_max)
        loads = [None if load is None else self.in_working_unit(load) for load in given]
        self.memory(data.exercise).baseline = Baseline(*loads)
        for slot in self.slots_of(data.exercise):
            track = self.state.tracks.get(slot.track)
            lever = None if track is None else self.lever_from_baseline(slot, track)
            if track is not None and lever is not None and lever != track.lever:
                self.start_anew(slot, track, lever)

    def start_anew(self, _slot: PlannedSlot, track: Track, lever: Decimal) -> None:
        """Go on from where a new baseline puts a track that has one already."""
        track.reasons.append(Reason(self.version, BASELINE, BASELINE, 0, (lever,)))
        track.move(lever)

    # Sets

    def _set_logged(self, at: Instant, data: SetLogged) -> None:
        shared = self.state.shared
        session = shared.session
        session_id = data.session_id
        if session.open and (
            at - session.last_at >= SESSION_GAP or (session_id is not None and session_id != session.id)
        ):
            self.close_session()
        if not session.open:
            session = shared.session = Session(session.number + 1, open=True, id=session_id)
        session.last_at = at
        load = data.load.value if data.load.unit == shared.unit else self.in_working_unit(data.load)
        if data.body_weight is not None:
            shared.body_weight = self.in_working_unit(data.body_weight)
        slot, track, memory = self._threads.get(data.exercise) or self._thread(data)
        if memory.session != session.number:
            memory.previous_top_load, memory.top_load, memory.session = memory.top_load, None, session.number
        if memory.top_load is None or load > memory.top_load:
            memory.top_load = load
        amount = data.reps if slot.measure == "reps" else data.seconds
        kind = data.kind
        if kind is None:
            counts = is_work(load, slot, track, memory) or self.asks_for(slot, track, load)
        else:
            counts = kind in _WORK_KINDS
        if amount is None or not counts:
            self.pass_over(slot)
        elif data.side is None:
            self.work_set(at, slot, track, memory, (load, amount, data.rir, kind or "work"))
        else:
            self.one_side(at, slot, OneSide(self.version, data.side, load, amount, data.rir, kind or "work"))

    def _thread(self, data: SetLogged) -> Thread:
        """Where a set goes: to the slot it names, the next unfinished one of today, the last it fed, the first."""
        memory = self.memory(data.exercise)
        if memory.timed is None:
            memory.timed = data.reps is None
        candidates = self.slots_of(data.exercise)
        slot = candidates[0]
        if len(candidates) == 1:
            thread = self._threads[data.exercise] = Thread(slot, self.track(slot), memory)
            return thread
        fed = self.state.shared.session.fed
        named = (each for each in candidates if each.id == data.slot)
        last = (each for each in candidates if each.id == fed.get(data.exercise))
        slot = next(named, None) or self.due_in_day(candidates) or next(last, slot)
        fed[data.exercise] = slot.id
        return Thread(slot, self.track(slot), memory)

    # Sessions

    def let_session_end(self, at: Instant) -> None:
        """Close the open session if its gap is over at a time."""
        session = self.state.shared.session
        if session.open and at - session.last_at >= SESSION_GAP:
            self.close_session()

    def close_session(self) -> None:
        """Close the open session, if there is one: waiting sides count alone, rules run, the programme's day ends."""
        session = self.state.shared.session
        if not session.open:
            return
        for slot_id, sides in session.waiting.items():
            for side in sides:
                self.count_sides(session.last_at, self.slot(slot_id), (side,))
        session.waiting = {}
        session.open = False
        self.asked_at = session.last_at
        volume = self.state.shared.volume
        volume.begin(week_number(session.last_at, self.state.shared.time_zone))
        by_track: dict[str, list[PlannedSlot]] = {}
        days = set()
        for slot_id, sets in session.slots.items():
            slot = self.slot(slot_id)
            days.add(slot.day)
            volume.add(slot.exercise.id, sets)
            if slot.track in by_track:
                by_track[slot.track].append(slot)
            else:
                by_track[slot.track] = [slot]
        for slots in by_track.values():
            self._close_track(slots)
        shared = self.state.shared
        if shared.day in days:
            shared.day = (shared.day + 1) % self.days
            if shared.day == 0:
                shared.rounds = self.facts.programme_week = shared.rounds + 1

    def _close_track(self, slots: list[PlannedSlot]) -> None:
        """End a track's session, which the slots have fed; each scheme of theirs is asked once."""
        first = slots[0]
        track = self.track(first)
        track.sessions += 1
        track.deloaded = False
        if track.adjusted is None:
            self._count_session(slots, track)
        for slot in slots:
            steps = slot.session_steps(Trigger.AFTER_EXERCISE, track)
            if steps:
                self.look_at(slot)
                self.facts.performed = track.performed.get(slot.id, ())
                self.facts.prescribed_sets = self._prescribed_sets(slot, track)
                self.consider(Trigger.AFTER_EXERCISE, steps, track)
        steps = first.session_steps(Trigger.AFTER_SESSION, track)
        if len(slots) > 1:
            of_each = (slot.session_steps(Trigger.AFTER_SESSION, track) for slot in slots)
            steps = tuple({step.scheme: step for of in of_each for step in of}.values())
        if steps:
            self.look_at(first)
            if first.keeps_sets:
                self.facts.performed = [each for slot in slots for each in track.performed.get(slot.id, ())]
            self.consider(Trigger.AFTER_SESSION, steps, track)
        self.memory(first.exercise.id).lever = track.lever
        track.changed = track.raised = False

    def _count_session(self, slots: list[PlannedSlot], track: Track) -> None:
        """Count a session for the history of its track, before the rules at its end are asked."""
        track.sessions_since_change = 0 if track.changed else track.sessions_since_change + 1
        track.sessions_since_raise = 0 if track.raised else track.sessions_since_raise + 1
        track.sessions_since_record = 0 if track.record else track.sessions_since_record + 1
        if slots[0].counts_failures:
            failed = track.failed or any(
                self.state.shared.session.slots[slot.id] < self._prescribed_sets(slot, track) for slot in slots
            )
            track.failures_in_a_row = track.failures_in_a_row + 1 if failed else 0
            if failed and not track.changed:
                track.failures_since_change += 1

    def _prescribed_sets(self, slot: PlannedSlot, track: Track) -> int:
        """How many work sets the slot asks for in a session, as the track stands."""
        self.look_at(slot)
        return count_sets(slot.prescribed, self.facts, track, track.own[slot.progression.scheme.id])
