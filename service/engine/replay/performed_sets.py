"""What a work set does to its track: the facts of what was asked and done, records, and the rules it sets off.

Part of the fold's hot path.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.domain.instants import Instant
from service.engine.language.one_rep_max import e1rm
from service.engine.reading.place import Basis, LoggedSet, heaviest, load_for_rules
from service.engine.reading.readings import CHOSEN, PLACE, Reading
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.observer import FoldObserver
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_rows import as_done
from service.engine.replay.slot_choice import Destination
from service.engine.replay.state import Memory, StrongerSide
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.triggers import Trigger

_MOST_REPS: Final = 30
"""Rep records are kept up to this many repetitions; more count as this many."""

_AFTER_SET: Final = Trigger.AFTER_SET

_NO_SIDE: Final = StrongerSide()


class PerformedSets:
    """Performs work sets, each of them one set or those of both sides."""

    __slots__ = ("_facts", "_observer", "_runner", "_shared", "_tracks")

    def __init__(self, tracks: Tracks, runner: RuleRunner, observer: FoldObserver | None) -> None:
        self._tracks = tracks
        self._facts = tracks.facts
        self._shared = tracks.state.shared
        self._runner = runner
        self._observer = observer

    def take(
        self,
        destination: Destination,
        reading: Reading,
        done: LoggedSet,
        group: tuple[int, ...],
        basis: Basis,
        *,
        proven: bool,
        begun: Track | None = None,
    ) -> None:
        """Perform a work set of the slot that facts are about; ``group`` are its places among the slot's sets.

        What is not ``proven``, because it is more likely a slip of the finger, makes no record. ``begun`` is the track
        as `DuePlaces.begun` found it for this set.
        """
        slot, track, memory = destination
        at = done.at
        session = self._shared.session
        slot_sets = track.read[slot.id]
        if track.session != session.number:
            self.begin(at, slot, track, begun)
        number = reading.place
        facts = self._facts
        if track.lever is None or reading.why is CHOSEN:
            self._choose(slot, track, done, slot_sets, basis)
        self._let_facts_be(slot_sets, number, done, basis)
        if track.session_sets == 0:
            track.session_prescribed_load = facts.prescribed_load
        track.session_sets += 1
        track.count_top(facts.set_load, facts.set_reps)
        load, amount = done.load, done.amount
        reps = amount if slot.measure == "reps" else amount // 10
        maxes = memory.rep_maxes
        if proven and (not 0 < reps <= len(maxes) or load > maxes[reps - 1]) and track.adjusted is None:
            self._record(at, slot, track, memory, load, amount)
        once = self._shared.once
        is_judged = track.adjusted is None and not (once and self._shared.is_overridden(slot.id))
        if once and self._observer is not None and not session.slots[slot.id] and slot.id in once:
            self._observer.asked_otherwise(slot, once[slot.id])
        count = session.slots[slot.id] = session.slots[slot.id] + 1
        facts.set_index = count if number is None else number + 1
        track.last_at = at
        if proven and number is not None and is_judged and facts.set_done:
            self._prove(slot, track)
        if len(group) > 1:
            facts.other = _stronger([slot_sets.sets[index] for index in group])
        if self._observer is not None:
            versions = tuple(slot_sets.sets[index].version for index in group) if len(group) > 1 else (done.version,)
            self._observer.set_counted(slot, session, facts.set_index, versions)
        run = self._runner.run if reading.how is PLACE else self._runner.run_raising
        run(_AFTER_SET, slot.after_set if is_judged else slot.resting[_AFTER_SET], track)
        facts.other = _NO_SIDE
        memory.lever = track.lever

    def _let_facts_be(self, slot_sets: SlotSets, number: int | None, done: LoggedSet, basis: Basis) -> None:
        """Fill in what was asked of a work set and what was done; ``number`` is its place, None of an extra set."""
        facts = self._facts
        load, amount = done.load, done.amount
        place = heaviest(slot_sets.asked) if number is None else slot_sets.asked[number]
        if place is None:
            place = as_done(load, amount)
        shown = load if place.shown is None else place.shown
        facts.set_load = load if load >= shown else load_for_rules(place, load, basis)
        facts.set_reps = facts.set_seconds = amount
        facts.set_rir = done.rir
        facts.set_kind = done.kind or "work"
        facts.prescribed_load = shown
        facts.prescribed_reps = (place.low, place.high)
        facts.prescribed_kind = place.kind
        facts.look_at_sets(slot_sets, basis)
        facts.look_at_set(place, done)

    def _prove(self, slot: PlannedSlot, track: Track) -> None:
        """Let a set that did what was asked prove the lever.

        Until what a deload took off is back, one of as many repetitions as possible may prove more.
        """
        facts = self._facts
        track.proven = track.lever
        if track.cut_from is not None and facts.prescribed_kind == "amrap" and slot.measure == "reps":
            worth = self._tracks.worth(slot, track, e1rm(facts.counted.load, facts.counted.amount))
            if worth is not None and (track.amrap_lever is None or worth > track.amrap_lever):
                track.amrap_lever = worth

    def _choose(self, slot: PlannedSlot, track: Track, done: LoggedSet, slot_sets: SlotSets, basis: Basis) -> None:
        """Let the lifter's own load be the track's where none was known; a heavier one begins the slot anew."""
        slot_sets.asked[-1] = as_done(done.load, done.amount)
        self._let_facts_be(slot_sets, slot_sets.filled - 1, done, basis)
        lever = slot.progression.first_set(self._facts, track)
        if track.lever is not None:
            lever = max(lever, track.lever)
            if track.opening is not None:
                track.own = {**track.own, **track.opening.own}
            track.reasons = []
            track.outcome = ""
            # Those that wait now are lighter than this one, so the heaviest of the session stays so.
            counts = self._shared.session.slots
            track.session_sets -= counts[slot.id]
            counts[slot.id] = 0
        track.move(lever)
        track.opened_lever = lever

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
        if self._observer is not None:
            self._observer.record_fell(slot, self._runner.version, load, amount)

    def begin(self, at: Instant, slot: PlannedSlot, track: Track, begun: Track | None = None) -> None:
        """Make a track ready for its first work set of a session: what time alone has caused becomes state with it."""
        if self._observer is not None:
            self._observer.track_begins(slot)
        track.opening = track.before_session()
        track.open_session()
        if begun is None or begun is track or self._observer is not None:
            self._runner.run_by_time(at, slot, track)
        elif begun.reasons or begun.adjusted is not None:
            track.take_over(begun)
        else:  # time has done nothing: the usual case
            track.adjusted = None
        track.session = self._shared.session.number
        track.record = False
        track.session_sets = track.session_top_reps = 0
        track.session_top_load = None


def _stronger(sides: Sequence[LoggedSet]) -> StrongerSide:
    """The greater of what two sides did."""
    rirs = [side.rir for side in sides if side.rir is not None]
    return StrongerSide(max(side.load for side in sides), max(side.amount for side in sides), max(rirs, default=None))
