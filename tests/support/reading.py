"""Sets and places as they are written in the tests of how sets are read.

A set is ``100x5``, with ``L`` or ``R`` before it for a side, ``@1`` behind it for reps in reserve, and ``w a f d u`` at
the end for the kinds work, amrap, failure, drop and warm-up. A place is ``100x5``, ``225x4-6`` or ``?x5`` where no load
is known; ``3*100x5`` is three of them; ``101.2~100x5`` is 101.2 kg shown as 100.

Readings are written ``1``, ``2``, ... for places, ``W`` warm-up, ``-`` waiting, ``+`` extra, ``D`` drop, ``/`` a side
that lacks the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from service.domain.equipment import Loading, loading
from service.engine.reading.close import Group, close
from service.engine.reading.place import Basis, LoggedSet, Place
from service.engine.reading.readings import How, Reading
from service.engine.reading.slot_choice import Candidate, choose_slot
from service.engine.reading.slot_sets import SlotSets

BARBELL = loading("barbell", None, "kg")
FINE = Loading("nearest", step=Decimal("0.5"))
BASIS = Basis(BARBELL)

_KINDS = {"w": "work", "a": "amrap", "f": "failure", "d": "drop", "u": "warmup", "": None}
_SIDES = {"L": "left", "R": "right", "": None}
_SET = re.compile(r"([LR]?)(-?[\d.]+)x(\d+)(?:@([\d.]+))?([wafdu]?)")
_PLACE = re.compile(r"(?:(\d+)\*)?(?:(-?[\d.]+)~)?(-?[\d.]+|\?)x(\d+)(?:-(\d+))?(\+?)")
_MARKS = {How.EXTRA: "+", How.WARM_UP: "W", How.DROP: "D", How.WAITING: "-", How.SIDE: "/"}


def a_set(written: str, version: int = 1) -> LoggedSet:
    """The set that is written so, logged as so many seconds as its version."""
    found = _SET.fullmatch(written)
    assert found is not None, written
    side, load, amount, rir, kind = found.groups(default="")
    reserve = Decimal(rir) if rir else None
    return LoggedSet(version, version, Decimal(load), int(amount), reserve, _KINDS[kind], _SIDES[side])


def sets(written: str) -> list[LoggedSet]:
    """Several sets, one after the other."""
    return [a_set(each, version) for version, each in enumerate(written.split(), 1)]


def places(written: str) -> list[Place]:
    """Several places, in order."""
    return [place for each in written.split() for place in _places(each)]


def _places(written: str) -> list[Place]:
    found = _PLACE.fullmatch(written)
    assert found is not None, written
    count, raw, shown, low, high, plus = found.groups()
    load = None if shown == "?" else Decimal(shown)
    kind = "amrap" if plus else "work"
    return [Place(Decimal(raw) if raw else load, load, int(low), int(high or low), kind)] * int(count or 1)


def mark(reading: Reading) -> str:
    """A reading as it is written."""
    return _MARKS.get(reading.how) or str((reading.place or 0) + 1)


@dataclass
class Read:
    """A slot whose sets are read: as they came, and when the session is over."""

    asked: list[Place]
    basis: Basis = BASIS
    slot: SlotSets = field(default_factory=SlotSets)

    @property
    def due(self) -> Place | None:
        """The place due next."""
        return self.asked[self.slot.filled] if self.slot.filled < len(self.asked) else None

    @property
    def left(self) -> int:
        """How many work sets are still asked for."""
        return len(self.asked) - self.slot.filled

    def take(self, *logged: LoggedSet) -> str:
        """Read sets as they come."""
        return " ".join(mark(self.slot.take(self.due, each, self.basis)) for each in logged)

    def close(self, *, pyramids: bool = False) -> str:
        """Read all sets anew when the session is over."""
        self.groups: list[Group | None] = close(
            self.slot, self.asked[self.slot.filled :], self.basis, pyramids=pyramids
        )
        return " ".join(map(mark, self.slot.readings))

    @property
    def performed(self) -> list[tuple[int, ...] | None]:
        """Which sets, from 0, are in which place."""
        return self.groups


def read(asked: str, logged: str, basis: Basis = BASIS, *, pyramids: bool = False) -> tuple[str, str]:
    """The readings of a slot's sets, as they came and at the end of the session."""
    slot = Read(places(asked), basis)
    return slot.take(*sets(logged)), slot.close(pyramids=pyramids)


def read_day(asked: dict[str, str], logged: str, basis: Basis = BASIS) -> dict[str, tuple[str, str]]:
    """The same for several slots of one exercise: by slot, which sets went to it, and how they were read at the end."""
    slots = {name: Read(places(written), basis) for name, written in asked.items()}
    went: dict[str, list[str]] = {name: [] for name in asked}
    names = list(asked)
    last = None
    for written, each in zip(logged.split(), sets(logged), strict=True):
        candidates = [Candidate(slots[name].due, last=name == last) for name in names]
        last = names[choose_slot(candidates, each, basis)[0]]
        slots[last].take(each)
        went[last].append(written)
    return {name: (" ".join(went[name]), slots[name].close()) for name in names}
