"""The typed tree of an expression: what the checker makes, and the generator, the evaluator and the prover read.

Every node knows its type and its place in the file. No node can loop, call Python or reach anything undeclared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from service.domain.loads import canonical
from service.engine.files.reading import Position
from service.engine.language.types import Type

if TYPE_CHECKING:
    from service.engine.facts import Fact


@dataclass(frozen=True, slots=True)
class _Node:
    type: Type
    at: Position


@dataclass(frozen=True, slots=True)
class Constant(_Node):
    """A value that stands in the file."""

    value: bool | int | Decimal


@dataclass(frozen=True, slots=True)
class FactName(_Node):
    """A declared fact, for example ``set.load``; one whose ``path`` has no dot is a constant of the exercise."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class ParameterName(_Node):
    """A parameter of the scheme: a constant once a slot has given it its value."""

    name: str


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
class Bound(_Node):
    """One end of a range."""

    range: Node
    end: Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class Known(_Node):
    """Whether an optional fact is known."""

    fact: FactName


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
    | FactName
    | ParameterName
    | StateName
    | LeverName
    | LetName
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


def children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 - one line a kind of node
    """The nodes directly under ``node``; a ``let``'s expression is under its name."""
    match node:
        case LetName():
            return (node.value,)
        case Bound():
            return (node.range,)
        case Known():
            return (node.fact,)
        case ToNumber() | Negation() | Not():
            return (node.operand,)
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case Logic():
            return node.operands
        case Choice():
            return (node.condition, node.chosen, node.other)
        case Call():
            return node.arguments
    return ()


def size(node: Node) -> int:
    """How many nodes ``node`` has, each ``let`` counted wherever its name stands."""
    return 1 + (node.size if isinstance(node, LetName) else sum(map(size, children(node))))


def depth(node: Node) -> int:
    """How deep ``node`` is nested, ``let`` included."""
    if isinstance(node, LetName):
        return 1 + node.depth
    return 1 + max(map(depth, children(node)), default=0)


def names(node: Node) -> Iterator[Name]:
    """Every name under ``node`` in order, those inside a ``let`` after its name."""
    if isinstance(node, FactName | ParameterName | StateName | LeverName | LetName):
        yield node
    for child in children(node):
        yield from names(child)


def name_of(node: Name) -> str:
    """The name as rule files write it."""
    return node.fact.name if isinstance(node, FactName) else node.name


def is_constant(node: Node) -> bool:
    """Whether the value is settled once the parameters, the exercise and the unit are."""
    match node:
        case FactName():
            return "." not in node.fact.path
        case StateName() | LeverName():
            return False
    return all(map(is_constant, children(node)))


def text_of(node: Node) -> str:  # noqa: C901, PLR0911 - one line a kind of node
    """Write ``node`` in the one canonical spelling: equal texts mean equal values."""
    match node:
        case Constant(value=bool() as value):
            return "true" if value else "false"
        case Constant(value=value):
            return canonical(Decimal(value))
        case Bound():
            return f"{_wrapped(node.range)}.{node.end}"
        case Known():
            return f"known({text_of(node.fact)})"
        case ToNumber():
            return text_of(node.operand)
        case Negation():
            return f"-{_wrapped(node.operand)}"
        case Not():
            return f"not {_wrapped(node.operand)}"
        case Arithmetic() | Comparison():
            return f"{_wrapped(node.left)} {node.operator} {_wrapped(node.right)}"
        case Logic():
            return f" {node.operator} ".join(map(_wrapped, node.operands))
        case Choice():
            return f"{_wrapped(node.chosen)} if {_wrapped(node.condition)} else {_wrapped(node.other)}"
        case Call():
            return f"{node.function}({', '.join(map(text_of, node.arguments))})"
    return name_of(node)


def _wrapped(node: Node) -> str:
    text = text_of(node)
    compound = isinstance(node, Arithmetic | Comparison | Logic | Not | Choice | Negation)
    return f"({text})" if compound else text
