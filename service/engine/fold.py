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
from service.domain.instants import HOUR, Instant, day_number
from service.domain.loads import CONTEXT
from service.engine.arbitration import apply, settle
from service.engine.model import Trigger
from service.engine.plan import PlannedSlot, PlannedStep, Plans, Settings
from service.engine.standing import Standing, is_state_of
from service.engine.state import Assignment, Baseline, LifterState, Memory, OneSide, Reason, Session, Track

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and not told apart by a session id, belong to one session."""

BASELINE: Final = "baseline"
"""Stands for the scheme in the reason of a lever that a new baseline has set."""

_WORK_KINDS: Final = frozenset({"work", "amrap", "failure"})
_MOST_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""
_HALF: Final = Decimal("0.5")
_ZERO: Final = Decimal(0)


def computing() -> AbstractContextManager[Context]:
    """The decimal context of all folding."""
    return localcontext(CONTEXT)


class Thread(NamedTuple):
    """Where the sets of an exercise go while it has one slot only."""

    slot: PlannedSlot
    track: Track
    memory: Memory


class Fold(Standing):
    """Folds events into ``state``, which it changes in place.

    Whatever an event's content makes impossible raises; ``version`` is then that of the event, and the caller parks
    the lifter.
    """

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self._threads: dict[str, Thread] = {}
        self.version = 0
        self.pair: tuple[int, ...] = ()
        """The versions of the one-sided sets that count together just now."""
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
        session = self.state.shared.session
        if session.open and at - session.last_at >= SESSION_GAP:
            self.close_session()
        match data:
            case SessionCompleted():
                if data.session_id in (None, session.id):
                    self.close_session()
            case ProgrammeAssigned():
                self._programme_assigned(data)
            case ProgrammeEnded():
                self._programme_ended(data)
            case BaselineSet():
                self.baseline_set(data)
            case ProfileChanged():
                self._profile_changed(data)
            case DeloadRequested() | LifterNoted():
                pass  # kept in the log for rules that will read it
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
        """A session belongs to one programme, and every programme begins with its first day."""
        self.close_session()
        for slot, track in self.standing_tracks():
            track.reasons = [reason.of(slot.rule_set.digest) for reason in track.reasons]
        self.state.shared.assignment = assignment
        self.state.shared.day = 0
        self.settle()
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
        is_work = _is_work(load, slot, track, memory) if data.kind is None else data.kind in _WORK_KINDS
        if amount is None or not is_work:
            self.pass_over(slot)
        elif data.side is None:
            self._work_set(at, slot, track, memory, load, amount, data.rir)
        else:
            self._one_side(at, slot, OneSide(self.version, data.side, load, amount, data.rir))

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

    def _one_side(self, at: Instant, slot: PlannedSlot, performed: OneSide) -> None:
        """Pair the first set of one side with the first of the other; of a pair, the weaker decides."""
        waiting = self.state.shared.session.waiting.setdefault(slot.id, [])
        other = next((each for each in waiting if each.side != performed.side), None)
        if other is None:
            waiting.append(performed)
        else:
            waiting.remove(other)
            self._count_sides(at, slot, (other, performed))

    def _count_sides(self, at: Instant, slot: PlannedSlot, sides: tuple[OneSide, ...]) -> None:
        self.pair = tuple(side.version for side in sides)
        load, reps = min(side.load for side in sides), min(side.reps for side in sides)
        rir = min((side.rir for side in sides if side.rir is not None), default=None)
        self._work_set(at, slot, self.track(slot), self.memory(slot.exercise.id), load, reps, rir)
        self.pair = ()

    def _work_set(
        self,
        at: Instant,
        slot: PlannedSlot,
        track: Track,
        memory: Memory,
        load: Decimal,
        amount: int,
        rir: Decimal | None,
    ) -> None:
        session = self.state.shared.session
        facts = self.facts
        if track.session != session.number:
            self.begin(at, slot, track)
        facts.baseline = memory.baseline
        facts.body_weight = self.state.shared.body_weight
        done = session.slots.get(slot.id, 0)
        if track.lever is None:
            track.move(load)
            track.opened_lever = facts.prescribed_load = load
            facts.prescribed_reps = (amount, amount)
        else:
            self._prescribe(slot, track, done, load, amount)
        if done == 0:
            track.session_prescribed_load = facts.prescribed_load
        track.session_sets += 1
        top = track.session_top_load
        if top is None or load > top:
            track.session_top_load = load
            track.session_top_reps = amount
        elif amount > track.session_top_reps and load == top:
            track.session_top_reps = amount
        place = amount if slot.measure == "reps" else amount // 10
        maxes = memory.rep_maxes
        if not 0 < place <= len(maxes) or load > maxes[place - 1]:
            _record(track, memory, load, place)
        session.slots[slot.id] = facts.set_index = done + 1
        track.last_at = at
        facts.set_load = load
        facts.set_reps = facts.set_seconds = amount
        facts.set_rir = rir
        self.consider(Trigger.AFTER_SET, slot.after_set, track)
        memory.lever = track.lever

    def _prescribe(self, slot: PlannedSlot, track: Track, done: int, load: Decimal, amount: int) -> None:
        """Fill in what was prescribed for the set performed, the slot's number ``done`` (from 0) in this session."""
        facts = self.facts
        raw = slot.prescribed(facts, track, track.own[slot.progression.scheme.id], done)
        if raw is not None:
            _, lever, reps, _, seconds = raw
            track.last_prescribed_load = load if lever is None else slot.loading.round(lever)
            track.last_prescribed_reps = reps or seconds
        facts.prescribed_load = load if track.last_prescribed_load is None else track.last_prescribed_load
        facts.prescribed_reps = track.last_prescribed_reps or (amount, amount)

    def begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """The track's first set of a session: what time alone has caused becomes state with it."""
        track.reasons = []
        track.outcome = ""
        track.opened_lever = track.lever
        self.let_time_speak(at, slot, track)
        track.session = self.state.shared.session.number
        track.session_sets = track.session_top_reps = 0
        track.session_top_load = track.last_prescribed_load = track.last_prescribed_reps = None
        track.record = False

    def let_time_speak(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Consider what time alone has caused, for a track that was performed before."""
        if slot.before_prescription and track.last_at is not None and track.lever is not None:
            zone = self.state.shared.time_zone
            self.facts.days_since = day_number(at, zone) - day_number(track.last_at, zone)
            self.look_at(self.memory(slot.exercise.id))
            self.consider(Trigger.BEFORE_PRESCRIPTION, slot.before_prescription, track)

    def pass_over(self, slot: PlannedSlot) -> None:
        """A set that rules do not see; a tracing fold notes it."""

    def consider(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules of a trigger on a track: the first match of each scheme, then arbitration."""
        facts = self.facts
        own = track.own
        if len(steps) == 1 and not track.deloaded:  # nothing to arbitrate: the usual case, and the hot path
            (planned,) = steps
            result = planned.step(facts, track, own[planned.scheme])
            if result is not None:
                apply(planned, result, track, trigger, self.version, track.lever)
            return
        fired = []
        for planned in steps:
            result = planned.step(facts, track, own[planned.scheme])
            if result is not None:
                fired.append((planned, result))
        settle(fired, track, trigger, self.version)

    # Sessions

    def close_session(self) -> None:
        """Close the open session, if there is one: waiting sides count alone, rules run, the programme's day ends."""
        session = self.state.shared.session
        if not session.open:
            return
        for slot_id, sides in session.waiting.items():
            for side in sides:
                self._count_sides(session.last_at, self.slot(slot_id), (side,))
        session.waiting = {}
        session.open = False
        by_track: dict[str, list[PlannedSlot]] = {}
        days = set()
        for slot_id in session.slots:
            slot = self.slot(slot_id)
            days.add(slot.day)
            if slot.track in by_track:
                by_track[slot.track].append(slot)
            else:
                by_track[slot.track] = [slot]
        for slots in by_track.values():
            self._close_track(slots)
        if self.state.shared.day in days:
            self.state.shared.day = (self.state.shared.day + 1) % self.days

    def _close_track(self, slots: list[PlannedSlot]) -> None:
        """End a track's session, which the slots have fed; each scheme of theirs is asked once."""
        track = self.track(slots[0])
        track.sessions += 1
        track.deloaded = False
        track.sessions_since_change = 0 if track.changed else track.sessions_since_change + 1
        track.sessions_since_record = 0 if track.record else track.sessions_since_record + 1
        steps = slots[0].after_session
        if len(slots) > 1:
            steps = tuple({step.scheme: step for slot in slots for step in slot.after_session}.values())
        if steps:
            self.consider(Trigger.AFTER_SESSION, steps, track)
            self.memory(slots[0].exercise.id).lever = track.lever
        track.changed = False


def _is_work(load: Decimal, slot: PlannedSlot, track: Track, memory: Memory) -> bool:
    """A set that does not say what it is: work, when it has half the load that the track or the last session had.

    With an added load the body itself is most of the work, so half of what hangs from the belt says nothing.
    """
    usual = track.lever
    previous = memory.previous_top_load
    if usual is None or (previous is not None and previous < usual):
        usual = previous
    if usual is None or load >= usual or usual <= _ZERO or load >= usual * _HALF:
        return True
    return slot.exercise.load == "added"


def _record(track: Track, memory: Memory, load: Decimal, place: int) -> None:
    """Remember a rep record: a heavier load than ever for at least this many repetitions."""
    maxes = memory.rep_maxes
    place = min(place, _MOST_REPS)
    if place == 0 or (place <= len(maxes) and load <= maxes[place - 1]):
        return
    track.record = True
    maxes[:place] = [max(best, load) for best in maxes[:place]]
    maxes.extend([load] * (place - len(maxes)))
