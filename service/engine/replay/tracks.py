"""A lifter's tracks: where a new one starts, which there are, and what a slot asks for as its track stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from service.domain.loads import Unit
from service.engine.language.one_rep_max import e1rm
from service.engine.replay.asked_sets import AskedSets
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fact_values import Facts
from service.engine.replay.lifter_rules import LifterRules
from service.engine.replay.other_unit import carried_over, carry_over, carry_track_over
from service.engine.replay.state import Baseline, LifterState, Memory
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RawSet

_ONE: Final = Decimal(1)
_REPS_ALIKE: Final = 2
_HUNDREDTH: Final = Decimal("0.01")


class Tracks:
    """The tracks of a state under a lifter's ``rules``; what runs on a track reads ``facts`` beside it."""

    __slots__ = ("facts", "rules", "state")

    def __init__(self, state: LifterState, rules: LifterRules, facts: Facts) -> None:
        self.state = state
        self.rules = rules
        self.facts = facts

    def of(self, slot: PlannedSlot) -> Track:
        """The track that a slot feeds, with a state for each of its schemes.

        A new one starts from the newest evidence of the exercise, as the first slot that feeds it asks for it:
        whichever slot is looked at first, it is the same track.
        """
        track = self.known(slot)
        if track is None:
            track = self.state.tracks.put(slot.track, Track(slot.exercise.id))
            track.lever = self._from_evidence(self.rules.first_of_track(slot), track)
        self.look_at(slot)
        for scheme, bound in slot.schemes.items():
            if scheme not in track.own:
                track.own[scheme] = bound.initial(self.facts, track)
        return track

    def known(self, slot: PlannedSlot) -> Track | None:
        """The track that a slot feeds, with its loads in the working unit; None where nothing has begun it."""
        track = self.state.tracks.get(slot.track)
        if track is not None and track.unit is not None:
            carry_track_over(track, slot.rule_set.schemes, self.state.shared.working_unit)
        return track

    def _from_evidence(self, slot: PlannedSlot, track: Track) -> Decimal | None:
        """Where a new track starts: the newer of baseline and work, else the other.

        Work under the programme itself counts for its other tracks only where it shows more than the baseline.
        """
        memory = self.state.memory(slot.exercise.id)
        baseline = self.lever_from_baseline(slot, track)
        worked_at, baseline_at = memory.worked_at, memory.baseline_at
        if baseline is not None and (worked_at is None or (baseline_at is not None and baseline_at > worked_at)):
            return baseline
        assigned_at = self.state.shared.assigned_at
        own = self.state.shared.assignment is not None and (worked_at or 0) > (assigned_at or 0)
        worked = self._from_work(slot, track, memory, elsewhere=not own)
        if baseline is None or worked is None:
            return baseline if worked is None else worked
        return max(baseline, worked) if own else worked

    def _from_work(self, slot: PlannedSlot, track: Track, memory: Memory, *, elsewhere: bool) -> Decimal | None:
        """What the exercise's work is worth as the slot's lever.

        The lever due ``elsewhere`` where it is of the same kind, for repetitions within two of the slot's; else the
        best estimate of the last trained weeks, at the programme's share; else that lever all the same. The levers of
        the programme's own slots are apart by its plan: none of them is another's.
        """
        scheme = slot.progression.scheme
        alike = elsewhere and memory.lever_kind == scheme.lever and slot.measure == "reps"
        if memory.lever is not None and alike:
            reps = self._reps_asked(slot, memory.lever)
            if reps is None or abs(reps - memory.lever_reps) <= _REPS_ALIKE:
                return memory.lever
        best = max((estimate for _, estimate in memory.estimates), default=None)
        worth = None if best is None or slot.measure != "reps" else self.worth(slot, track, best)
        return memory.lever if worth is None else worth

    def _reps_asked(self, slot: PlannedSlot, lever: Decimal) -> int | None:
        """The least repetitions that the first set of a slot asks for in a new track."""
        track = Track(slot.exercise.id, lever=lever)
        sets = slot.progression.prescribed(self.facts, track, slot.progression.initial(self.facts, track))
        reps = sets[0][2] if sets else None
        return None if reps is None else reps[0]

    def remember(self, slot: PlannedSlot, track: Track, week: int) -> None:
        """Keep, at the end of a session in a calendar week, what the work on a track says of its exercise."""
        memory, session = self.state.memory(slot.exercise.id), self.state.shared.session
        memory.lever = track.lever
        memory.worked_at = session.last_at
        memory.lever_kind = slot.progression.scheme.lever
        asked = track.read[slot.id].asked
        if asked:
            memory.lever_reps = asked[0].low
        top = track.session_top_load
        if track.adjusted is None and slot.measure == "reps" and top is not None and top > 0 and track.session_top_reps:
            memory.estimate(week, e1rm(top, track.session_top_reps))

    def restart_overtaken(self, left: int) -> None:
        """Start those tracks of the lifter's rules anew whose exercise was trained elsewhere since.

        ``left`` is the last session under those rules so far: by then, another of their slots may have trained it.
        """
        for slot, track in self.existing():
            sessions = self.state.memory(slot.exercise.id).sessions
            if sessions and sessions[-1] > max(track.session, left):
                fresh = self.state.tracks.put(slot.track, Track(slot.exercise.id))
                fresh.lever = self._from_evidence(slot, fresh)

    def existing(self) -> list[tuple[PlannedSlot, Track]]:
        """Every track that exists under the present rules, with a slot that feeds it."""
        by_track = {slot.track: slot for slot in map(self.rules.slot, reversed(self.rules.every_slot_id()))}
        known = ((by_track[key], self.known(by_track[key])) for key in sorted(by_track))
        return [(slot, track) for slot, track in known if track is not None]

    def lever_from_baseline(self, slot: PlannedSlot, track: Track) -> Decimal | None:
        """Where the newest baseline of the exercise starts the slot's track; None without one."""
        self.look_at(slot)
        return slot.progression.initial_lever(self.facts, track)

    def worth(self, slot: PlannedSlot, track: Track, one_rep_max: Decimal) -> Decimal | None:
        """Where the slot's track would start from a one-rep max: at the programme's share of it.

        Where the scheme names no such share, at the lever at which all sets are possible, with the least repetitions
        and reserve that they ask; None where that cannot be told. An estimate is no better than a hundredth.
        """
        facts = self.facts
        self.look_at(slot)
        memory, facts.memory = facts.memory, Memory(baseline=Baseline(one_rep_max=one_rep_max))
        lever = slot.progression.initial_lever(facts, track)
        facts.memory = memory
        if lever is None and one_rep_max > 0:
            lever = self._possible_with(slot, track, one_rep_max)
        return None if lever is None else lever.quantize(_HUNDREDTH)

    def _possible_with(self, slot: PlannedSlot, track: Track, one_rep_max: Decimal) -> Decimal | None:
        """The lever at which the hardest set that a slot asks for is just possible."""
        own = track.own.get(slot.progression_id) or slot.progression.initial(self.facts, track)
        as_heavy_as_can_be = Track(track.exercise, lever=one_rep_max)
        levers = []
        for _, load, reps, rir, *_ in slot.progression.prescribed(self.facts, as_heavy_as_can_be, own):
            if load is not None and load > 0 and reps is not None:
                most_reps = max(1, reps[0] + (0 if rir is None else int(rir[0])))
                levers.append(one_rep_max * one_rep_max / e1rm(load, most_reps))
        return min(levers, default=None)

    def look_at(self, slot: PlannedSlot) -> None:
        """Make the facts that any rule may read those of a slot and its exercise."""
        facts = self.facts
        if facts.slot is not slot:
            facts.slot, facts.memory = slot, self.state.memory(slot.exercise.id)
        facts.body_weight = self.state.shared.body_weight

    def asked(self, slot: PlannedSlot, track: Track) -> AskedSets:
        """The work sets that a slot asks for in a session, as its track stands; it must have a lever."""
        self.look_at(slot)
        return slot.asked(self.facts, track)

    def raw_sets(self, slot: PlannedSlot, track: Track) -> tuple[RawSet, ...]:
        """The same before rounding; without a lever, without loads."""
        if track.lever is not None:
            return self.asked(slot, track).sets
        asked = self.asked(slot, Track(track.exercise, lever=_ONE, own=track.own))
        return tuple(each._replace(load=None) for each in asked.sets)

    def one_off_load(self, slot: PlannedSlot) -> Decimal | None:
        """The whole load, in the working unit, with which a slot's next session is asked once; None as by its rules."""
        once = self.state.shared.once.get(slot.id)
        return None if once is None or once.load is None else slot.counted.whole(once.load)

    def asks_for_sets(self, slot: PlannedSlot) -> bool:
        """Whether a slot asks for any set, its track begun or not; nothing of the state changes."""
        track = self.known(slot)
        if track is None or track.lever is None:
            track = Track(slot.exercise.id, lever=_ONE, own={} if track is None else track.own)
        if slot.progression_id not in track.own:
            self.look_at(slot)
            own = {**track.own, slot.progression_id: slot.progression.initial(self.facts, track)}
            track = msgspec.structs.replace(track, own=own)
        return bool(self.asked(slot, track).sets)

    def go_on_in(self, unit: Unit) -> None:
        """Let another unit be the working unit: what is shared or remembered is in it from now on.

        So are the tracks of the present rules. Each other track keeps the unit that it has until rules take it up.
        """
        state, shared = self.state, self.state.shared
        before = shared.unit
        shared.unit = unit
        if before is None:
            return
        shared.body_weight = carried_over(shared.body_weight, before, unit)
        for exercise in state.exercises.names():
            carry_over(state.memory(exercise), before, unit)
        for track in filter(None, map(state.tracks.get, state.tracks.names())):
            track.unit = track.unit or before
        self.existing()
