"""Which slot a set goes to, and which slot of a day is due. Part of the fold's hot path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from service.domain.events import SetLogged
from service.engine.replay.bound_programme import ANY_DAY, PlannedSlot
from service.engine.replay.state import Memory, Track
from service.engine.replay.tracks import Tracks


class Destination(NamedTuple):
    """Where a set goes: its slot, the track that the slot feeds, and what is remembered of the exercise."""

    slot: PlannedSlot
    track: Track
    memory: Memory


class SlotChoice:
    """Finds the slot of each set, and remembers it for exercises that have one slot only."""

    __slots__ = ("_rules", "_state", "_tracks", "only")

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks
        self._rules = tracks.rules
        self._state = tracks.state
        self.only: dict[str, Destination] = {}
        """By exercise, of those found so far that have one slot only; the fold looks here first."""

    def forget(self) -> None:
        """Find every slot anew: the lifter's rules may be others now."""
        self.only.clear()

    def of_set(self, data: SetLogged) -> Destination:
        """The slot that a set names, else the next unfinished one of today, else the last it fed, else the first."""
        memory = self._state.memory(data.exercise)
        if memory.timed is None:
            memory.timed = data.reps is None
        candidates = self._rules.slots_of(data.exercise)
        slot = candidates[0]
        if len(candidates) == 1:
            only = self.only[data.exercise] = Destination(slot, self._tracks.of(slot), memory)
            return only
        fed = self._state.shared.session.fed
        named = (each for each in candidates if each.id == data.slot)
        last = (each for each in candidates if each.id == fed.get(data.exercise))
        slot = next(named, None) or self.due_today(candidates) or next(last, slot)
        fed[data.exercise] = slot.id
        return Destination(slot, self._tracks.of(slot), memory)

    def due_today(self, candidates: Iterable[PlannedSlot]) -> PlannedSlot | None:
        """The first of the slots that belongs to the current day (or to any) and has sets left to do."""
        today = (self._state.shared.day, ANY_DAY)
        return next((slot for slot in candidates if slot.day in today and not self.is_finished(slot)), None)

    def is_finished(self, slot: PlannedSlot) -> bool:
        """Whether the open session has done all of a slot's sets."""
        session = self._state.shared.session
        done = session.slots.get(slot.id, 0) if session.open else 0
        return self._tracks.raw_set(slot, self._tracks.of(slot), done) is None
