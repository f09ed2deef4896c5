"""What a checked scheme file says: state, rules, the sets it prescribes, its sources and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from service.domain.exercises import Measure
from service.engine.ruleset.compiled import Compiled
from service.engine.ruleset.examples import Example
from service.engine.ruleset.parameters import Parameter, value_of
from service.engine.ruleset.places import Position
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.triggers import Outcome, Role, Trigger
from service.engine.ruleset.typed_tree import Expression, Node, Template
from service.engine.ruleset.types import Type

LAWS: Final = ("better-never-less",)
"""The laws of the proofs that a rule may be excepted from."""


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
    """What one trigger may at most add to the load, and take from it; None: it never moves that way.

    ``performed``: measured not only from the lever before, but from what was prescribed and performed, too.
    """

    up: Expression | None
    down: Expression | None
    performed: bool


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
    exception: LawException | None = None


class LawException(NamedTuple):
    """That a rule need not keep a law of the proofs, and the source that has it so."""

    to: str
    because: str
    at: Position


@dataclass(frozen=True, slots=True)
class PrescribedEntry:
    """A line of ``prescribe``: ``count`` sets alike, for each row of ``over`` where it has one.

    ``kind`` is a word; ``count`` a number, or a range of which what is over the least is optional. ``when`` and
    ``amrap`` are conditions; ``rir`` is a range, a number or unknown, or the least where ``rir_to`` is the most;
    ``total`` is the range of repetitions of all of its sets together, ``rest_s`` the seconds of rest after each.
    """

    kind: Expression
    count: Expression
    load: Expression
    reps: Expression | None
    rir: Expression | None
    seconds: Expression | None
    over: Clause | None = None
    when: Expression | None = None
    amrap: Expression | None = None
    total: Expression | None = None
    rest_s: Expression | None = None
    rir_to: Expression | None = None
    notes: str = ""
    """How its sets are to be done, in words that are passed through."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every expression of the line but the list that it may be for."""
        optional = (self.reps, self.rir, self.rir_to, self.seconds, self.when, self.amrap, self.total, self.rest_s)
        return (self.kind, self.count, self.load, *(each for each in optional if each is not None))


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
    beside_plan: bool = False
    """Whether such a session is done beside the plan: the programme's day stays due, and what asked for it is met."""


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


def checked(scheme: Scheme, params: Mapping[str, Any]) -> dict[str, Any]:
    """Check the parameters that a slot or an event gives a scheme; the rest keep their defaults.

    Raises ValueError with a sentence for the first that is wrong.
    """
    for name in params:
        if name not in scheme.parameters:
            raise ValueError(unknown_parameter(scheme, name))
    return {name: value_of(scheme.parameters[name], plain) for name, plain in params.items()}


def unknown_parameter(scheme: Scheme, name: str) -> str:
    """Say that a scheme has no parameter of that name, and which it has."""
    listed = f" It has {', '.join(scheme.parameters) or 'none'}."
    return f"{scheme.id} has no parameter {name}.{suggestion(name, scheme.parameters) or listed}"
