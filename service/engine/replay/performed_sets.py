"""What a performed set does to its track: what was prescribed for it, what it leaves, and the rules it sets off.

Part of the fold's hot path.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeAlias

from service.domain.instants import Instant, day_number
from service.domain.limits import MOST_SETS
from service.engine.language.functions import e1rm
from service.engine.replay.arbitration import apply, settle
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep, Plans
from service.engine.replay.slot_choice import Standing
from service.engine.replay.state import LifterState, Memory, OneSide, StrongerSide, Track
from service.engine.ruleset.triggers import Trigger

_MOST_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""
_HALF: Final = Decimal("0.5")
_ZERO: Final = Decimal(0)

NO_SIDE: Final = StrongerSide()


Performed: TypeAlias = tuple[Decimal, int, Decimal | None, str]
"""A work set: its load in the working unit, repetitions (or seconds), reserve, and what it was logged as.

A bare tuple, because one is made for every set.
"""


class Performing(Standing):
    """A standing that sets change; ``version`` is that of the event being folded."""

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self.version = 0
        self.pair: tuple[int, ...] = ()
        """The versions of the one-sided sets that count together just now."""
        super().__init__(state, plans)

    def one_side(self, at: Instant, slot: PlannedSlot, performed: OneSide) -> None:
        """Pair the first set of one side with the first of the other; of a pair, the weaker decides."""
        waiting = self.state.shared.session.waiting.setdefault(slot.id, [])
        other = next((each for each in waiting if each.side != performed.side), None)
        if other is None:
            waiting.append(performed)
        else:
            waiting.remove(other)
            self.count_sides(at, slot, (other, performed))

    def count_sides(self, at: Instant, slot: PlannedSlot, sides: tuple[OneSide, ...]) -> None:
        """Count sets of both sides, or of one that stayed alone, as one work set."""
        self.pair = tuple(side.version for side in sides)
        load, reps = min(side.load for side in sides), min(side.reps for side in sides)
        rirs = [side.rir for side in sides if side.rir is not None]
        if len(sides) > 1:
            stronger = max(side.load for side in sides), max(side.reps for side in sides), max(rirs, default=None)
            self.facts.other = StrongerSide(*stronger)
        track, memory, kind = self.track(slot), self.memory(slot.exercise.id), sides[-1].kind
        self.work_set(at, slot, track, memory, (load, reps, min(rirs, default=None), kind))
        self.facts.other = NO_SIDE
        self.pair = ()

    def work_set(self, at: Instant, slot: PlannedSlot, track: Track, memory: Memory, performed: Performed) -> None:
        """Take a work set."""
        load, amount, rir, kind = performed
        session = self.state.shared.session
        facts = self.facts
        facts.slot = slot
        facts.memory = memory
        facts.body_weight = self.state.shared.body_weight
        if track.session != session.number:
            self.begin(at, slot, track)
        done = session.slots.get(slot.id, 0)
        facts.set_load = load
        facts.set_reps = facts.set_seconds = amount
        facts.set_rir = rir
        facts.set_kind = kind
        if track.lever is None:
            lever = slot.progression.first_set(facts, track)
            track.move(lever)
            track.opened_lever = lever
            facts.prescribed_load = load
            facts.prescribed_reps = (amount, amount)
            facts.prescribed_kind = "work"
        else:
            self._prescribe(slot, track, done, load, amount)
        if track.session_sets == 0:
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
        if (not 0 < place <= len(maxes) or load > maxes[place - 1]) and track.adjusted is None:
            self._record(at, slot, track, memory, load, amount)
        session.slots[slot.id] = facts.set_index = done + 1
        track.last_at = at
        if slot.counts_failures and (load < facts.prescribed_load or amount < facts.prescribed_reps[0]):
            track.failed = True
        if slot.keeps_sets:
            self._keep(slot, track, performed)
        steps = slot.after_set if track.adjusted is None else slot.resting[Trigger.AFTER_SET]
        self.consider(Trigger.AFTER_SET, steps, track)
        memory.lever = track.lever

    def _prescribe(self, slot: PlannedSlot, track: Track, done: int, load: Decimal, amount: int) -> None:
        """Fill in what was prescribed for the set performed, the slot's number ``done`` (from 0) in this session."""
        facts = self.facts
        raw = slot.prescribed(facts, track, track.own[slot.progression.scheme.id], done)
        if raw is not None:
            lever = raw[1]
            track.last_prescribed_load = load if lever is None else slot.loading.round(lever)
            track.last_prescribed_reps = raw[2] or raw[4]
            track.last_prescribed_kind = raw[0]
        facts.prescribed_load = load if track.last_prescribed_load is None else track.last_prescribed_load
        facts.prescribed_reps = track.last_prescribed_reps or (amount, amount)
        facts.prescribed_kind = track.last_prescribed_kind

    def _keep(self, slot: PlannedSlot, track: Track, performed: Performed) -> None:
        """Remember a set for the rules that read all of them; beyond the bound, no more of the session's."""
        facts = self.facts
        sets = track.performed.setdefault(slot.id, [])
        if len(sets) < MOST_SETS:
            asked = (facts.prescribed_load, facts.prescribed_reps, facts.prescribed_kind)
            sets.append((*performed, facts.set_index, *asked))
        facts.performed = sets

    def _record(self, at: Instant, slot: PlannedSlot, track: Track, memory: Memory, load: Decimal, amount: int) -> None:
        """Remember a rep record: a heavier load than ever for at least this many repetitions."""
        maxes = memory.rep_maxes
        place = min(amount if slot.measure == "reps" else amount // 10, _MOST_REPS)
        if place == 0 or (place <= len(maxes) and load <= maxes[place - 1]):
            return
        track.record = True
        maxes[:place] = [max(best, load) for best in maxes[:place]]
        maxes.extend([load] * (place - len(maxes)))
        # A new best estimate is a rep record too, so it is looked for nowhere else.
        estimate = e1rm(load, amount) if slot.measure == "reps" else None
        if estimate is not None and (memory.best_e1rm is None or estimate > memory.best_e1rm):
            memory.best_e1rm, memory.best_e1rm_at = estimate, at

    def begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """The track's first set of a session: what time alone has caused becomes state with it."""
        track.reasons = []
        track.outcome = ""
        track.opened_lever = track.lever
        self.let_time_speak(at, slot, track)
        track.session = self.state.shared.session.number
        track.session_sets = track.session_top_reps = 0
        track.session_top_load = track.last_prescribed_load = track.last_prescribed_reps = None
        track.last_prescribed_kind = "work"
        track.record = track.failed = False
        track.performed = {}

    def let_time_speak(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Consider what time alone has caused, for a track performed before whose next session is ahead."""
        track.adjusted = None
        self.asked_at = at
        if not slot.by_time or track.last_at is None or track.lever is None:
            return
        facts = self.facts
        self.look_at(slot)
        zone = self.state.shared.time_zone
        facts.last_at = track.last_at
        facts.today, facts.last_day = day_number(at, zone), day_number(track.last_at, zone)
        if slot.after_week and facts.weeks_since > 0:
            self.consider(Trigger.AFTER_WEEK, slot.after_week, track)
        if slot.before_prescription:
            self.consider(Trigger.BEFORE_PRESCRIPTION, slot.before_prescription, track)
        for bound in slot.adjusting:
            left = bound.adjusts(facts, track, track.own[bound.scheme.id])
            if left is not None:
                track.adjusted = (bound.scheme.id, *left)
                return

    def asks_for(self, slot: PlannedSlot, track: Track, load: Decimal) -> bool:
        """Whether so light a load is what the slot asks for now: in a week of light sets those are the work."""
        done = self.state.shared.session.slots.get(slot.id, 0)
        if track.lever is None:
            return False
        self.look_at(slot)
        raw = slot.prescribed(self.facts, track, track.own[slot.progression.scheme.id], done)
        return raw is not None and raw[1] is not None and load >= slot.loading.round(raw[1])

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


def is_work(load: Decimal, slot: PlannedSlot, track: Track, memory: Memory) -> bool:
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
