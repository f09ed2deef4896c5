"""From typed trees to formulas of the solver: one line a kind of node, as in the interpreter and the code writer.

A condition is a Boolean of the solver, a whole number or a word an Int, a number, load or percentage a Real, a range a
pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any, Final, Protocol

import z3

from service.engine.language.tree_queries import text_of
from service.engine.ruleset.facts.fact import Fact
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
from service.engine.ruleset.types import Column, Type
from service.proofs.formulas import FORMULAS, as_real
from service.proofs.solver_values import constant
from service.proofs.symbolic_lists import SymbolicList, SymbolicRow, chosen

_ORDER: Final = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_SUMS: Final = {"+": add, "-": sub, "*": mul}


class Unknowns(Protocol):
    """Where the names of a rule find their formulas."""

    def fact(self, fact: Fact) -> Any:
        """The value of a fact."""

    def known(self, fact: Fact) -> Any:
        """Whether a fact that may be missing is there."""

    def lever(self) -> Any:
        """The track's lever, raw."""

    def parameter(self, name: str) -> Any:
        """A parameter."""

    def state(self, place: int) -> Any:
        """A state variable."""

    def table(self, name: str, columns: tuple[Column, ...]) -> SymbolicList:
        """A table, row by row."""

    def performed(self, fact: Fact) -> SymbolicList:
        """The sets of a session."""

    def anything(self, name: str, type_: Type) -> Any:
        """Any value of a type, the same for the same name."""


class Translation:
    """Turns nodes into formulas over the unknowns of a world; ``rows`` are those that each ``for`` is at."""

    def __init__(self, world: Unknowns, rows: Mapping[str, SymbolicRow] | None = None) -> None:
        self._world = world
        self._rows = rows or {}

    def at_row(self, name: str, row: SymbolicRow) -> Translation:
        """The translation of what stands behind a ``for`` that is at a row."""
        return Translation(self._world, {**self._rows, name: row})

    def value(self, node: Node) -> Any:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
        """The formula of a node."""
        match node:
            case Constant() | Word():
                return constant(node.value)
            case LetName():
                return self.value(node.value)
            case FactName():
                return self._world.fact(node.fact)
            case ParameterName():
                return self._world.parameter(node.name)
            case StateName():
                return self._world.state(node.index)
            case LeverName():
                return self._world.lever()
            case Cell():
                return self.row(node.row).cell(node.column)
            case Over():
                return self._over(node)
            case Known(fact=Cell() as cell):
                return self.row(cell.row).known(cell.column)
            case Known(fact=FactName() as fact):
                return self._world.known(fact.fact)
            case Bound():
                return self.value(node.range)[0 if node.end == "min" else 1]
            case ToNumber():
                return as_real(self.value(node.operand))
            case Negation():
                return -self.value(node.operand)
            case Not():
                return z3.Not(self.value(node.operand))
            case Logic():
                joined = z3.And if node.operator == "and" else z3.Or
                return joined([self.value(operand) for operand in node.operands])
            case Comparison():
                return _compared(node.operator, self.value(node.left), self.value(node.right))
            case Choice():
                return chosen(self.value(node.condition), self.value(node.chosen), self.value(node.other))
            case Arithmetic():
                left, right = self.value(node.left), self.value(node.right)
                return as_real(left) / as_real(right) if node.operator == "/" else _SUMS[node.operator](left, right)
            case Call(function="rows", arguments=(argument,)):
                return self.list(argument).length
            case Call():
                return self._call(node)
        raise TypeError(f"{text_of(node)} is no value")

    def list(self, node: Node) -> SymbolicList:
        """The list that a node names."""
        match node:
            case ParameterName():
                return self._world.table(node.name, node.columns)
            case FactName():
                return self._world.performed(node.fact)
        raise TypeError(f"{text_of(node)} is no list")

    def row(self, node: Node) -> SymbolicRow:
        """The row that a node stands for."""
        match node:
            case LetName():
                return self.row(node.value)
            case RowName():
                return self._rows[node.name]
            case RowAt():
                rows = self.list(node.rows)
                return rows.at(rows.length if node.index is None else self.value(node.index))
        raise TypeError(f"{text_of(node)} is no row")

    def _over(self, node: Over) -> Any:
        def question(row: SymbolicRow) -> tuple[Any, Any]:
            inside = self.at_row(node.variable, row)
            counts = z3.BoolVal(val=True) if node.condition is None else inside.value(node.condition)
            return counts, inside.value(node.value)

        return self.list(node.rows).over(node.function, question)

    def _call(self, node: Call) -> Any:
        return FORMULAS[node.function](*(self.value(argument) for argument in node.arguments))


def _compared(operator: str, left: Any, right: Any) -> Any:
    """A comparison; ranges are equal when both ends are."""
    if not isinstance(left, tuple):
        return _ORDER[operator](left, right)
    same = z3.And(left[0] == right[0], left[1] == right[1])
    return same if operator == "==" else z3.Not(same)
