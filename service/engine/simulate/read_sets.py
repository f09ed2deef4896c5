"""How the sets of a log were read: kept by whoever watches the fold of a simulation or of an example."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.events import Event, SetLogged
from service.engine.reading.readings import Reading
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.observer import FoldObserver


class ReadSet(NamedTuple):
    """A logged set, the slot that it went to, and how it was read in the end."""

    event_id: str
    logged: SetLogged
    slot: str
    reading: Reading


class ReadSets(FoldObserver):
    """Keeps the newest reading of each set; nobody watches a duplicate."""

    def __init__(self) -> None:
        self._logged: dict[int, Event] = {}
        self._read: dict[int, ReadSet] = {}

    def event_begins(self, version: int, event: Event) -> None:
        """Know the set of a version."""
        if isinstance(event.data, SetLogged):
            self._logged[version] = event

    def set_read(self, slot: PlannedSlot, version: int, reading: Reading) -> None:
        """Keep how a set is read now."""
        event = self._logged.get(version)  # None in a duplicate, which reads ahead what it was not told of
        if event is not None and isinstance(event.data, SetLogged):
            self._read[version] = ReadSet(event.event_id, event.data, slot.id, reading)

    def take(self) -> list[ReadSet]:
        """What was read since this was asked last."""
        read = [self._read[version] for version in sorted(self._read)]
        self._read = {}
        return read
