"""How a logged set is read: whether it is work, and if so, as what rules see it. Part of the fold's hot path."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeAlias

from service.domain.events import SetLogged
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.slot_choice import Destination
from service.engine.replay.state import Memory, Track
from service.engine.replay.tracks import Tracks

_HALF: Final = Decimal("0.5")
_ZERO: Final = Decimal(0)

_WORK_KINDS: Final = frozenset({"work", "amrap", "failure"})

WorkSet: TypeAlias = tuple[Decimal, int, Decimal | None, str]
"""A work set: its load in the working unit, repetitions (or seconds), reserve, and its kind.

A bare tuple, because one is made for every set.
"""


class SetReader:
    """Reads logged sets one by one, each as it stands when it is performed."""

    __slots__ = ("_facts", "_shared", "_tracks")

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks
        self._shared = tracks.state.shared
        self._facts = tracks.facts

    def work_of(self, data: SetLogged, load: Decimal, destination: Destination) -> WorkSet | None:
        """The set as work, its load in the working unit; None for a warm-up, or what is not measured as its slot is.

        Of every set, whatever it is, the load counts towards the heaviest one of its exercise in the session.
        """
        slot, track, memory = destination
        number = self._shared.session.number
        if memory.session != number:
            memory.previous_top_load, memory.top_load, memory.session = memory.top_load, None, number
        if memory.top_load is None or load > memory.top_load:
            memory.top_load = load
        kind = data.kind
        if kind is None:
            if not (_is_heavy(load, slot, track, memory) or self._is_asked_for(load, slot, track)):
                return None
            kind = "work"
        elif kind not in _WORK_KINDS:
            return None
        amount = data.reps if slot.measure == "reps" else data.seconds
        if amount is None or (amount == 0 and track.lever is None):  # what was not lifted starts nothing
            return None
        return load, amount, data.rir, kind

    def _is_asked_for(self, load: Decimal, slot: PlannedSlot, track: Track) -> bool:
        """Whether so light a load is what the slot asks for now: in a week of light sets those are the work."""
        if track.lever is None:
            return False
        done = self._shared.session.slots.get(slot.id, 0)
        self._tracks.look_at(slot)
        raw = slot.prescribed(self._facts, track, track.own[slot.progression_id], done)
        return raw is not None and raw[1] is not None and load >= slot.loading.round(raw[1])


def _is_heavy(load: Decimal, slot: PlannedSlot, track: Track, memory: Memory) -> bool:
    """Whether a set that does not say what it is has half the load of the track or of the exercise's last session.

    With an added load the body itself is most of the work, so half of what hangs from the belt says nothing.
    """
    usual = track.lever
    previous = memory.previous_top_load
    if usual is None or (previous is not None and previous < usual):
        usual = previous
    if usual is None or load >= usual or usual <= _ZERO or load >= usual * _HALF:
        return True
    return slot.exercise.load == "added"
