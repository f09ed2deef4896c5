"""The sets of one slot in the open session, each read as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from service.domain.events import Side
from service.engine.reading.place import WORK_KINDS, Basis, LoggedSet, Place, does, estimate, reaches, under_share
from service.engine.reading.readings import CHOSEN, EXTRA, NEXT, PLACE, WAITING, How, Reading, Why

MOST_SETS: Final = 100
"""A slot keeps so many sets of a session; what comes after them is extra, and not kept."""

_DROP: Final = Reading(How.DROP, Why.LABELLED)
_WARM_UP: Final = Reading(How.WARM_UP, Why.LABELLED)
_SIDE: Final = Reading(How.SIDE, Why.OTHER_SIDE_MISSING)
_BEYOND: Final = Reading(How.EXTRA, Why.BEYOND)
_SHORT_OF_OPTIONAL: Final = Reading(How.EXTRA, Why.SHORT_OF_OPTIONAL)
_TOO_MANY: Final = Reading(How.EXTRA, Why.TOO_MANY)


class SlotSets(msgspec.Struct, array_like=True):
    """What a session did in one slot so far. ``sets`` and ``readings`` go together, in the order of their times."""

    sets: list[LoggedSet] = []
    readings: list[Reading] = []
    asked: list[Place] = []
    """What was asked of each place that is filled, at the time it was."""
    chosen: Decimal | None = None
    """While the lifter is finding a load that nobody knows: the heaviest so far, which fills the first place."""
    warmed: Decimal | None = None
    """The heaviest load of a set that was no work; lighter warm-ups are done with."""
    alone: list[int] = []
    """The sets of one side that worked and lack the other side's."""

    def copy(self) -> SlotSets:
        """Sets of their own, equal to these."""
        lists = {name: list(getattr(self, name)) for name in ("sets", "readings", "asked", "alone")}
        return msgspec.structs.replace(self, **lists)

    @property
    def filled(self) -> int:
        """How many places are filled."""
        return len(self.asked)

    @property
    def asked_for(self) -> int:
        """How many places are asked for: optional ones only where they are filled."""
        if not any(place.optional for place in self.asked):
            return len(self.asked)
        done = {reading.place for reading in self.readings if reading.how is PLACE}
        return sum(1 for number, place in enumerate(self.asked) if not place.optional or number in done)

    @property
    def missing_side(self) -> Side | None:
        """The side whose set is still to come; None where none is missing."""
        if not self.alone:
            return None
        return "right" if self.sets[self.alone[0]].side == "left" else "left"

    @property
    def waits(self) -> bool:
        """Whether any set waits for the session's end or for the other side."""
        if self.warmed is None:  # what waits is remembered as a warm-up, for it may be one
            return bool(self.alone)
        return bool(self.alone) or any(reading.how is WAITING for reading in self.readings)

    def warm_ups_left(self, warm_ups: Sequence[Place], basis: Basis) -> list[Place]:
        """The warm-ups still to do: all that are heavier than what was done, until a place is filled."""
        if self.asked or self.alone:
            return []
        done = self.warmed
        return [each for each in warm_ups if done is None or not reaches(each, done, basis)]

    def take(self, place: Place | None, logged: LoggedSet, basis: Basis) -> Reading:
        """Read a set; ``place`` is the one due, None beyond the last. Whoever calls runs rules on places and extras.

        A drop set is work where the place asks for one, a warm-up never.

        Place 0 is filled anew where a chosen load is surpassed: the places that were filled before are empty again.
        """
        if len(self.sets) >= MOST_SETS:
            return _TOO_MANY
        kind = logged.kind
        if kind is not None and kind not in WORK_KINDS and (place is None or kind != place.kind):
            reading = _DROP
            if kind == "warmup":
                reading = _WARM_UP
                self._warm(logged.load)
        elif logged.side is not None:
            reading = self._side(place, logged, basis)
        else:
            reading = self._waits(place, logged, basis) or self._works(place, logged, basis)
        if reading.how is PLACE and place is not None and reading.why is not CHOSEN:
            self.asked.append(place)
        self.sets.append(logged)
        self.readings.append(reading)
        return reading

    def _waits(self, place: Place | None, logged: LoggedSet, basis: Basis) -> Reading | None:
        """Read a set that comes before any place is filled, if it waits."""
        if self.asked or place is None or logged.kind is not None:
            return None
        why = why_it_waits(place, logged, basis)
        if why is None or place.shown is None:
            return None
        self._warm(logged.load)
        amounts = (Decimal(logged.amount), Decimal(place.low))
        return Reading(How.WAITING, why, None, amounts if why is Why.UNDER_HALF else (logged.load, place.shown))

    def _works(self, place: Place | None, logged: LoggedSet, basis: Basis) -> Reading:
        """Read a work set."""
        load = logged.load
        if self.chosen is not None and load > self.chosen:
            return self._choose_anew(self.chosen, logged)
        if place is None or (place.optional and not does(place, logged, basis)):
            return _BEYOND if place is None else _SHORT_OF_OPTIONAL
        if self.asked:
            return Reading(PLACE, NEXT, len(self.asked))
        if logged.kind is not None:
            return Reading(PLACE, Why.LABELLED, 0)
        shown = place.shown
        if shown is None:
            self._choose(place, load)
            return Reading(PLACE, CHOSEN, 0, (load,))
        return Reading(PLACE, Why.REACHED if reaches(place, load, basis) else Why.ENOUGH, 0, (load, shown))

    # A load that nobody knows yet

    def _choose(self, place: Place, load: Decimal) -> None:
        """Whoever chooses a load has been asked for it."""
        self.chosen = load
        self.asked = [Place(load, load, place.low, place.high, place.kind)]

    def _choose_anew(self, found: Decimal, logged: LoggedSet) -> Reading:
        """Fill the first place with more than the lifter had found; what filled places before waits."""
        self._choose(self.asked[0], logged.load)
        if logged.kind is not None:
            self.chosen = None
        for index, before in enumerate(self.readings):
            if before.how is PLACE or before.how is EXTRA:
                load = self.sets[index].load
                self._warm(load)
                self.readings[index] = Reading(How.WAITING, Why.HEAVIER_CAME, None, (load, logged.load))
        return Reading(PLACE, CHOSEN, 0, (logged.load, found))

    def _warm(self, load: Decimal) -> None:
        if self.warmed is None or load > self.warmed:
            self.warmed = load

    # One side at a time

    def _side(self, place: Place | None, logged: LoggedSet, basis: Basis) -> Reading:
        """Read a side alone until one of them worked; then both work, in pairs."""
        other = next((index for index in self.alone if self.sets[index].side != logged.side), None)
        if other is None:
            waits = None if self.alone else self._waits(place, logged, basis)
            if waits is None:
                self.alone.append(len(self.sets))
            return waits or _SIDE
        partner = self.sets[other]
        if not self.asked and logged.kind is None and _is_far_weaker(logged, partner, basis):
            self._warm(logged.load)
            return Reading(How.WAITING, Why.FAR_WEAKER_SIDE, None, (logged.load, partner.load))
        self.alone.remove(other)
        number = len(self.asked)
        pair = weaker_of([partner, logged])
        reading = self._works(place, pair, basis)
        if reading.why is not CHOSEN and reading.how is PLACE:
            reading = Reading(PLACE, Why.BOTH_SIDES, number)
        self.readings[other] = msgspec.structs.replace(reading, other=len(self.sets))
        return msgspec.structs.replace(reading, other=other)


def weaker_of(sides: Sequence[LoggedSet]) -> LoggedSet:
    """What sets of both sides count as together: the least of each, at the time of the later."""
    rirs = [each.rir for each in sides if each.rir is not None]
    last = sides[-1]
    load, amount = min(each.load for each in sides), min(each.amount for each in sides)
    return LoggedSet(last.version, last.at, load, amount, min(rirs, default=None), last.kind)


def why_it_waits(place: Place, logged: LoggedSet, basis: Basis) -> Why | None:
    """Why an unlabelled set before any filled place is not work yet; None where it is."""
    load, shown = logged.load, place.shown
    if shown is None or load > shown:
        return None
    if (basis.timed or not shown) and 2 * logged.amount < place.low:
        return Why.UNDER_HALF
    if reaches(place, load, basis):
        return None
    if basis.weight(load) is None:
        return Why.WEIGHT_UNKNOWN
    if under_share(load, shown, 90, basis):
        return Why.LIGHT
    return Why.LIGHT_AND_SHORT if logged.amount < place.low and not basis.timed else None


def _is_far_weaker(one: LoggedSet, other: LoggedSet, basis: Basis) -> bool:
    """Whether a side did at most 80 % of what the other did: more likely its warm-up than all it can."""
    if one.load >= other.load:
        return False
    mine, theirs = estimate(one.load, one.amount, basis), estimate(other.load, other.amount, basis)
    return mine is not None and theirs is not None and 10 * mine <= 8 * theirs
