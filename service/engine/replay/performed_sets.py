"""What a work set does to its track: what was prescribed for it, what it leaves, and the rules it sets off.

Part of the fold's hot path.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.domain.instants import Instant
from service.domain.limits import MOST_SETS
from service.engine.language.functions import e1rm
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.observer import FoldObserver
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_reading import WorkSet
from service.engine.replay.slot_choice import Destination
from service.engine.replay.state import Memory, OneSide, StrongerSide, Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.triggers import Trigger

_MOST_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""

_AFTER_SET: Final = Trigger.AFTER_SET

_NO_SIDE: Final = StrongerSide()


class PerformedSets:
    """Takes work sets, and sets of one side, which count in pairs."""

    __slots__ = ("_facts", "_observer", "_run_rules", "_runner", "_shared", "_tracks")

    def __init__(self, tracks: Tracks, runner: RuleRunner, observer: FoldObserver | None) -> None:
        self._tracks = tracks
        self._facts = tracks.facts
        self._shared = tracks.state.shared
        self._runner = runner
        self._run_rules = runner.run
        self._observer = observer

    def take_side(self, at: Instant, slot: PlannedSlot, performed: OneSide) -> None:
        """Pair the first set of one side with the first of the other; of a pair, the weaker decides."""
        waiting = self._shared.session.waiting.setdefault(slot.id, [])
        other = next((each for each in waiting if each.side != performed.side), None)
        if other is None:
            waiting.append(performed)
        else:
            waiting.remove(other)
            self.take_sides(at, slot, (other, performed))

    def take_sides(self, at: Instant, slot: PlannedSlot, sides: tuple[OneSide, ...]) -> None:
        """Count sets of both sides, or of one that stayed alone, as one work set."""
        load, reps = min(side.load for side in sides), min(side.reps for side in sides)
        rirs = [side.rir for side in sides if side.rir is not None]
        if len(sides) > 1:
            stronger = max(side.load for side in sides), max(side.reps for side in sides), max(rirs, default=None)
            self._facts.other = StrongerSide(*stronger)
        destination = Destination(slot, self._tracks.of(slot), self._tracks.state.memory(slot.exercise.id))
        performed = load, reps, min(rirs, default=None), sides[-1].kind
        self.take(at, destination, performed, tuple(side.version for side in sides))
        self._facts.other = _NO_SIDE

    def take(
        self, at: Instant, destination: Destination, performed: WorkSet, versions: tuple[int, ...] | None = None
    ) -> None:
        """Take a work set; ``versions`` are those of its sides, where that is not the event being folded."""
        slot, track, memory = destination
        load, amount, rir, kind = performed
        shared = self._shared
        session = shared.session
        facts = self._facts
        facts.slot = slot
        facts.memory = memory
        facts.body_weight = shared.body_weight
        if track.session != session.number:
            self._begin(at, slot, track)
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
        self._compare(slot, track, load, amount)
        if slot.keeps_sets:
            self._keep(slot, track, performed)
        if self._observer is not None:
            self._observer.set_counted(slot, session, versions or (self._runner.version,))
        self._run_rules(_AFTER_SET, slot.after_set if track.adjusted is None else slot.resting[_AFTER_SET], track)
        memory.lever = track.lever

    def _prescribe(self, slot: PlannedSlot, track: Track, done: int, load: Decimal, amount: int) -> None:
        """Fill in what was prescribed for the set performed, the slot's number ``done`` (from 0) in this session."""
        facts = self._facts
        raw = slot.prescribed(facts, track, track.own[slot.progression_id], done)
        if raw is None:  # beyond the last set the last one holds
            asked, amounts, kind = track.last_prescribed_load, track.last_prescribed_reps, track.last_prescribed_kind
        else:
            lever = raw[1]
            asked = load if lever is None else slot.loading.round(lever)
            amounts = raw[2] or raw[4]
            kind = raw[0]
            track.last_prescribed_load, track.last_prescribed_reps, track.last_prescribed_kind = asked, amounts, kind
        facts.prescribed_load = load if asked is None else asked
        facts.prescribed_reps = amounts or (amount, amount)
        facts.prescribed_kind = kind

    def _compare(self, slot: PlannedSlot, track: Track, load: Decimal, amount: int) -> None:
        """Hold a set against what was prescribed for it: less is a failure, all of it proves the lever."""
        facts = self._facts
        if load < facts.prescribed_load or amount < facts.prescribed_reps[0]:
            track.failed = track.failed or slot.counts_failures
        elif track.adjusted is None:
            track.proven = track.lever
            if facts.prescribed_kind == "amrap" and slot.measure == "reps":
                worth = self._tracks.worth(slot, track, e1rm(load, amount))
                if worth is not None and (track.amrap_lever is None or worth > track.amrap_lever):
                    track.amrap_lever = worth

    def _keep(self, slot: PlannedSlot, track: Track, performed: WorkSet) -> None:
        """Remember a set for the rules that read all of them; beyond the bound, no more of the session's."""
        facts = self._facts
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

    def _begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Make a track ready for its first set of a session: what time alone has caused becomes state with it."""
        if self._observer is not None:
            self._observer.track_begins(slot)
        track.reasons = []
        track.outcome = ""
        track.opened_lever = track.lever
        self._runner.run_by_time(at, slot, track)
        track.session = self._shared.session.number
        track.session_sets = track.session_top_reps = 0
        track.session_top_load = track.last_prescribed_load = track.last_prescribed_reps = None
        track.last_prescribed_kind = "work"
        track.record = track.failed = False
        track.performed = {}
