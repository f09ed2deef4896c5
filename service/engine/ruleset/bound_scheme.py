"""A scheme made ready for one slot: its functions, what they read, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeAlias

from service.domain.loads import Unit
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger


class FactValues(Protocol):
    """What generated code reads facts from: the paths in `service.engine.ruleset.facts` start here."""

    @property
    def round(self) -> Callable[[Decimal, Any], Decimal]:
        """Of a load and a track: the load that the lifter's equipment can make for the exercise at hand."""

    @property
    def next_loadable(self) -> Callable[[Decimal, Any], Decimal]:
        """Of a load and a track: the next heavier one that it can make."""


class TrackValues(Protocol):
    """The thread of progress that generated code reads."""

    @property
    def lever(self) -> Decimal | None:
        """The raw load or training max; None before the first set."""


class Fired(NamedTuple):
    """The rule that won a trigger: what it would make of the lever and of the scheme's own state.

    ``values`` is the whole new tuple of the scheme's state variables, or None when it leaves them; ``reasons`` are the
    values that the rule's ``because`` speaks of, in its order.
    """

    rule: int
    lever: Decimal
    values: tuple[Any, ...] | None
    reasons: tuple[Any, ...]


class RawSet(NamedTuple):
    """One set as a scheme prescribes it, before rounding. ``seconds`` replaces ``reps`` for timed exercises."""

    kind: str
    load: Decimal | None
    reps: tuple[int, int] | None
    rir: tuple[Decimal | int, Decimal | int] | None
    seconds: tuple[int, int] | None
    total: tuple[int, int] | None = None
    rest_s: int | None = None
    optional: bool = False
    """Whether to leave it out is no failure."""
    noted: int | None = None
    """The place among the scheme's lines of the one that has notes on it; None where it has none."""


Result: TypeAlias = tuple[int, Decimal, tuple[Any, ...] | None, tuple[Any, ...]]
"""The fields of a `Fired` as a bare tuple: what the hot path hands on."""


RuleList: TypeAlias = Callable[[FactValues, TrackValues, tuple[Any, ...]], Result | None]
"""The rules of one trigger as a function; None when none of them matched. It runs only once the track has a lever."""


class BoundScheme(NamedTuple):
    """A scheme made ready for one slot: parameters, unit and exercise are constants of its functions."""

    scheme: Scheme
    unit: Unit
    loaded_in: Unit
    """The unit that sentences are in."""
    constants: Mapping[str, Any]
    """The parameters and `exercise.*` facts as bound, by the name that expressions use."""
    initial: Callable[[FactValues, TrackValues], tuple[Any, ...]]
    initial_lever: Callable[[FactValues, TrackValues], Decimal | None]
    steps: Mapping[Trigger, RuleList]
    prescribed: Callable[[FactValues, TrackValues, tuple[Any, ...]], list[tuple[Any, ...]]]
    """The sets of a session, each the fields of a `RawSet`; at most `service.domain.limits.MOST_SETS`."""
    prescribed_from: Callable[[FactValues, TrackValues], tuple[Any, ...]] | None
    """What else than lever, own state, habit and equipment they follow from: while these are the same, so are they.

    None: nothing else."""
    first_set: Callable[[FactValues, TrackValues], Decimal]
    adjusts: Callable[[FactValues, TrackValues, tuple[Any, ...]], tuple[Decimal, Decimal] | None]
    """What a deload scheme leaves of loads and sets, in percent, in the session to come; None: all of it."""
