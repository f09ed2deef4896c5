"""The slot of a set, and with it the set's track and the memory of its exercise. Part of the fold's hot path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from service.domain.events import SetLogged
from service.domain.instants import Instant
from service.engine.reading.place import LoggedSet
from service.engine.reading.slot_choice import Candidate, choose_slot
from service.engine.replay.bound_programme import ANY_DAY, PlannedSlot
from service.engine.replay.due_places import DuePlaces
from service.engine.replay.state import Memory
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks


class Destination(NamedTuple):
    """Where a set goes: its slot, the track that the slot feeds, and what is remembered of the exercise."""

    slot: PlannedSlot
    track: Track
    memory: Memory


class SlotChoice:
    """Finds the slot of each set, and remembers it for exercises that have one slot only."""

    __slots__ = ("_known", "_only", "_places", "_rules", "_state", "_tracks")

    def __init__(self, tracks: Tracks, places: DuePlaces) -> None:
        self._tracks = tracks
        self._places = places
        self._rules = tracks.rules
        self._state = tracks.state
        self._only: dict[str, Destination] = {}
        self._known: dict[str, Destination] = {}
        """By slot, of exercises that have several."""

    def forget(self) -> None:
        """Find every slot anew: the lifter's rules may be others now."""
        self._only = {}
        self._known = {}

    def of_set(self, at: Instant, data: SetLogged, load: Decimal) -> Destination:
        """The slot that a set goes to; its load is in the working unit."""
        only = self._only.get(data.exercise)
        if only is not None and (data.slot is None or data.slot == only.slot.id):
            return only
        return self._named(data) or self._found(at, data, load)

    def _named(self, data: SetLogged) -> Destination | None:
        """Where the slot leads that a set names, if it is one of its exercise."""
        named = None if data.slot is None else self._known.get(data.slot)
        if named is not None and named.slot.exercise.id == data.exercise:
            self._state.shared.session.fed[data.exercise] = named.slot.id
            return named
        return None

    def _found(self, at: Instant, data: SetLogged, load: Decimal) -> Destination:
        memory = self._state.remember(data.exercise)
        if memory.timed is None:
            memory.timed = data.reps is None
        slot = self._substitute(data)
        if slot is not None:
            return Destination(slot, self._tracks.of(slot), memory)
        candidates = self._rules.slots_of(data.exercise)
        if len(candidates) == 1:
            slot = candidates[0]
            only = self._only[data.exercise] = Destination(slot, self._tracks.of(slot), memory)
            return only
        fed = self._state.shared.session.fed
        slot = self._chosen(at, data, load, candidates, fed.get(data.exercise))
        fed[data.exercise] = slot.id
        known = self._known[slot.id] = Destination(slot, self._tracks.of(slot), memory)
        return known

    def _substitute(self, data: SetLogged) -> PlannedSlot | None:
        """The slot of an exercise that was done in place of another's: its own, outside the programme."""
        named = None if data.slot is None or self._rules.plan is None else self._rules.plan.slot(data.slot)
        if named is None or named.exercise.id == data.exercise:
            return None
        if any(slot.exercise.id == data.exercise for slot in self._rules.slots_of_day()):
            return None
        slot = self._rules.slot_outside(data.exercise)
        self._state.shared.session.instead[named.id] = slot.id
        return slot

    def _chosen(
        self, at: Instant, data: SetLogged, load: Decimal, candidates: Sequence[PlannedSlot], last: str | None
    ) -> PlannedSlot:
        """Of several slots the one that the set names, else the one of today whose next place it fits best."""
        named = next((slot for slot in candidates if slot.id == data.slot), None)
        if named is not None:
            return named
        first = candidates[0]
        amount = (data.reps if first.measure == "reps" else data.seconds) or 0
        logged = LoggedSet(0, at, load, amount, data.rir, data.kind, data.side)
        today = (self._state.shared.day, ANY_DAY)
        asked = [
            Candidate(
                self._places.at_set(at, slot, self._tracks.of(slot), load, amount)
                if slot.day in today and not self.is_finished(slot)
                else None,
                last=slot.id == last,
            )
            for slot in candidates
        ]
        if not any(each.last or each.due for each in asked):
            return candidates[0]
        return candidates[choose_slot(asked, logged, self._places.basis(first, self._tracks.of(first)))[0]]

    def due_today(self, candidates: Iterable[PlannedSlot]) -> PlannedSlot | None:
        """The first of the slots that belongs to the current day (or to any) and has sets left to do."""
        today = (self._state.shared.day, ANY_DAY)
        return next((slot for slot in candidates if slot.day in today and not self.is_finished(slot)), None)

    def is_finished(self, slot: PlannedSlot) -> bool:
        """Whether the open session has done all of a slot's sets, or those of another exercise in their place.

        A slot that is skipped is done until a set goes to it all the same.
        """
        session = self._state.shared.session
        track = self._tracks.of(slot)
        slot_sets = track.read.get(slot.id) if session.open else None
        if slot_sets is None:
            stood_in = session.open and session.slots.get(session.instead.get(slot.id, ""), 0) > 0
            is_skipped = self._state.shared.is_skipped(slot.id)
            return stood_in or is_skipped or not self._tracks.raw_sets(slot, track)
        return slot_sets.missing_side is None and len(self._tracks.raw_sets(slot, track)) <= slot_sets.filled
