"""Reading logged sets one by one: which are work, and in which place of their slot. Part of the fold's hot path."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Final

from service.domain.events import SetLogged
from service.domain.instants import Instant
from service.engine.reading.close import Group, counted, fill, wake
from service.engine.reading.outliers import as_asked, is_outlier
from service.engine.reading.place import WORK_KINDS, Basis, LoggedSet, Place, does, heaviest
from service.engine.reading.readings import EXTRA, PLACE, Reading
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.due_places import DuePlaces
from service.engine.replay.observer import FoldObserver
from service.engine.replay.performed_sets import PerformedSets
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.slot_choice import Destination
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks

_FILLING: Final = WORK_KINDS | {"drop"}
"""The kinds that fill a place; a drop set only one that asks for it, which whoever takes it sees to."""


def _suits(place: Place, logged: LoggedSet) -> bool:
    """Whether a set that was logged as a drop set is due as one, and what was not, is not."""
    return (logged.kind == "drop") == (place.kind == "drop") or logged.kind is None


class SetReader:
    """Reads each set as it comes, and at the end of the session those that waited; what is work is performed."""

    __slots__ = ("_observer", "_performed_sets", "_places", "_runner", "_shared", "_tracks")

    def __init__(
        self,
        tracks: Tracks,
        places: DuePlaces,
        runner: RuleRunner,
        performed_sets: PerformedSets,
        observer: FoldObserver | None,
    ) -> None:
        self._tracks = tracks
        self._places = places
        self._runner = runner
        self._performed_sets = performed_sets
        self._shared = tracks.state.shared
        self._observer = observer

    def take(self, at: Instant, data: SetLogged, load: Decimal, destination: Destination) -> None:
        """Read a set, its load in the working unit, and perform it if it is work."""
        slot, track, memory = destination
        session = self._shared.session
        amount = data.reps if slot.measure == "reps" else data.seconds
        if amount is None or (amount == 0 and track.lever is None):  # what was not lifted starts nothing
            if self._observer is not None:
                self._observer.set_passed_over(slot)
            return
        self._tracks.look_at(slot)
        slot_sets = track.read.get(slot.id)
        if slot_sets is None:
            slot_sets = track.read[slot.id] = SlotSets()
            session.slots.setdefault(slot.id, 0)
        kind, side = data.kind, data.side
        place: Place | None = None
        begun = track
        if (kind is None or kind in _FILLING) and track.session != session.number:
            begun = self._begun(at, slot, track, is_work=kind in WORK_KINDS and side is None)
        logged = LoggedSet(self._runner.version, at, load, amount, data.rir, kind, side)
        basis = self._places.basis(slot, track)
        tops = memory.tops
        proven = not (
            tops and load > tops[-1] and kind != "drop" and is_outlier(load, tops, memory.unconfirmed, basis.weight)
        )
        if kind is None or kind in _FILLING:  # of nothing asked for, an outlier is what the last session had
            place = self._places.of(slot, begun, len(slot_sets.asked), load if proven else tops[-1], amount)
        if place is not None and place.optional:
            place = self._past_optional(slot, begun, slot_sets, place, logged, basis)
        if not proven:
            memory.outlier = load if memory.outlier is None else max(load, memory.outlier)
            asked = place or heaviest(slot_sets.asked)
            logged = logged if asked is None else as_asked(asked, logged)
        before = () if self._observer is None else tuple(slot_sets.readings)
        reading = slot_sets.take(place, logged, basis)
        if self._observer is not None:
            self._tell(slot, slot_sets, before)
        if reading.how is PLACE or reading.how is EXTRA:
            other = reading.other
            group = (len(slot_sets.sets) - 1,) if other is None else (other, len(slot_sets.sets) - 1)
            done = logged if other is None else counted(slot_sets, group)
            self._performed_sets.take(destination, reading, done, group, basis, proven=proven, begun=begun)

    def _begun(self, at: Instant, slot: PlannedSlot, track: Track, *, is_work: bool) -> Track:
        """The track once the session performs it: begun now if the set is certainly work, else as it would be."""
        if not is_work:
            return self._places.begun(at, slot, track)
        self._performed_sets.begin(at, slot, track)
        return track

    def _past_optional(
        self, slot: PlannedSlot, track: Track, slot_sets: SlotSets, due: Place, logged: LoggedSet, basis: Basis
    ) -> Place:
        """The place that a set fills where the one ``due`` is optional: that, or what follows if the set does that.

        Those before it are left out. A set that does none of them is held against the one that is due.
        """
        place: Place | None = due
        passed: list[Place] = []
        is_drop = logged.kind == "drop"
        while place is not None and place.optional and not (_suits(place, logged) and does(place, logged, basis)):
            passed.append(place)
            number = len(slot_sets.asked) + len(passed)
            place = self._places.of(slot, track, number, logged.load, logged.amount)
        if place is None or not _suits(place, logged) or not (is_drop or does(place, logged, basis)):
            return due
        slot_sets.asked.extend(passed)
        return place

    def wake(self, slots: list[Destination]) -> None:
        """Read the sets of a track's slots that waited, in the order of their times, when the session is over."""
        woken: list[tuple[Instant, int, int, Group, bool]] = []
        for number, (slot, track, _) in enumerate(slots):
            slot_sets = track.read[slot.id]
            if not slot_sets.waits:
                continue
            before = tuple(slot_sets.readings)
            groups = wake(slot_sets, self._places.basis(slot, track), pyramids=slot.day < 0)
            self._tell(slot, slot_sets, before)
            for group, fills in groups:
                last = slot_sets.sets[group[-1]]
                woken.append((last.at, last.version, number, group, fills))
        now = self._runner.version
        for at, version, number, group, fills in sorted(woken):
            destination = slots[number]
            slot, track, _ = destination
            slot_sets = track.read[slot.id]
            self._runner.version = version
            self._tracks.look_at(slot)
            done = counted(slot_sets, group)
            begun = self._places.begun(at, slot, track)
            place = self._places.of(slot, begun, slot_sets.filled, done.load, done.amount) if fills else None
            before = tuple(slot_sets.readings)
            reading = fill(slot_sets, group, place)
            self._tell(slot, slot_sets, before)
            basis = self._places.basis(slot, track)
            self._performed_sets.take(destination, reading, done, group, basis, proven=True, begun=begun)
        self._runner.version = now

    def _tell(self, slot: PlannedSlot, slot_sets: SlotSets, before: Sequence[Reading]) -> None:
        """Tell whoever watches of the sets that are read otherwise than before."""
        if self._observer is not None:
            for logged, was, now in zip_longest(slot_sets.sets, before, slot_sets.readings):
                if was is not now:
                    self._observer.set_read(slot, logged.version, now)
