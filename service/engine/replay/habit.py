"""What a lifter usually does in a track: remembered of its closed sessions, bounded, and read by rules as ``habit.*``.

Medians are low medians and quartiles lower ones: values that really occurred, so that nothing is computed with a
rounding of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final, TypeAlias, TypeVar

import msgspec

from service.domain.limits import MOST_PLACES

SESSIONS: Final = 5
"""Sessions that the usual number of sets is taken from."""
SESSIONS_TO_LEARN: Final = 3
"""Sessions after which the loads that were used round what is prescribed."""
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

    @cached_property
    def reps_at_raise(self) -> int | None:
        """The usual repetitions before a raise."""
        return _low_median(self.raised_at) if len(self.raised_at) >= RAISES_TO_KNOW else None

    @cached_property
    def step(self) -> Decimal | None:
        """The usual raise, on the small side: one that was mistyped does not count for long."""
        return sorted(self.steps)[(len(self.steps) - 1) // 4] if self.steps else None

    @cached_property
    def sets(self) -> int | None:
        """The usual number of work sets."""
        return _low_median(self.set_counts)

    @cached_property
    def top_places(self) -> int | None:
        """The usual number of sets that belong to the heaviest load."""
        return _low_median(self.top_counts)

    @cached_property
    def loads(self) -> list[tuple[Decimal]] | None:
        """The loads lately used, the lightest first, as rows."""
        return [(load,) for load in sorted(self.own_loads)] or None

    @cached_property
    def learned_loads(self) -> tuple[Decimal, ...]:
        """The loads that the lifter's gym has for certain, and those one usual step above them; sorted."""
        if len(self.set_counts) < SESSIONS_TO_LEARN:
            return ()
        step = self.step
        above = () if step is None else (load + step for load in self.own_loads)
        return tuple(sorted({*self.own_loads, *above}))

    @cached_property
    def pattern(self) -> list[tuple[Decimal, int, Decimal]] | None:
        """The newest session's sets: load, repetitions, and the heaviest load of them all.

        None unless the session before went up and down in the same places.
        """
        if not self.newest or _shape(self.newest) != _shape(self.previous):
            return None
        top = max(load for load, _ in self.newest)
        if top == 0 or any((load < 0) != (top < 0) for load, _ in self.newest):
            return None
        return [(load, reps, top) for load, reps in self.newest]

    def after(self, done: Sequence[SetDone], asked: Decimal | None, shown: Callable[[Decimal], Decimal]) -> Habit:
        """The habit after one more session of these work sets, at least one.

        ``asked`` is the lever that it began with; ``shown`` gives the load that is shown for one, and who reaches that
        has reached it.
        """
        top = max(load for load, _ in done)
        fewest = fewest_reps_at_top(done)
        load, reps, lighter = self.load, self.reps, self.lighter_load
        raised_at, steps = self.raised_at, self.steps
        if load is not None and reps is not None and lighter is None and top > load:
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
        used = {each for each, _ in done}
        return Habit(
            load,
            reps,
            *waiting,
            raised_at,
            steps,
            _newest((*self.set_counts, len(done)), SESSIONS),
            _newest((*self.top_counts, top_places(done)), SESSIONS),
            _newest((*(each for each in self.own_loads if each not in used), *sorted(used)), LOADS),
            self.newest,
            tuple(done) if len(done) <= MOST_PLACES else (),
        )


def fewest_reps_at_top(done: Sequence[SetDone]) -> int:
    """The fewest repetitions of the sets at the heaviest load."""
    top = max(load for load, _ in done)
    return min(reps for load, reps in done if load == top)


def top_places(done: Sequence[SetDone]) -> int:
    """How many sets, from the first at the heaviest load on, belong to it.

    Lighter ones after it that all have more repetitions than any at the top are a back-off, and do not.
    """
    top = max(load for load, _ in done)
    at_top = [reps for load, reps in done if load == top]
    first = next(place for place, (load, _) in enumerate(done) if load == top)
    lighter = [reps for load, reps in done[first:] if load < top]
    is_back_off = bool(lighter) and min(lighter) > max(at_top)
    return len(at_top) + (0 if is_back_off else len(lighter))


def _shape(done: Sequence[SetDone]) -> list[int]:
    """Of each set whether it is heavier than the one before (1), as heavy (0, the first too) or lighter (-1)."""
    before = (done[0], *done) if done else ()
    return [(load > last) - (load < last) for (last, _), (load, _) in zip(before, done, strict=False)]


def _low_median(values: Sequence[int]) -> int | None:
    return sorted(values)[(len(values) - 1) // 2] if values else None


def _newest(values: tuple[_T, ...], most: int) -> tuple[_T, ...]:
    return values[-most:]
