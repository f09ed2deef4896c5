"""The examples of a scheme or programme, as data: where a lifter starts, what they do, what they must be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from service.domain.events import SetKind, Side
from service.domain.loads import Unit
from service.engine.ruleset.places import Position
from service.engine.ruleset.triggers import Outcome


@dataclass(frozen=True, slots=True)
class Performed:
    """A set; ``reps`` or ``seconds``."""

    load: Decimal
    reps: int | None
    seconds: int | None
    rir: Decimal | None = None
    kind: SetKind = "work"
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Whole days that pass."""

    days: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """A note of the lifter's with a flag."""

    flag: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the lifter weighs now."""

    weight: Decimal


@dataclass(frozen=True, slots=True)
class Based:
    """A new baseline."""

    load: Decimal


Word: TypeAlias = Literal["end", "skipped", "as prescribed", "deload requested"]


Act: TypeAlias = Performed | Pause | Flagged | Weighed | Based | Word


@dataclass(frozen=True, slots=True)
class ExpectedSet:
    """A set that is to be prescribed, before rounding; None where the example does not say."""

    load: Decimal
    amount: tuple[int, int] | None = None
    """Repetitions, or seconds for a timed scheme."""
    kind: str | None = None
    rir: tuple[Decimal, Decimal] | None = None
    total: tuple[int, int] | None = None
    rest_s: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be prescribed next: the sets, all of them if ``whole``, else the first; the outcome where said."""

    sets: tuple[ExpectedSet, ...]
    whole: bool
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an example's log."""

    text: str
    at: Position
    acts: tuple[Act, ...]
    expected: Expected | None
    of: str = ""
    """In a programme, the exercise or slot that it is about; empty: the whole session."""


@dataclass(frozen=True, slots=True)
class ProgrammeExample:
    """An example of a programme: what its lifter starts from in each exercise, what they do, what they are told."""

    name: str
    at: Position
    unit: Unit
    baselines: tuple[tuple[str, str, Decimal], ...]
    """Exercise, which of a baseline's fields, and the load in ``unit``."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class UsedScheme:
    """A scheme beside the example's own, with parameters as written: they are checked when the example is run."""

    scheme: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """An example: where a lifter starts, what they do, what they are told."""

    name: str
    at: Position
    unit: Unit
    baselines: Mapping[str, Decimal]
    """What the lifter starts from: ``load``, ``one_rep_max`` or ``training_max``, in ``unit``."""
    params: Mapping[str, Any]
    """Of the scheme itself; checked against it."""
    exercise: str | None
    """An exercise of the catalogue; None: one that no catalogue knows."""
    progression: UsedScheme | None
    """For a deload: the progression that it accompanies."""
    deloads: tuple[UsedScheme, ...]
    lines: tuple[Line, ...]
    weeks: int = field(default=1)
    """Rounds of the programme's days that make its cycle."""
    days: int = field(default=1)
    """Days of the programme; the exercise is due in each, on one track."""
