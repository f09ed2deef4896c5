"""In which round of the programme's days a slot comes next."""

from __future__ import annotations

from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.state import Shared


def round_due(slot: PlannedSlot, shared: Shared) -> int:
    """The round, from 0, in which a slot comes next after any open session: this one, or the next of its weeks."""
    first = shared.rounds + (1 if shared.is_of_next_round(slot.id, slot.day) else 0)
    return first + slot.rounds_until_its_week(first)
