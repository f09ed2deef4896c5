"""What a performed set does to its track: what was prescribed for it, what it leaves, and the rules it sets off.

Part of the fold's hot path.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.domain.instants import Instant, day_number
from service.engine.arbitration import apply, settle
from service.engine.model import Trigger
from service.engine.plan import PlannedSlot, PlannedStep, Plans
from service.engine.standing import Standing
from service.engine.state import LifterState, Memory, OneSide, Track

_MOST_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""
_HALF: Final = Decimal("0.5")
_ZERO: Final = Decimal(0)


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
        rir = min((side.rir for side in sides if side.rir is not None), default=None)
        self.work_set(at, slot, self.track(slot), self.memory(slot.exercise.id), load, reps, rir)
        self.pair = ()

    def work_set(
        self,
        at: Instant,
        slot: PlannedSlot,
        track: Track,
        memory: Memory,
        load: Decimal,
        amount: int,
        rir: Decimal | None,
    ) -> None:
        """Take a work set: ``amount`` repetitions (or seconds) at ``load`` in the working unit."""
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


def _record(track: Track, memory: Memory, load: Decimal, place: int) -> None:
    """Remember a rep record: a heavier load than ever for at least this many repetitions."""
    maxes = memory.rep_maxes
    place = min(place, _MOST_REPS)
    if place == 0 or (place <= len(maxes) and load <= maxes[place - 1]):
        return
    track.record = True
    maxes[:place] = [max(best, load) for best in maxes[:place]]
    maxes.extend([load] * (place - len(maxes)))
