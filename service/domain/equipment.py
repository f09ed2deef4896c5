"""What a lifter can load, which loads that makes, and rounding to them.

Loads are decimals in the lifter's working unit. The house equipment, used for whatever a profile leaves out, is a
20 kg or 45 lb bar with the plate sizes that Liftosaur's default gym lists, but for the smallest: few gyms have pairs of
0.5 kg or 1.25 lb, so a profile names them where there are any.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from math import gcd, prod
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.loads import Load, Unit, canonical

Rounding: TypeAlias = Literal["nearest", "down", "up"]


class Plates(msgspec.Struct, frozen=True, array_like=True):
    """A size of plate and how many of it there are."""

    load: Load
    count: int


class Equipment(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the lifter can load; what is left out is as the programme says, else as the house defaults say.

    ``barbells`` are fixed ones; ``stack`` is the step of a stack, with its add-on weight if there is one.
    """

    bar: Load | None = None
    plates: tuple[Plates, ...] | None = None
    dumbbells: tuple[Load, ...] | None = None
    stack: Load | None = None
    rounding: Rounding | None = None
    ez_bar: Load | None = None
    barbells: tuple[Load, ...] | None = None
    kettlebells: tuple[Load, ...] | None = None


HOUSE_BAR: Final[dict[Unit, Decimal]] = {"kg": Decimal(20), "lb": Decimal(45)}
HOUSE_EZ_BAR: Final[dict[Unit, Decimal]] = {"kg": Decimal(10), "lb": Decimal(20)}
"""Spotter's own choice: such bars weigh from 7 to 11 kg."""

_SIZES_AND_COUNTS: Final[dict[Unit, dict[str, int]]] = {
    "kg": {"20": 16, "10": 4, "5": 4, "2.5": 4, "1.25": 4},
    "lb": {"45": 16, "25": 4, "10": 4, "5": 4, "2.5": 4},
}

HOUSE_PLATES: Final[dict[Unit, tuple[tuple[Decimal, int], ...]]] = {
    unit: tuple((Decimal(size), count) for size, count in plates.items()) for unit, plates in _SIZES_AND_COUNTS.items()
}
"""Size and number of plates. The largest is counted twice as often as in the source, so that strong lifters fit."""

HOUSE_STEP: Final[dict[str, dict[Unit, Decimal]]] = {
    "dumbbell": {"kg": Decimal("0.5"), "lb": Decimal("2.5")},
    "cable": {"kg": Decimal("2.5"), "lb": Decimal(5)},
    "machine": {"kg": Decimal("2.5"), "lb": Decimal(5)},
    "plates": {"kg": Decimal("1.25"), "lb": Decimal("2.5")},
    "kettlebell": {"kg": Decimal(2), "lb": Decimal(5)},
    "body-weight": {"kg": Decimal("1.25"), "lb": Decimal("2.5")},
}
"""Spotter's own choice of steps where nobody said what the gym has. From a belt hang plates one by one."""

RACK_STEPS: Final[dict[Unit, tuple[Decimal, ...]]] = {
    "kg": (Decimal("2.5"), Decimal(2), Decimal(1)),
    "lb": (Decimal(5), Decimal("2.5"), Decimal(1)),
}
"""The steps of racks of dumbbells, the largest first: the first that all loads used are multiples of is the rack's."""

FINEST_STEP: Final[dict[Unit, Decimal]] = {"kg": Decimal("0.5"), "lb": Decimal(1)}
"""For equipment nobody described: fine enough to repeat any load that was really lifted."""

CONVERTED: Final[dict[Unit, Decimal]] = {"kg": Decimal("0.025"), "lb": Decimal("0.12")}
"""How far a load is off, in each unit, that was converted into the other and written with one decimal there."""

MOST_SIZES: Final = 10
MOST_OF_A_SIZE: Final = 40
MOST_PLATE_SUMS: Final = 3_000
"""Different loads that plates may make on one side; eight common sizes make under a thousand."""

_MOST_REMEMBERED: Final = 10_000
_STACKED: Final = frozenset({"cable", "machine"})
_IN_EVEN_STEPS: Final = frozenset({"dumbbell", "kettlebell", *_STACKED})
"""What stands in a rack, or hangs in a stack, in steps of which the house's are only a guess."""


class Rounded(NamedTuple):
    """A load that can be made, its makeable neighbours of the raw one, and the plates of one side if it is a bar's."""

    load: Decimal
    below: Decimal | None
    above: Decimal | None
    plates: tuple[Decimal, ...] | None


class Loading:
    """The loads that one kind of equipment can make; what it has made is remembered, for a lifter's loads are few."""

    __slots__ = ("_last", "_made", "_remembered", "_step", "_steps", "mode", "sides")

    def __init__(
        self,
        mode: Rounding,
        *,
        step: Decimal | None = None,
        made: tuple[Decimal, ...] = (),
        sides: dict[Decimal, tuple[Decimal, ...]] | None = None,
    ) -> None:
        self.mode = mode
        self._step = step
        self._made = made
        self.sides = sides or {}
        """By load the plates of one side, where it is a bar's."""
        self._remembered: dict[Decimal, Decimal] = {}
        self._steps: dict[tuple[Decimal, int], Decimal | None] = {}
        self._last: tuple[Decimal | None, Decimal] = (None, Decimal(0))

    def round(self, raw: Decimal) -> Decimal:
        """The makeable load for a raw one, by the lifter's rounding; a tie goes down; never under the bar."""
        last, load = self._last
        if raw == last:  # the sets of a session mostly ask for the same load, and hashing a decimal is slow
            return load
        known = self._remembered.get(raw)
        if known is None:
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[raw] = self.explain(raw).load
        self._last = (raw, known)
        return known

    def explain(self, raw: Decimal) -> Rounded:
        """Round, and say between which makeable loads."""
        below, above = self.neighbours(raw)
        # Written in one way however the raw load was, for whoever asks next gets what is remembered.
        load = Decimal(canonical(self._choose(raw, below, above)))
        return Rounded(load, below, above, self.sides.get(load))

    @property
    def heaviest(self) -> Decimal | None:
        """The heaviest load that can be made; None where loads go on without an end."""
        return self._made[-1] if self._made and self._step is None else None

    def stepped(self, load: Decimal, steps: int) -> Decimal | None:
        """The load so many makeable ones above a load (under 0: below it); None where there are not so many."""
        made = self._steps.get((load, steps))
        if made is None:
            if len(self._steps) > _MOST_REMEMBERED:
                self._steps.clear()
            made = self._steps[load, steps] = self._stepped(load, steps)
        return made

    def _stepped(self, load: Decimal, steps: int) -> Decimal | None:
        if self._step is not None:
            towards = ROUND_FLOOR if steps > 0 else ROUND_CEILING
            made = ((load / self._step).to_integral_value(towards) + steps) * self._step
            return Decimal(canonical(made))
        place = bisect_right(self._made, load) + steps - 1 if steps > 0 else bisect_left(self._made, load) + steps
        return Decimal(canonical(self._made[place])) if 0 <= place < len(self._made) else None

    def neighbours(self, raw: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """The makeable loads that a raw one lies between, both itself where it is one; None beyond an end."""
        if self._step is not None:
            below = (raw / self._step).to_integral_value(ROUND_FLOOR) * self._step
            return below, below if below == raw else below + self._step
        place = bisect_left(self._made, raw)
        above = self._made[place] if place < len(self._made) else None
        if above == raw:
            return above, above
        return (self._made[place - 1] if place else None), above

    def _choose(self, raw: Decimal, below: Decimal | None, above: Decimal | None) -> Decimal:
        if below is None or above is None:
            only = above if below is None else below
            if only is None:
                raise ValueError("equipment that can make no load at all")
            return only
        if self.mode == "down" or (self.mode == "nearest" and raw - below <= above - raw):
            return below
        return above


class LearnedLoading(Loading):
    """What some equipment is thought to make, and beside that the loads that a lifter really used: there they are.

    Between two of those that are no further than ``step`` apart nothing else is: who has lifted 16 and 18 kg trains in
    a gym that goes in steps of 2 kg. ``own`` is sorted.
    """

    __slots__ = ("_equipment", "_own", "_own_step")

    def __init__(self, equipment: Loading, own: tuple[Decimal, ...], step: Decimal = Decimal(0)) -> None:
        super().__init__(equipment.mode, sides=equipment.sides)
        self._equipment = equipment
        self._own = own
        self._own_step = step

    @property
    def heaviest(self) -> Decimal | None:
        """The heaviest load that can be made, or was used; None where loads go on without an end."""
        made = self._equipment.heaviest
        return None if made is None else max(made, *self._own)

    def _stepped(self, load: Decimal, steps: int) -> Decimal | None:
        made: Decimal | None = load
        for _ in range(abs(steps)):
            if made is None:
                return None
            made = self._next(made, up=steps > 0)
        return None if made is None else Decimal(canonical(made))

    def neighbours(self, raw: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """The loads that a raw one lies between, of the equipment and of the lifter's own."""
        below, above = self._equipment.neighbours(raw)
        lighter, heavier = self._own_around(bisect_right(self._own, raw), bisect_left(self._own, raw))
        if self._is_one_step(lighter, heavier):
            return lighter, heavier
        if lighter is not None and (below is None or lighter > below):
            below = lighter
        if heavier is not None and (above is None or heavier < above):
            above = heavier
        return below, above

    def _next(self, load: Decimal, *, up: bool) -> Decimal | None:
        one = self._equipment.stepped(load, 1 if up else -1)
        place = (bisect_right if up else bisect_left)(self._own, load)
        lighter, heavier = self._own_around(place, place)
        own = heavier if up else lighter
        if one is None or (own is not None and self._is_one_step(lighter, heavier)):
            return own
        if own is None:
            return one
        return min(one, own) if up else max(one, own)

    def _own_around(self, until: int, since: int) -> tuple[Decimal | None, Decimal | None]:
        """The last of the lifter's own loads before the place ``until``, and the first from ``since`` on."""
        return self._own[until - 1] if until else None, self._own[since] if since < len(self._own) else None

    def _is_one_step(self, lighter: Decimal | None, heavier: Decimal | None) -> bool:
        return lighter is not None and heavier is not None and heavier - lighter <= self._own_step


@lru_cache(maxsize=4096)
def learned_loading(equipment: Loading, own: tuple[Decimal, ...], kind: str, unit: Unit) -> Loading:
    """The loads that a kind of equipment nobody described can make, by what a lifter has used.

    A load used that is one of the equipment's but for what a conversion leaves is that one: 61.23 kg are 135 lb.
    """
    made = {load: _as_made(equipment, load, CONVERTED[unit]) for load in own}
    if kind in _IN_EVEN_STEPS:
        used = {load if as_made is None else as_made for load, as_made in made.items()}
        if kind == "dumbbell":
            used.update(_rack(used, unit))
        return LearnedLoading(equipment, tuple(sorted(used)), HOUSE_STEP["machine"][unit])
    apart = tuple(load for load, as_made in made.items() if as_made is None)
    return LearnedLoading(equipment, apart) if apart else equipment


def _rack(used: Collection[Decimal], unit: Unit) -> Iterator[Decimal]:
    """The dumbbells up to the heaviest used of a rack in even steps; none where no such rack has all that were used."""
    heaviest = max(used)
    step = next((step for step in RACK_STEPS[unit] if not any(load % step for load in used)), None)
    if step is not None:
        yield from (step * count for count in range(1, int(heaviest / step) + 1))


def _as_made(equipment: Loading, load: Decimal, tolerance: Decimal) -> Decimal | None:
    """The load of the equipment that this one is, within a tolerance."""
    made = (each for each in equipment.neighbours(load) if each is not None and abs(each - load) <= tolerance)
    return min(made, key=lambda each: abs(each - load), default=None)


def combined(own: Equipment | None, other: Equipment | None) -> Equipment | None:
    """What a lifter said of the equipment and, for whatever that leaves out, what somebody else said."""
    if own is None or other is None:
        return own or other
    names = Equipment.__struct_fields__
    return Equipment(*(getattr(other if getattr(own, name) is None else own, name) for name in names))


def plate_sums(plates: Iterable[tuple[Decimal, int]]) -> int:
    """At most so many different loads can be made of pairs of plates (size, count) on one side."""
    pairs = [(size, count // 2) for size, count in plates if count > 1]
    if not pairs:
        return 1
    places = max(0, *(-int(size.normalize().as_tuple().exponent) for size, _ in pairs))
    sizes = [int(size.scaleb(places)) for size, _ in pairs]
    heaviest = sum(size * count for size, (_, count) in zip(sizes, pairs, strict=True))
    return min(prod(count + 1 for _, count in pairs), heaviest // gcd(*sizes) + 1)


def are_few(plates: Sequence[tuple[Decimal, int]]) -> bool:
    """Whether plates (size, count) are so few that all loads they can make are found at once."""
    few = len(plates) <= MOST_SIZES and all(count <= MOST_OF_A_SIZE for _, count in plates)
    return few and plate_sums(plates) <= MOST_PLATE_SUMS


@lru_cache(maxsize=512)
def loading(kind: str, equipment: Equipment | None, unit: Unit) -> Loading:
    """The loads that can be made for an exercise done with ``kind`` of equipment, in ``unit``."""
    own = equipment or Equipment()
    mode: Rounding = own.rounding or "nearest"
    if kind == "barbell":
        return _barbell(own, mode, unit)
    if kind == "ez-bar":
        return _bar(HOUSE_EZ_BAR[unit] if own.ez_bar is None else own.ez_bar.in_unit(unit), own, mode, unit)
    pieces = {"dumbbell": own.dumbbells, "kettlebell": own.kettlebells}.get(kind)
    if pieces:
        return Loading(mode, made=tuple(sorted({load.in_unit(unit) for load in pieces})))
    if kind in _STACKED and own.stack is not None:
        return Loading(mode, step=own.stack.in_unit(unit))
    if kind == "body-weight" and own.plates:
        return Loading(mode, step=min(size for size, _ in _in_unit(own.plates, unit)))
    return Loading(mode, step=HOUSE_STEP.get(kind, FINEST_STEP)[unit])


def _barbell(own: Equipment, mode: Rounding, unit: Unit) -> Loading:
    """Fixed barbells, and whatever the bar takes; who names fixed ones, but no bar and no plates, has no others."""
    fixed = {load.in_unit(unit): None for load in own.barbells or ()}
    if fixed and own.bar is None and own.plates is None:
        return Loading(mode, made=tuple(sorted(fixed)))
    return _bar(HOUSE_BAR[unit] if own.bar is None else own.bar.in_unit(unit), own, mode, unit, tuple(fixed))


def _bar(bar: Decimal, own: Equipment, mode: Rounding, unit: Unit, fixed: tuple[Decimal, ...] = ()) -> Loading:
    plates = _in_unit(own.plates, unit) if own.plates is not None else HOUSE_PLATES[unit]
    sides: dict[Decimal, tuple[Decimal, ...]] = {Decimal(0): ()}
    for size, count in sorted(plates, reverse=True):
        for side, used in list(sides.items()):
            for pairs in range(1, count // 2 + 1):
                more = (*used, *[size] * pairs)
                known = sides.get(side + size * pairs)
                # Few plates, and of as many the larger ones.
                if known is None or (len(more), known) < (len(known), more):
                    sides[side + size * pairs] = more
    totals = {bar + 2 * side: used for side, used in sides.items()}
    made = tuple(sorted({*totals, *fixed}))
    return Loading(mode, made=made, sides={load: used for load, used in totals.items() if load not in fixed})


def _in_unit(plates: Iterable[Plates], unit: Unit) -> list[tuple[Decimal, int]]:
    return [(pair.load.in_unit(unit), pair.count) for pair in plates]
