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
from service.engine.language.types import Column, Type

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
    """``function(value for variable in rows if condition)``; the function is one of `LIST_FUNCTIONS`."""

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


LIST_FUNCTIONS: dict[str, str] = {
    "all": "whether the condition is true of every row; of none it is",
    "any": "whether the condition is true of a row at least",
    "count": "of how many rows the condition is true",
    "sum": "the sum over the rows; of none it is 0",
    "min": "the smallest over the rows",
    "max": "the largest over the rows",
}
"""What can be asked of a list: ``function(value for name in list if condition)``; min and max without a condition."""

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


def children(node: Node) -> tuple[Node, ...]:  # noqa: C901, PLR0911 - one line a kind of node
    """The nodes directly under ``node``; a ``let``'s expression is under its name."""
    match node:
        case LetName():
            return (node.value,)
        case RowAt():
            return (node.rows,) if node.index is None else (node.rows, node.index)
        case Cell():
            return (node.row,)
        case Over():
            return (node.rows, node.value) if node.condition is None else (node.rows, node.condition, node.value)
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


def walk(node: Node) -> Iterator[Node]:
    """``node`` and every node under it in order, those inside a ``let`` after its name."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> Iterator[Name]:
    """Every name under ``node`` in order, those inside a ``let`` after its name."""
    for each in walk(node):
        if isinstance(each, FactName | ParameterName | StateName | LeverName | LetName):
            yield each


def operands(node: Node) -> Iterator[Name | Cell]:
    """What a reader must know to follow ``node``: its names, and the cells that are read by their row's number.

    A table is not among them: it stands in the file. What belongs to the rows of a ``for`` is left to the list.
    """
    if (
        (isinstance(node, Cell) and isinstance(node.row, RowAt))
        or isinstance(node, FactName | StateName | LeverName | LetName)
        or (isinstance(node, ParameterName) and node.type != "rows")
    ):
        yield node
    for child in children(node):
        if not (isinstance(node, RowAt) and child is node.rows):
            yield from operands(child)


def columns_of(node: Node) -> tuple[Column, ...]:
    """The columns of a list, or of one of its rows; none for anything else."""
    match node:
        case LetName():
            return columns_of(node.value)
        case FactName():
            return node.fact.columns
        case ParameterName() | RowName() | RowAt():
            return node.columns
    return ()


def words_of(node: Node) -> tuple[str, ...]:
    """What a word may be; nothing for one that stands in the file, and for anything else."""
    match node:
        case LetName():
            return words_of(node.value)
        case FactName():
            return node.fact.words
        case ParameterName():
            return node.words
        case Cell():
            return node.column.words
        case Choice():
            return words_of(node.chosen) or words_of(node.other)
    return ()


def name_of(node: Name | Cell) -> str:
    """The name as rule files write it."""
    if isinstance(node, Cell):
        return text_of(node)
    return node.fact.name if isinstance(node, FactName) else node.name


def is_constant(node: Node, rows: frozenset[str] = frozenset()) -> bool:
    """Whether the value is settled once the parameters, the exercise and the unit are.

    ``rows`` are the names of rows of lists that are settled themselves.
    """
    match node:
        case FactName():
            return "." not in node.fact.path
        case StateName() | LeverName():
            return False
        case RowName():
            return node.name in rows
        case Call(function="round_load"):  # the equipment is the lifter's
            return False
        case Over():
            inside = rows | {node.variable}
            parts = (node.value,) if node.condition is None else (node.condition, node.value)
            return is_constant(node.rows, rows) and all(is_constant(part, inside) for part in parts)
    return all(is_constant(child, rows) for child in children(node))


def text_of(node: Node) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
    """Write ``node`` in the one canonical spelling: equal texts mean equal values."""
    match node:
        case Constant(value=bool() as value):
            return "true" if value else "false"
        case Constant(value=value):
            return canonical(Decimal(value))
        case Word():
            return f'"{node.value}"'
        case RowName():
            return node.name
        case RowAt():
            rows = text_of(node.rows)
            return f"last({rows})" if node.index is None else f"{rows}[{text_of(node.index)}]"
        case Cell():
            return f"{_wrapped(node.row)}.{node.column.name}"
        case Over():
            condition = "" if node.condition is None else f" if {text_of(node.condition)}"
            head = f"{text_of(node.value)} for {node.variable} in {text_of(node.rows)}"
            return f"{node.function}({head}{condition})"
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
