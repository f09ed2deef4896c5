"""The fold: effective history, event by event, into a lifter's state. The hot path of replay.

It must be called inside `computing` so that every decimal comes out the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from typing import Any, Final

from service.domain.events import (
    BaselineSet,
    DeloadRequested,
    Event,
    LifterNoted,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SetLogged,
)
from service.domain.history import Entry
from service.domain.instants import HOUR, Instant, day_number
from service.domain.loads import CONTEXT, Load, Unit
from service.engine.arbitration import Move, losers
from service.engine.facts import Facts
from service.engine.model import Trigger
from service.engine.plan import ANY_DAY, DEFAULT_DAY, Plan, PlannedSlot, PlannedStep, Plans, Settings
from service.engine.state import (
    Assignment,
    Baseline,
    LifterState,
    Memory,
    OneSide,
    Reason,
    Session,
    Track,
    Value,
)

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and without a session id, belong to one session (DESIGN: 4 hours)."""

_WORK_KINDS: Final = frozenset({"work", "amrap", "failure"})
_SURPLUS_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""

BASELINE: Final = "baseline"
"""Stands for the scheme in the reason of a lever that a new baseline has set."""

_HALF: Final = Decimal("0.5")
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)

Result = tuple[int, "Decimal | None", "tuple[Value, ...] | None", "tuple[Value, ...]"]


def computing() -> Any:
    """The decimal context of all folding, as a context manager."""
    return localcontext(CONTEXT)


class Fold:
    """Folds events into ``state``, which it changes in place.

    ``rule_sets`` are found through ``plans``; ``default_digest`` of the state says which rules serve exercises outside
    a programme. Whatever an event's content makes impossible raises; the caller parks the lifter.
    """

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self.state = state
        self.plans = plans
        self.facts = Facts()
        self.version = 0
        self.pair: tuple[int, ...] = ()
        """The versions of the one-sided sets that count together just now."""
        self._plan: Plan | None = None
        self._default: Plan | None = None
        self._settle()

    def duplicate(self) -> Fold:
        """A fold of its own that stands where this one does."""
        other = Fold(self.state.copy(), self.plans)
        other.version = self.version
        return other

    def assume(self, unit: Unit, default_digest: str) -> None:
        """Fill in what no event has said yet: the unit before the first load, the default rules before the first set."""
        shared = self.state.shared
        shared.unit = shared.unit or unit
        shared.default_digest = shared.default_digest or default_digest
        self._settle()

    def apply_all(self, history: Iterable[Entry]) -> None:
        """Fold events that come, in effective order, after everything folded before."""
        handlers = _HANDLERS
        event: Event | None = None
        for version, event in history:
            self.version = version
            handlers[type(event.data)](self, event, event.data)
        if event is not None:
            self.state.shared.newest_at = event.occurred_at

    # The settings: programme, unit, equipment

    def _settle(self) -> None:
        """Look the plans up again, after anything that shapes them changed."""
        shared = self.state.shared
        self._plan = self._default = None
        if shared.unit is None:
            return
        if shared.default_digest is not None:
            self._default = self.plans.get(shared.default_digest, Settings(shared.unit, shared.equipment, {}))
        if shared.assignment is not None:
            settings = Settings(shared.unit, shared.equipment, shared.assignment.params)
            self._plan = self.plans.get(shared.assignment.digest, settings)

    def _use_unit(self, load: Load) -> Decimal:
        """The load's value in the working unit, which the first load of all decides."""
        shared = self.state.shared
        if shared.unit is None:
            shared.unit = load.unit
            self._settle()
        return load.value if load.unit == shared.unit else load.in_unit(shared.unit)

    def _profile_changed(self, event: Event, data: ProfileChanged) -> None:
        shared = self.state.shared
        shared.unit = data.unit or shared.unit
        shared.time_zone = data.time_zone or shared.time_zone
        if data.body_weight is not None:
            shared.body_weight = self._use_unit(data.body_weight)
        if data.equipment is not None:
            shared.equipment = data.equipment
        self._settle()

    def _programme_assigned(self, event: Event, data: ProgrammeAssigned) -> None:
        self._leave_programme()
        if data.digest is None:
            raise ValueError("a programme assigned without the digest of its rule set")
        self.plans.rule_set(data.digest)
        self.state.shared.assignment = Assignment(data.programme, data.digest, data.params)
        self._settle()

    def _programme_ended(self, event: Event, data: ProgrammeEnded) -> None:
        self._leave_programme()
        self._settle()

    def _leave_programme(self) -> None:
        """A session belongs to one programme, and every programme begins with its first day."""
        self.close_session()
        self.state.shared.assignment = None
        self.state.shared.day = 0

    def _baseline_set(self, event: Event, data: BaselineSet) -> None:
        memory = self._memory(data.exercise)
        memory.baseline = Baseline(
            *(None if load is None else self._use_unit(load) for load in (data.load, data.one_rep_max, data.training_max))
        )
        for slot in self.slots_of(data.exercise):
            track = self.state.tracks.get(slot.track)
            if track is None:
                continue
            self._baseline_facts(memory)
            lever = slot.progression.initial_lever(self.facts, track)
            if lever is not None and lever != track.lever:
                track.reasons.append(Reason(self.version, BASELINE, BASELINE, 0, (lever,)))
                self._move(track, lever)

    def _nothing(self, event: Event, data: object) -> None:
        """Events that only rules yet to come will read."""

    # Sets

    def _set_logged(self, event: Event, data: SetLogged) -> None:
        shared = self.state.shared
        session = shared.session
        at = event.occurred_at
        if session.open and (
            at - session.last_at >= SESSION_GAP or (data.session_id is not None and data.session_id != session.id)
        ):
            self.close_session()
        if not session.open:
            session = self._open_session(data.session_id)
        session.last_at = at
        load = data.load.value if data.load.unit == shared.unit else self._use_unit(data.load)
        if data.body_weight is not None:
            shared.body_weight = self._use_unit(data.body_weight)
        memory = self.state.exercises.get(data.exercise)
        if memory is None:
            memory = self._memory(data.exercise)
            memory.timed = data.reps is None
        slot = self._slot_for(data, memory)
        session.fed[data.exercise] = slot.id
        track = self.state.tracks.get(slot.track)
        if track is None:
            track = self.track(slot)
        if memory.session != session.number:
            memory.previous_top_load, memory.top_load, memory.session = memory.top_load, None, session.number
        amount = data.reps if slot.measure == "reps" else data.seconds
        if amount is None or not self.is_work_set(data, load, track, memory):
            self.not_a_work_set(event, slot)
            return
        if data.side is None:
            self._work_set(at, slot, track, memory, load, amount, data.rir)
        else:
            self._one_side(at, slot, track, memory, OneSide(self.version, data.side, load, amount, data.rir))

    def _open_session(self, session_id: str | None) -> Session:
        number = self.state.shared.session.number + 1
        session = self.state.shared.session = Session(number, open=True, id=session_id)
        return session

    def is_work_set(self, data: SetLogged, load: Decimal, track: Track, memory: Memory) -> bool:
        """What the set says it is; else work when it has half the load that the track or the last session had."""
        if data.kind is not None:
            return data.kind in _WORK_KINDS
        usual = track.lever
        previous = memory.previous_top_load
        if usual is None or (previous is not None and previous < usual):
            usual = previous
        return usual is None or usual <= _ZERO or load >= usual * _HALF

    def _one_side(self, at: Instant, slot: PlannedSlot, track: Track, memory: Memory, performed: OneSide) -> None:
        """Pair the first set of one side with the first of the other; of a pair, the weaker decides."""
        waiting = self.state.shared.session.waiting.setdefault(slot.id, [])
        other = next((each for each in waiting if each.side != performed.side), None)
        if other is None:
            waiting.append(performed)
            return
        waiting.remove(other)
        self.pair = (other.version, performed.version)
        known = [side.rir for side in (other, performed) if side.rir is not None]
        load, reps = min(other.load, performed.load), min(other.reps, performed.reps)
        self._work_set(at, slot, track, memory, load, reps, min(known) if known else None)
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
            self._begin(at, slot, track)
        done = session.slots.get(slot.id, 0)
        if track.lever is None:
            self._move(track, load)
            track.opened_lever = load
            facts.prescribed_load = load
            facts.prescribed_reps = (amount, amount)
        else:
            self.prescribe_next(slot, track, done, load, amount)
        if track.session_sets == 0:
            track.session_prescribed_load = facts.prescribed_load
        track.session_sets += 1
        top = track.session_top_load
        if top is None or load > top:
            track.session_top_load = load
            track.session_top_reps = amount
        elif load == top and amount > track.session_top_reps:
            track.session_top_reps = amount
        if memory.top_load is None or load > memory.top_load:
            memory.top_load = load
        self._record(track, memory, load, amount if slot.measure == "reps" else amount // 10)
        session.slots[slot.id] = done + 1
        track.last_at = at
        facts.set_load = load
        facts.set_reps = facts.set_seconds = amount
        facts.set_rir = rir
        facts.set_index = done + 1
        facts.body_weight = self.state.shared.body_weight
        self.consider(Trigger.AFTER_SET, slot.steps[Trigger.AFTER_SET], track)
        memory.lever = track.lever

    def _begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """The track's first set of a session: what time alone has caused becomes state with it."""
        lever = track.lever
        track.reasons = []
        track.outcome = ""
        self.before_prescription(at, slot, track)
        track.session = self.state.shared.session.number
        track.opened_lever = lever
        track.session_sets = 0
        track.session_top_load = track.last_prescribed_load = None
        track.session_top_reps = 0
        track.record = False

    def before_prescription(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Let time itself speak, for a track that was performed before."""
        steps = slot.steps[Trigger.BEFORE_PRESCRIPTION]
        if steps and track.last_at is not None and track.lever is not None:
            zone = self.state.shared.time_zone
            self.facts.days_since = day_number(at, zone) - day_number(track.last_at, zone)
            self.facts.body_weight = self.state.shared.body_weight
            self.consider(Trigger.BEFORE_PRESCRIPTION, steps, track)

    def prescribe_next(self, slot: PlannedSlot, track: Track, done: int, load: Decimal, amount: int) -> None:
        """Fill in what was prescribed for the slot's set number ``done``, counted from 0."""
        facts = self.facts
        progression = slot.progression.scheme.id
        own = track.own.get(progression)
        if own is None:
            own = track.own[progression] = slot.progression.initial(facts, track)
        raw = slot.prescribed(facts, track, own, done)
        if raw is not None:
            _, lever, reps, _, seconds = raw
            track.last_prescribed_load = load if lever is None else slot.loading.round(lever)
            track.session_prescribed_reps = reps or seconds or (amount, amount)
        facts.prescribed_load = load if track.last_prescribed_load is None else track.last_prescribed_load
        facts.prescribed_reps = track.session_prescribed_reps or (amount, amount)

    def _record(self, track: Track, memory: Memory, load: Decimal, amount: int) -> None:
        """Remember a rep record: a heavier load than ever for at least this many repetitions."""
        place = amount if amount < _SURPLUS_REPS else _SURPLUS_REPS
        maxes = memory.rep_maxes
        if place == 0 or (place <= len(maxes) and load <= maxes[place - 1]):
            return
        track.record = True
        for index in range(min(place, len(maxes))):
            if maxes[index] < load:
                maxes[index] = load
        maxes.extend([load] * (place - len(maxes)))

    # Rules

    def consider(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules of a trigger on a track: the first match of each scheme, then arbitration."""
        facts = self.facts
        fired: list[tuple[PlannedStep, Result]] = []
        for planned in steps:
            own = track.own.get(planned.scheme)
            if own is None:
                own = track.own[planned.scheme] = planned.bound.initial(facts, track)
            result = planned.step(facts, track, own)
            if result is not None:
                fired.append((planned, result))
        if fired:
            self.settle_fired(trigger, fired, track)

    def settle_fired(self, trigger: Trigger, fired: list[tuple[PlannedStep, Result]], track: Track) -> frozenset[int]:
        """Apply what may be applied of the rules that fired; answer the places of those that lost."""
        before = track.lever
        lost: frozenset[int] = frozenset()
        if len(fired) > 1 or track.deloaded:
            moves = [Move(planned.role, result[1]) for planned, result in fired]
            lost = losers(before, deloaded=track.deloaded, moves=moves)
        for place, (planned, (rule, lever, values, reasons)) in enumerate(fired):
            applied = place not in lost
            track.reasons.append(Reason(self.version, planned.scheme, trigger, rule, reasons, applied))
            if not applied:
                continue
            if values is not None:
                track.own[planned.scheme] = values
            if lever != before:
                self._move(track, lever)
                if planned.role == "deload":
                    track.deloaded = True
                    track.outcome = "deload"
            elif planned.outcomes[rule] in _ADVANCING:
                track.outcome = planned.outcomes[rule]
        return lost

    def _move(self, track: Track, lever: Decimal | None) -> None:
        track.lever = lever
        track.changed = True
        track.sessions_since_change = 0

    # Sessions

    def _session_completed(self, event: Event, data: SessionCompleted) -> None:
        if data.session_id is None or data.session_id == self.state.shared.session.id:
            self.close_session()

    def close_session(self) -> None:
        """Close the open session, if there is one: waiting sides count alone, `after session` rules run, the day advances."""
        shared = self.state.shared
        session = shared.session
        if not session.open:
            return
        self._let_no_side_wait(session)
        session.open = False
        by_track: dict[str, list[PlannedSlot]] = {}
        advances = False
        for slot_id in session.slots:
            slot = self.slot(slot_id)
            by_track.setdefault(slot.track, []).append(slot)
            advances = advances or slot.day == shared.day
        for key, slots in by_track.items():
            track = self.track(slots[0])
            track.sessions += 1
            track.deloaded = False
            track.sessions_since_change = 0 if track.changed else track.sessions_since_change + 1
            track.sessions_since_record = 0 if track.record else track.sessions_since_record + 1
            steps = slots[0].steps[Trigger.AFTER_SESSION]
            if len(slots) > 1:
                together = {step.scheme: step for slot in slots for step in slot.steps[Trigger.AFTER_SESSION]}
                steps = tuple(together.values())
            if steps:
                self.consider(Trigger.AFTER_SESSION, steps, track)
                self._memory(slots[0].exercise.id).lever = track.lever
            track.changed = False
        if advances:
            shared.day = (shared.day + 1) % self.days

    def _let_no_side_wait(self, session: Session) -> None:
        for slot_id, sides in session.waiting.items():
            slot = self.slot(slot_id)
            memory = self._memory(slot.exercise.id)
            for side in sides:
                self.pair = (side.version,)
                self._work_set(session.last_at, slot, self.track(slot), memory, side.load, side.reps, side.rir)
        self.pair = ()
        session.waiting = {}

    # Slots and tracks

    def _slot_for(self, data: SetLogged, memory: Memory) -> PlannedSlot:
        """Where a set goes: see DESIGN, "Where a set goes"."""
        plan = self._plan
        candidates = () if plan is None else plan.of_exercise(data.exercise, timed=memory.timed)
        if not candidates:
            return self.default_slot(data.exercise, memory)
        if len(candidates) == 1:
            return candidates[0]
        for slot in candidates:
            if slot.id == data.slot:
                return slot
        due = self.due_in_day(candidates)
        if due is not None:
            return due
        fed = self.state.shared.session.fed.get(data.exercise)
        return next((slot for slot in candidates if slot.id == fed), candidates[0])

    def due_in_day(self, candidates: Iterable[PlannedSlot]) -> PlannedSlot | None:
        """The first of the slots that belongs to the current day (or to any) and has sets left to do."""
        today = (self.state.shared.day, ANY_DAY)
        return next((slot for slot in candidates if slot.day in today and not self.finished(slot)), None)

    def slots_of_day(self) -> tuple[PlannedSlot, ...]:
        """The slots of the current day; without days, one for every exercise that was ever logged."""
        if self._plan is not None and self._plan.days:
            return self._plan.of_day(self.state.shared.day)
        return tuple(slot for exercise in self.state.exercises.keys() for slot in self.slots_of(exercise))

    @property
    def days(self) -> int:
        """How many days the lifter's programme has; 0 without one, or for one of any exercise."""
        return 0 if self._plan is None else self._plan.days

    def finished(self, slot: PlannedSlot) -> bool:
        """Whether the open session has done all of a slot's sets."""
        session = self.state.shared.session
        done = session.slots.get(slot.id, 0) if session.open else 0
        return done > 0 and self.raw_set(slot, self.track(slot), done) is None

    def raw_set(self, slot: PlannedSlot, track: Track, number: int) -> Any:
        """The slot's set ``number`` (from 0) before rounding, None after the last; without a lever, without a load."""
        own = track.own.get(slot.progression.scheme.id)
        if own is None:
            own = slot.progression.initial(self.facts, track)
        if track.lever is not None:
            return slot.prescribed(self.facts, track, own, number)
        raw = slot.prescribed(self.facts, Track(track.exercise, lever=_ONE), own, number)
        return None if raw is None else (raw[0], None, *raw[2:])

    def slot(self, slot_id: str) -> PlannedSlot:
        """The slot of an id that this lifter's rules have; ``KeyError`` where they have none."""
        own = None if self._plan is None else self._plan.slot(slot_id)
        if own is not None:
            return own
        day, _, exercise = slot_id.partition("/")
        if day != DEFAULT_DAY:
            raise KeyError(slot_id)
        return self.default_slot(exercise, self.state.exercises.get(exercise) or Memory())

    def default_slot(self, exercise: str, memory: Memory) -> PlannedSlot:
        """The slot of an exercise outside any programme."""
        plan = self._plan if self._plan is not None and self._plan.rule_set.programme.any else self._default
        if plan is None:
            raise LookupError("no default rule set was pinned for this lifter, and no load was ever logged")
        return plan.of_exercise(exercise, timed=memory.timed)[0]

    def slots_of(self, exercise: str) -> tuple[PlannedSlot, ...]:
        """The slots that an exercise can go to, in programme order."""
        memory = self._memory(exercise)
        own = () if self._plan is None else self._plan.of_exercise(exercise, timed=memory.timed)
        return own or (() if self._default is None else (self.default_slot(exercise, memory),))

    def knows(self, exercise: str) -> bool:
        """Whether the programme, the catalogue or the log knows an exercise."""
        plans = (plan for plan in (self._plan, self._default) if plan is not None)
        return self.state.exercises.get(exercise) is not None or any(
            exercise in plan.rule_set.exercises for plan in plans
        )

    def every_slot_id(self) -> list[str]:
        """The programme's slots in order, then one for every exercise logged outside it."""
        own = [] if self._plan is None else [slot.id for day in range(self.days) for slot in self._plan.of_day(day)]
        logged = (slot.id for exercise in self.state.exercises.keys() for slot in self.slots_of(exercise))
        return list(dict.fromkeys([*own, *logged]))

    def standing_tracks(self) -> list[tuple[PlannedSlot, Track]]:
        """Every track that exists under the present rules, with a slot that feeds it."""
        by_track = {slot.track: slot for slot in map(self.slot, reversed(self.every_slot_id()))}
        known = ((by_track[key], self.state.tracks.get(key)) for key in sorted(by_track))
        return [(slot, track) for slot, track in known if track is not None]

    def track(self, slot: PlannedSlot) -> Track:
        """The track that a slot feeds; a new one starts from the baseline, else from the exercise's last lever."""
        track = self.state.tracks.get(slot.track)
        if track is None:
            memory = self._memory(slot.exercise.id)
            self._baseline_facts(memory)
            track = Track(slot.exercise.id)
            lever = slot.progression.initial_lever(self.facts, track)
            track.lever = memory.lever if lever is None else lever
            self.state.tracks.put(slot.track, track)
        return track

    def _baseline_facts(self, memory: Memory) -> None:
        baseline = memory.baseline or Baseline()
        self.facts.baseline_load = baseline.load
        self.facts.baseline_one_rep_max = baseline.one_rep_max
        self.facts.baseline_training_max = baseline.training_max

    def _memory(self, exercise: str) -> Memory:
        return self.state.exercises.get(exercise) or self.state.exercises.put(exercise, Memory())

    def not_a_work_set(self, event: Event, slot: PlannedSlot) -> None:
        """A set that rules do not see; a tracing fold notes it."""


_ADVANCING: Final = frozenset({"advance", "reset"})

_HANDLERS: Final[dict[type, Callable[[Any, Event, Any], None]]] = {
    SetLogged: Fold._set_logged,
    SessionCompleted: Fold._session_completed,
    ProgrammeAssigned: Fold._programme_assigned,
    ProgrammeEnded: Fold._programme_ended,
    BaselineSet: Fold._baseline_set,
    ProfileChanged: Fold._profile_changed,
    DeloadRequested: Fold._nothing,
    LifterNoted: Fold._nothing,
}
