"""What the next set of a slot is asked for, at the time of that set. Part of the fold's hot path."""

from __future__ import annotations

from decimal import Decimal

from service.domain.instants import Instant
from service.engine.reading.place import Basis, Place
from service.engine.replay.asked_sets import place_as_done, places_of
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.one_off_load import with_load
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_rows import as_done
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.bound_scheme import RawSet


class DuePlaces:
    """Makes places of what slots prescribe; nothing of that changes a state."""

    __slots__ = ("_facts", "_runner", "_shared", "_tracks", "_unobserved")

    def __init__(self, tracks: Tracks, volume: MuscleVolume, runner: RuleRunner) -> None:
        self._tracks = tracks
        self._facts = tracks.facts
        self._shared = tracks.state.shared
        self._runner = runner
        self._unobserved = RuleRunner(tracks, volume, None)

    def at_set(self, at: Instant, slot: PlannedSlot, track: Track, load: Decimal, amount: int) -> Place | None:
        """The place due at a set of the open session, which may be the track's first in it."""
        slot_sets = track.read.get(slot.id)
        number = 0 if slot_sets is None else len(slot_sets.asked)
        self._tracks.look_at(slot)
        return self.of(slot, self.begun(at, slot, track), number, load, amount)

    def of(self, slot: PlannedSlot, track: Track, number: int, load: Decimal, amount: int) -> Place | None:
        """Place ``number`` (from 0) of a slot, which facts are about, as its track stands; None after the last.

        Where nothing is asked for, or no load is known, the set is asked for what it did.
        """
        if track.lever is None:
            return Place(None, None, amount, amount)
        sets, places = self._asked(slot, track)
        if number >= len(places):
            return None if number else as_done(load, amount)
        return places[number] or place_as_done(sets[number], load, amount, slot.loading_for(track))

    def left(self, slot: PlannedSlot, track: Track, filled: int) -> list[Place]:
        """The places of a slot that no set has filled, as its track stands."""
        if track.lever is None:
            return []
        self._tracks.look_at(slot)
        sets, places = self._asked(slot, track)
        if filled >= len(places):
            return []
        left = zip(sets[filled:], places[filled:], strict=True)
        return [place or place_as_done(raw, track.lever, 0, slot.loading_for(track)) for raw, place in left]

    def _asked(self, slot: PlannedSlot, track: Track) -> tuple[tuple[RawSet, ...], tuple[Place | None, ...]]:
        """The sets and places of a slot, which facts are about: with its one-off load, if it has one."""
        asked = slot.asked(self._facts, track)
        load = self._tracks.one_off_load(slot) if self._shared.once else None
        if load is None:
            return asked.sets, asked.places
        sets = with_load(asked.sets, load)
        return sets, places_of(sets, slot.loading_for(track))

    def basis(self, slot: PlannedSlot, track: Track) -> Basis:
        """What the slot's loads and amounts are measured by."""
        basis = slot.basis_for(track)
        return basis._replace(body_weight=self._shared.body_weight) if basis.added else basis

    def begun(self, at: Instant, slot: PlannedSlot, track: Track) -> Track:
        """The track once the open session performs it, at the latest now; itself where that changes nothing."""
        if track.session == self._shared.session.number:
            return track
        if track.adjusted is None and not self._unobserved.is_changed_by_time(at, slot, track):
            return track
        begun = track.before_session()
        begun.open_session()
        self._unobserved.version = self._runner.version
        self._unobserved.run_by_time(at, slot, begun)
        return begun
