"""What the next set of a slot is asked for, at the time of that set. Part of the fold's hot path."""

from __future__ import annotations

from decimal import Decimal

from service.domain.instants import Instant
from service.domain.limits import MOST_SETS
from service.engine.reading.place import Basis, Place
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_rows import as_done
from service.engine.replay.state import Track
from service.engine.replay.tracks import Tracks


class DuePlaces:
    """Makes places of what slots prescribe; nothing of that changes a state."""

    __slots__ = ("_facts", "_runner", "_shared", "_tracks")

    def __init__(self, tracks: Tracks, volume: MuscleVolume) -> None:
        self._tracks = tracks
        self._facts = tracks.facts
        self._shared = tracks.state.shared
        self._runner = RuleRunner(tracks, volume, None)

    def at_set(self, at: Instant, slot: PlannedSlot, track: Track, load: Decimal, amount: int) -> Place | None:
        """The place due at a set of the open session, which may be the track's first in it.

        Where nothing is asked for, or no load is known, the set is asked for what it did.
        """
        if track.session != self._shared.session.number:
            track = self._begun(at, slot, track)
        slot_sets = track.read.get(slot.id)
        return self.of(slot, track, 0 if slot_sets is None else len(slot_sets.asked), load, amount)

    def of(self, slot: PlannedSlot, track: Track, number: int, load: Decimal, amount: int) -> Place | None:
        """Place ``number`` (from 0) of a slot as its track stands; None after the last."""
        if track.lever is None:
            return Place(None, None, amount, amount)
        facts = self._facts
        facts.slot = slot
        facts.memory = self._tracks.state.memory(slot.exercise.id)
        facts.body_weight = self._shared.body_weight
        raw = slot.prescribed(facts, track, track.own[slot.progression_id], number)
        if raw is None:
            return None if number else as_done(load, amount)
        lever = raw[1]
        low, high = raw[2] or raw[4] or (amount, amount)
        if lever is None:
            return Place(load, load, low, high, raw[0])
        return Place(lever, slot.loading_for(track).round(lever), low, high, raw[0])

    def left(self, slot: PlannedSlot, track: Track, filled: int) -> list[Place]:
        """The places of a slot that no set has filled, as its track stands."""
        if track.lever is None:
            return []
        left: list[Place] = []
        while filled + len(left) < MOST_SETS:
            place = self.of(slot, track, filled + len(left), track.lever, 0)
            if place is None:
                break
            left.append(place)
        return left

    def basis(self, slot: PlannedSlot, track: Track) -> Basis:
        """What the slot's loads and amounts are measured by."""
        basis = slot.basis_for(track)
        return basis._replace(body_weight=self._shared.body_weight) if basis.added else basis

    def _begun(self, at: Instant, slot: PlannedSlot, track: Track) -> Track:
        """The track as it would be if the open session performed it now."""
        if not slot.by_time and track.adjusted is None:
            return track
        begun = track.before_session()
        begun.read = track.read
        self._runner.run_by_time(at, slot, begun)
        return begun
