"""What can be asked of the typed tree of an expression: its parts, its names, whether it is settled, its spelling."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from service.domain.loads import canonical
from service.engine.language.functions import FUNCTIONS
from service.engine.ruleset.typed_tree import (
    Arithmetic,
    Bound,
    Call,
    Cell,
    Choice,
    Comparison,
    Constant,
    FactName,
    Known,
    LetName,
    LeverName,
    Logic,
    Name,
    Negation,
    Node,
    Not,
    Over,
    ParameterName,
    RowAt,
    RowName,
    StateName,
    ToNumber,
    Word,
)
from service.engine.ruleset.types import Column


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


def possible_words(node: Node) -> tuple[str, ...]:
    """Every word that a word may come out as."""
    match node:
        case Word():
            return (node.value,)
        case LetName():
            return possible_words(node.value)
        case Choice():
            return (*possible_words(node.chosen), *possible_words(node.other))
    return words_of(node)


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
        case Call() if FUNCTIONS[node.function].of_equipment:
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
