"""What a lifter usually does in a track: remembered of its closed sessions, bounded, and read by rules as ``habit.*``.

Medians are low medians and quartiles lower ones: values that really occurred, so that nothing is computed with a
rounding of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

import msgspec

from service.domain.limits import MOST_PLACES

SESSIONS: Final = 5
"""Sessions that the usual number of sets is taken from."""
SESSIONS_TO_TRUST: Final = 3
"""Sessions after which a load that was converted from another unit is one that the gym has too."""
_AS_WRITTEN: Final = -2
"""The exponent of loads as people write them, to the hundredth; one with more digits was converted."""
RAISES: Final = 8
"""Raises that repetitions and steps are taken from."""
RAISES_TO_KNOW: Final = 3
"""Raises after which the repetitions are known."""
SESSIONS_LISTED: Final = 12
"""The lifter's latest sessions, from which is told what they train in a session to come."""
LOADS: Final = 12
"""Different loads that are remembered."""

SetDone: TypeAlias = tuple[Decimal, int]
"""A work set: its load in the working unit, and its repetitions or seconds."""

_T = TypeVar("_T")


class once(Generic[_T]):  # noqa: N801 - used as `property` is
    """A property that is computed when first asked for; unlike that of the library, it takes no lock for it."""

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: Any) -> _T:
        """Compute the value, and let it be found in the instance from now on."""
        value = instance.__dict__[self._name] = self._compute(instance)
        return value


class Habit(msgspec.Struct, array_like=True, frozen=True, dict=True):
    """What closed sessions have shown; `service.engine.ruleset.facts.habit` explains what rules read of it.

    What follows from its fields is computed once, for it is read with every set and changes once a session.
    """

    load: Decimal | None = None
    reps: int | None = None
    lighter_load: Decimal | None = None
    lighter_reps: int | None = None
    raised_at: tuple[int, ...] = ()
    """Of the latest raises, the repetitions before each; ``steps`` how much each was."""
    steps: tuple[Decimal, ...] = ()
    set_counts: tuple[int, ...] = ()
    top_counts: tuple[int, ...] = ()
    own_loads: tuple[Decimal, ...] = ()
    """The one used last is the last."""
    previous: tuple[SetDone, ...] = ()
    newest: tuple[SetDone, ...] = ()
    """The sets of the newest session; ``previous`` those of the one before."""

    @once
    def reps_at_raise(self) -> int | None:
        """The usual repetitions before a raise."""
        return _low_median(self.raised_at) if len(self.raised_at) >= RAISES_TO_KNOW else None

    @once
    def step(self) -> Decimal | None:
        """The usual raise, on the small side: one that was mistyped does not count for long."""
        return sorted(self.steps)[(len(self.steps) - 1) // 4] if self.steps else None

    @once
    def sets(self) -> int | None:
        """The usual number of work sets."""
        return _low_median(self.set_counts)

    @once
    def top_places(self) -> int | None:
        """The usual number of sets that belong to the heaviest load."""
        return _low_median(self.top_counts)

    @once
    def loads(self) -> list[tuple[Decimal]] | None:
        """The loads lately used, the lightest first, as rows."""
        return [(load,) for load in sorted(self.own_loads)] or None

    @once
    def learned_loads(self) -> tuple[Decimal, ...]:
        """The loads that the lifter's gym has, for they were lifted, and those one usual step above them; sorted."""
        own, step = sorted(self.own_loads), self.step
        if len(self.set_counts) < SESSIONS_TO_TRUST:
            own = [load for load in own if cast("int", load.as_tuple().exponent) >= _AS_WRITTEN]
        above = [] if step is None else [load + step for load in own]
        return tuple(_distinct(sorted(own + above)))

    @once
    def pattern(self) -> list[tuple[Decimal, int, Decimal]] | None:
        """The newest session's sets: load, repetitions, and the heaviest load of them all.

        None unless the session before went up and down in the same places.
        """
        if not self.newest or not _go_alike(self.newest, self.previous):
            return None
        loads = [load for load, _ in self.newest]
        top = max(loads)
        if top == 0 or (top < 0) != (min(loads) < 0):
            return None
        return [(load, reps, top) for load, reps in self.newest]

    def after(self, done: Sequence[SetDone], asked: Decimal | None, shown: Callable[[Decimal], Decimal]) -> Habit:
        """The habit after one more session of these work sets, at least one.

        ``asked`` is the lever that it began with; ``shown`` gives the load that is shown for one, and who reaches that
        has reached it.
        """
        top, fewest = _top_of(done)
        load, reps, lighter = self.load, self.reps, self.lighter_load
        raised_at, steps = self.raised_at, self.steps
        # Who more than doubles a load has found another, or mistyped one: neither is a step of theirs.
        by_a_step = load is not None and load < top and (top <= 2 * load or load <= 0)
        if load is not None and reps is not None and lighter is None and by_a_step:
            known = self.reps_at_raise
            # Who makes a raise that was asked for shows no habit beyond what is known of it: else it would creep up.
            was_asked = asked is not None and asked > load
            raised_at = _newest((*raised_at, reps if known is None or not was_asked else min(reps, known)), RAISES)
            steps = _newest((*steps, top - load), RAISES)
        waiting: tuple[Decimal | None, int | None] = (None, None)
        if load is None or top >= min(load, shown(load)) or (lighter is not None and top >= lighter):
            load, reps = top, fewest
        elif lighter is None:
            waiting = top, fewest
        else:
            load, reps, waiting = lighter, self.lighter_reps, (top, fewest)
        used = _distinct(sorted(each for each, _ in done))
        return Habit(
            load,
            reps,
            *waiting,
            raised_at,
            steps,
            _newest((*self.set_counts, len(done)), SESSIONS),
            _newest((*self.top_counts, top_places(done)), SESSIONS),
            _newest((*(each for each in self.own_loads if each not in used), *used), LOADS),
            self.newest,
            tuple(done) if len(done) <= MOST_PLACES else (),
        )


def fewest_reps_at_top(done: Sequence[SetDone]) -> int:
    """The fewest repetitions of the sets at the heaviest load."""
    return _top_of(done)[1]


def _top_of(done: Sequence[SetDone]) -> SetDone:
    """The heaviest load, and the fewest repetitions of the sets at it."""
    top, fewest = done[0]
    for load, reps in done:
        if load > top:
            top, fewest = load, reps
        elif reps < fewest and load == top:
            fewest = reps
    return top, fewest


def _distinct(loads: Sequence[Decimal]) -> list[Decimal]:
    """Of sorted loads the first of those that are equal; without a set, for to hash a decimal is slow."""
    return [load for place, load in enumerate(loads) if place == 0 or load != loads[place - 1]]


def top_places(done: Sequence[SetDone]) -> int:
    """How many sets, from the first at the heaviest load on, belong to it.

    Lighter ones after it that all have more repetitions than any at the top are a back-off, and do not.
    """
    loads = [load for load, _ in done]
    top = max(loads)
    if min(loads) == top:
        return len(done)
    at_top = [reps for load, reps in done if load == top]
    first = next(place for place, (load, _) in enumerate(done) if load == top)
    lighter = [reps for load, reps in done[first:] if load < top]
    is_back_off = bool(lighter) and min(lighter) > max(at_top)
    return len(at_top) + (0 if is_back_off else len(lighter))


def _go_alike(one: Sequence[SetDone], other: Sequence[SetDone]) -> bool:
    """Whether as many sets go up and down in the same places."""
    if len(one) != len(other):
        return False
    for (last, _), (load, _), (other_last, _), (other_load, _) in zip(one, one[1:], other, other[1:], strict=False):
        if (load > last) != (other_load > other_last) or (load < last) != (other_load < other_last):
            return False
    return True


def _low_median(values: Sequence[int]) -> int | None:
    return sorted(values)[(len(values) - 1) // 2] if values else None


def _newest(values: tuple[_T, ...], most: int) -> tuple[_T, ...]:
    return values[-most:]
