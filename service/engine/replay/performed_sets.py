"""What a work set does to its track: the facts of what was asked and done, records, and the rules it sets off.

Part of the fold's hot path.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from service.domain.instants import Instant
from service.engine.language.one_rep_max import e1rm
from service.engine.reading.place import DONE, Basis, LoggedSet, Place, Verdict, heaviest, judged
from service.engine.reading.readings import CHOSEN, PLACE, Reading
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep
from service.engine.replay.observer import FoldObserver
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_rows import KIND, as_done
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
        if track.lever is None or reading.why is CHOSEN:
            self._choose(slot, track, done, slot_sets, basis)
        place = _held_against(slot_sets, number, done)
        said = load, verdict = judged(place, done, basis)
        if track.session_sets == 0:
            track.session_prescribed_load = done.load if place.shown is None else place.shown
        track.session_sets += 1
        track.count_top(load, done.amount)
        proven = proven and track.adjusted is None
        reps = done.amount if slot.measure == "reps" else done.amount // 10
        maxes = memory.rep_maxes
        if proven and (not 0 < reps <= len(maxes) or done.load > maxes[reps - 1]):
            self._record(at, slot, track, memory, done)
        once = self._shared.once
        is_judged = not (once and self._shared.is_overridden(slot.id))
        if once and self._observer is not None and not session.slots[slot.id] and slot.id in once:
            self._observer.asked_otherwise(slot, once[slot.id])
        count = session.slots[slot.id] = session.slots[slot.id] + 1
        track.last_at = at
        if proven and number is not None and verdict is DONE and is_judged:
            self._prove(slot, track, place, done)
        steps = slot.session_steps(_AFTER_SET, track, is_judged=is_judged)
        if steps or self._observer is not None:  # else nobody reads the facts of a set
            self._let_facts_be(slot_sets, place, done, basis, said)
            self._facts.set_index = count if number is None else number + 1
            self._run(slot, track, reading, done, group, steps)
        memory.lever = track.lever

    def _run(
        self,
        slot: PlannedSlot,
        track: Track,
        reading: Reading,
        done: LoggedSet,
        group: tuple[int, ...],
        steps: tuple[PlannedStep, ...],
    ) -> None:
        """Run the rules after a set, whose facts are filled in."""
        facts, sets = self._facts, track.read[slot.id].sets
        if len(group) > 1:
            facts.other = _stronger([sets[index] for index in group])
        if self._observer is not None:
            versions = tuple(sets[index].version for index in group) if len(group) > 1 else (done.version,)
            self._observer.set_counted(slot, self._shared.session, facts.set_index, versions)
        run = self._runner.run if reading.how is PLACE else self._runner.run_raising
        run(_AFTER_SET, steps, track)
        facts.other = _NO_SIDE

    def _let_facts_be(
        self, slot_sets: SlotSets, place: Place, done: LoggedSet, basis: Basis, said: tuple[Decimal, Verdict]
    ) -> None:
        """Fill in what was asked of a work set and what was done; ``said`` is how that was judged."""
        facts = self._facts
        facts.set_load, facts.set_verdict = said
        facts.set_reps = facts.set_seconds = done.amount
        facts.set_rir = done.rir
        facts.set_kind = KIND[done.kind]
        facts.prescribed_load = done.load if place.shown is None else place.shown
        facts.prescribed_reps = (place.low, place.high)
        facts.prescribed_kind = place.kind
        facts.look_at_sets(slot_sets, basis)

    def _prove(self, slot: PlannedSlot, track: Track, place: Place, done: LoggedSet) -> None:
        """Let a set that did what was asked prove the lever; of a load, not one that asked for a share of it alone.

        Until what a deload took off is back, one of as many repetitions as possible may prove more.
        """
        asked = place.raw
        if asked is None or track.lever is None or asked >= track.lever or slot.progression.scheme.lever != "load":
            track.proven = track.lever
            track.proven_in = track.session
        if track.cut_from is not None and place.kind == "amrap" and slot.measure == "reps":
            worth = self._tracks.worth(slot, track, e1rm(done.load, done.amount))
            if worth is not None and (track.amrap_lever is None or worth > track.amrap_lever):
                track.amrap_lever = worth

    def _choose(self, slot: PlannedSlot, track: Track, done: LoggedSet, slot_sets: SlotSets, basis: Basis) -> None:
        """Let the lifter's own load be the track's where none was known; a heavier one begins the slot anew."""
        place = slot_sets.asked[-1] = as_done(done.load, done.amount)
        self._let_facts_be(slot_sets, place, done, basis, judged(place, done, basis))
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

    def _record(self, at: Instant, slot: PlannedSlot, track: Track, memory: Memory, done: LoggedSet) -> None:
        """Remember a rep record: a heavier load than ever for at least this many repetitions."""
        maxes, load, amount = memory.rep_maxes, done.load, done.amount
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
        opening = track.opening = track.before_session()
        track.open_session()
        if begun is None or self._observer is not None:
            self._runner.run_by_time(at, slot, track)
        elif begun is not track:  # else time has done nothing: the usual case
            track.take_over(begun)
        track.ask(opening, self._shared.session.number)
        if self._observer is not None and track.is_lighter:
            self._observer.track_is_lighter(slot)
        track.record = False
        track.session_sets = track.session_top_reps = 0
        track.session_top_load = None


def _held_against(slot_sets: SlotSets, number: int | None, done: LoggedSet) -> Place:
    """The place that a set fills; of an extra set, whose ``number`` is None, the heaviest, or what was done."""
    if number is not None:
        return slot_sets.asked[number]
    return heaviest(slot_sets.asked) or as_done(done.load, done.amount)


def _stronger(sides: Sequence[LoggedSet]) -> StrongerSide:
    """The greater of what two sides did."""
    rirs = [side.rir for side in sides if side.rir is not None]
    return StrongerSide(max(side.load for side in sides), max(side.amount for side in sides), max(rirs, default=None))
