"""How sets and baselines stand: with the corrections that count by now, or not at all where they are voided."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from service.domain.effective_history import acts_on, corrected, effective_history
from service.domain.events import BaselineSet, Correction, Event, SetLogged

Lifted: TypeAlias = SetLogged | BaselineSet
"""What says a load of an exercise."""


class StandingSets:
    """The sets and baselines of a log that is read in order, and how each stands after what was read so far.

    A void of their whole session is left out: what stands without it stands again when that is voided.
    """

    def __init__(self) -> None:
        self._set_of: dict[str, str] = {}
        self._events: dict[str, list[Event]] = {}
        self._stands: dict[str, Lifted | None] = {}

    def read(self, event: Event) -> None:
        """Take in the next event; one that was read before, or is about no set that was, changes nothing."""
        set_id = self._id_of_set(event)
        if set_id is None or event.event_id in self._set_of:
            return
        self._stands[set_id] = self.after(event)
        self._set_of[event.event_id] = set_id
        self._events.setdefault(set_id, []).append(event)

    def before(self, event: Event) -> Lifted | None:
        """How the set that an event is about stands without it; None where it does not count."""
        return self._stands.get(self._id_of_set(event) or "")

    def after(self, event: Event) -> Lifted | None:
        """How that set would stand if this event came next."""
        set_id = self._id_of_set(event)
        if set_id is None or isinstance(event.data, Lifted):
            return event.data if isinstance(event.data, Lifted) else None
        stands = self._stands[set_id]
        logged, *_ = self._events[set_id]
        if isinstance(event.data, Correction):  # the newest correction goes on from those before it
            if stands is None:
                return None
            history = [corrected(msgspec.structs.replace(logged, data=stands), [event.data])]
        else:
            history = [entry.event for entry in effective_history(enumerate([*self._events[set_id], event], 1))]
        return next((each.data for each in history if isinstance(each.data, Lifted)), None)

    def _id_of_set(self, event: Event) -> str | None:
        if isinstance(event.data, Lifted):
            return event.event_id
        return self._set_of.get(acts_on(event.data) or "")
