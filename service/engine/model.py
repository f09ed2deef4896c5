"""What a checked rule file says, as data, and what the fold runs: the seam between language and fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from service.domain.events import Equipment
from service.domain.exercises import Exercise, Measure
from service.domain.loads import Unit
from service.engine.language.types import Column, Type

if TYPE_CHECKING:
    from service.engine.files.examples import Example
    from service.engine.language.expressions import Expression, Node, Template
    from service.engine.language.generation import Compiled
    from service.engine.moment import Facts
    from service.engine.state import Track

Outcome: TypeAlias = Literal["start", "raise", "hold", "lower", "deload", "advance", "reset"]
Role: TypeAlias = Literal["progression", "deload"]


class Trigger(StrEnum):
    """When the rules of a scheme are considered."""

    AFTER_SET = "after set"
    AFTER_EXERCISE = "after exercise"
    AFTER_SESSION = "after session"
    AFTER_WEEK = "after week"
    BEFORE_PRESCRIPTION = "before prescription"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter; ``default`` is already of ``type`` (a load: ``{"lb": ..., "kg": ...}``).

    ``words`` are those that a word may be. ``table`` are the columns of a table, each like a parameter of its own; a
    default of None must be given in every row.
    """

    name: str
    type: Type
    default: Any
    low: Decimal | None = None
    high: Decimal | None = None
    words: tuple[str, ...] = ()
    table: tuple[Parameter, ...] = ()
    about: str = ""
    """What the file says that it is for."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each place of a table's rows holds."""
        return tuple(Column(each.name, each.type, place) for place, each in enumerate(self.table))


@dataclass(frozen=True, slots=True)
class StateVariable:
    """A state variable that one scheme keeps on a track; the lever is not one of them."""

    name: str
    type: Type
    initial: Expression
    low: Expression | None = None
    high: Expression | None = None
    """The range that the file declares for it: what the proofs may assume and must show that rules keep."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one trigger may at most add to the load, and take from it; None: it never moves that way."""

    up: Expression | None
    down: Expression | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``when`` is None for ``otherwise``. ``line`` is where it starts in ``file``."""

    name: str
    when: Expression | None
    then: Mapping[str, Expression]
    outcome: Outcome
    because: Template
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class PrescribedEntry:
    """A line of ``prescribe``: ``count`` sets alike, for each row of ``over`` where it has one.

    ``when`` and ``amrap`` are conditions; ``total`` is the range of repetitions of all of its sets together.
    """

    kind: str
    count: Expression
    load: Expression
    reps: Expression | None
    rir: Expression | None
    seconds: Expression | None
    over: Clause | None = None
    when: Expression | None = None
    amrap: Expression | None = None
    total: Expression | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """``for variable in rows if condition``."""

    variable: str
    rows: Node
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a deload scheme leaves of what is prescribed, in percent, in sessions that its condition is true of."""

    when: Expression
    load: Expression
    sets: Expression


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme file, checked."""

    id: str
    title: str
    role: Role
    lever: str
    """The name that the file gives the track's lever: ``load`` or ``training_max``; a deload says ``lever``."""
    lever_initial: tuple[Expression, ...]
    """Where the lever starts: the first of these that is known."""
    measure: Measure | None
    """What its sets are measured in; None for a deload that reads neither reps nor seconds: it suits both."""
    parameters: Mapping[str, Parameter]
    state: tuple[StateVariable, ...]
    rules: Mapping[Trigger, tuple[Rule, ...]]
    prescribe: tuple[PrescribedEntry, ...]
    sources: tuple[Mapping[str, Any], ...]
    examples: tuple[Example, ...]
    file: str
    bounds: Bounds | None = None
    adjust: Adjustment | None = None
    first_set: Expression | None = None
    """What the first set ever makes of the lever; None: its load."""
    notes: str = ""
    compiled: Compiled | None = field(repr=False, compare=False, default=None)
    """The code objects that `bind` turns into functions; made once when the file is loaded."""


@dataclass(frozen=True, slots=True)
class SchemeUse:
    """A scheme with the parameters that a slot gives it (as written, checked against the scheme)."""

    scheme: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Sets before the first work set, at a percentage of its load."""

    percent: Decimal
    reps: int
    sets: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """An exercise's place in a programme's day; ``exercise`` is None in a programme for any exercise."""

    id: str
    day: str
    exercise: str | None
    progression: SchemeUse
    deloads: tuple[SchemeUse, ...] = ()
    track: str | None = None
    rest_s: int | None = None
    measure: Measure = "reps"
    warmup: tuple[WarmUp, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a programme, with its slots in order."""

    id: str
    title: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme file: either ``days`` of slots, or ``any`` (one slot a measure) for whatever is logged."""

    id: str
    title: str
    days: tuple[Day, ...]
    any: tuple[Slot, ...]
    notes: str
    sources: tuple[Mapping[str, Any], ...]
    file: str
    equipment: Mapping[Unit, Equipment] = field(default_factory=dict)
    """What it is loaded with where the lifter's profile says nothing, in the plates of either unit."""
    weeks: int = 1
    """How many rounds of the days make a cycle."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A programme and everything it uses; ``digest`` is the SHA-256 (hex) of the files' exact bytes."""

    digest: str
    programme: Programme
    schemes: Mapping[str, Scheme]
    exercises: Mapping[str, Exercise]
    files: Mapping[str, bytes]


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


Result: TypeAlias = tuple[int, Decimal, tuple[Any, ...] | None, tuple[Any, ...]]
"""The fields of a `Fired` as a bare tuple: what the hot path hands on."""

Step: TypeAlias = "Callable[[Facts, Track, tuple[Any, ...]], Result | None]"
"""A compiled rule list; None when no rule matched. It runs only once the track has a lever."""


class BoundScheme(NamedTuple):
    """A scheme made ready for one slot: parameters, unit and exercise are constants of its functions."""

    scheme: Scheme
    unit: Unit
    constants: Mapping[str, Any]
    """The parameters and `exercise.*` facts as bound, by the name that expressions use."""
    initial: Callable[[Facts, Track], tuple[Any, ...]]
    initial_lever: Callable[[Facts, Track], Decimal | None]
    steps: Mapping[Trigger, Step]
    prescribed: Callable[[Facts, Track, tuple[Any, ...], int], RawSet | None]
    """The n-th set (from 0) of the session, None when there is no n-th."""
    first_set: Callable[[Facts, Track], Decimal]
    adjusts: Callable[[Facts, Track, tuple[Any, ...]], tuple[Decimal, Decimal] | None]
    """What a deload scheme leaves of loads and sets, in percent, in the session to come; None: all of it."""
