"""The typed tree of an expression: what the checker makes, and the generator, the evaluator and the prover read.

Every node knows its type and its place in the file. No node can loop, call Python or reach anything undeclared.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from service.engine.ruleset.facts.fact import Fact
from service.engine.ruleset.places import Position
from service.engine.ruleset.types import Column, Type


@dataclass(frozen=True, slots=True)
class _Node:
    type: Type
    at: Position


@dataclass(frozen=True, slots=True)
class Constant(_Node):
    """A value that stands in the file."""

    value: bool | int | Decimal


@dataclass(frozen=True, slots=True)
class Word(_Node):
    """A word that stands in the file, in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class FactName(_Node):
    """A declared fact, for example ``set.load``; one whose ``path`` has no dot is a constant of the exercise."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class ParameterName(_Node):
    """A parameter of the scheme: a constant once a slot has given it its value.

    ``columns`` are those of a table, ``words`` what a word may be.
    """

    name: str
    columns: tuple[Column, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateName(_Node):
    """A state variable of the scheme; ``index`` is its place in the scheme's own tuple."""

    name: str
    index: int


@dataclass(frozen=True, slots=True)
class LeverName(_Node):
    """The track's lever under the name that the scheme gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class LetName(_Node):
    """A name that the scheme's ``let`` gives to an expression; ``size`` and ``depth`` are the expression's."""

    name: str
    value: Node
    size: int
    depth: int


@dataclass(frozen=True, slots=True)
class RowName(_Node):
    """The name that ``for`` gives to each row of a list in turn."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class RowAt(_Node):
    """One row of a list, counted from 1; beyond an end it is the one at that end. ``index`` None: the last."""

    rows: Node
    index: Node | None
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Cell(_Node):
    """What a row holds in a column."""

    row: Node
    column: Column


@dataclass(frozen=True, slots=True)
class Over(_Node):
    """``function(value for variable in rows if condition)``, one of `service.engine.language.list_functions`."""

    function: str
    variable: str
    rows: Node
    condition: Node | None
    value: Node


@dataclass(frozen=True, slots=True)
class Bound(_Node):
    """One end of a range."""

    range: Node
    end: Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class Known(_Node):
    """Whether an optional fact, or what a row may lack, is known."""

    fact: FactName | Cell


@dataclass(frozen=True, slots=True)
class ToNumber(_Node):
    """A whole number taken as a decimal number."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Negation(_Node):
    """Minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(_Node):
    """Two operands and one of ``+ - * /``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(_Node):
    """Two operands of like type and one of ``< <= > >= == !=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(_Node):
    """``and`` or ``or`` over two or more conditions."""

    operator: Literal["and", "or"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(_Node):
    """The contrary of a condition."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Choice(_Node):
    """``chosen if condition else other``."""

    condition: Node
    chosen: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Call(_Node):
    """A function of the table in `service.engine.language.functions`."""

    function: str
    arguments: tuple[Node, ...]


Name: TypeAlias = FactName | ParameterName | StateName | LeverName | LetName
Node: TypeAlias = (
    Constant
    | Word
    | FactName
    | ParameterName
    | StateName
    | LeverName
    | LetName
    | RowName
    | RowAt
    | Cell
    | Over
    | Bound
    | Known
    | ToNumber
    | Negation
    | Arithmetic
    | Comparison
    | Logic
    | Not
    | Choice
    | Call
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text as the coach wrote it, and its tree."""

    text: str
    root: Node

    @property
    def type(self) -> Type:
        """The type of its value."""
        return self.root.type

    @property
    def at(self) -> Position:
        """Where it starts."""
        return self.root.at


@dataclass(frozen=True, slots=True)
class Template:
    """A ``because``: texts and the expressions between them, in order."""

    pieces: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in it, in order: their values are a fired rule's reasons."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Expression))
