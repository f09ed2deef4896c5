"""Lists as the solver sees them: tables row by row, the sets of a session up to a bounded number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Final

import z3

from service.engine.ruleset.types import Column


class SymbolicRow(ABC):
    """One row of a list."""

    @abstractmethod
    def cell(self, column: Column) -> Any:
        """What it holds in a column."""

    @abstractmethod
    def known(self, column: Column) -> Any:
        """Whether it holds anything there."""


class GivenRow(SymbolicRow):
    """A row whose cells are made when they are asked for."""

    def __init__(self, cell: Callable[[Column], Any], known: Callable[[Column], Any]) -> None:
        self._cell = cell
        self._known = known

    def cell(self, column: Column) -> Any:
        """What it holds in a column."""
        return self._cell(column)

    def known(self, column: Column) -> Any:
        """Whether it holds anything there."""
        return self._known(column)


class ChosenRow(SymbolicRow):
    """One of two rows, as a condition says."""

    def __init__(self, condition: Any, one: SymbolicRow, other: SymbolicRow) -> None:
        self._condition = condition
        self._rows: Final = (one, other)

    def cell(self, column: Column) -> Any:
        """What it holds in a column."""
        return chosen(self._condition, *(row.cell(column) for row in self._rows))

    def known(self, column: Column) -> Any:
        """Whether it holds anything there."""
        return z3.If(self._condition, *(row.known(column) for row in self._rows))


class SymbolicList:
    """The first ``length`` of some rows, of which there is at least one."""

    def __init__(self, rows: Sequence[SymbolicRow], length: Any) -> None:
        self.rows = rows
        self.length = length

    def active(self) -> list[tuple[Any, SymbolicRow]]:
        """Every row with the condition that the list reaches so far."""
        return [(number <= self.length, row) for number, row in enumerate(self.rows, 1)]

    def at(self, index: Any) -> SymbolicRow:
        """The row of a number from 1; beyond an end, the one at that end."""
        row = self.rows[-1]
        index = z3.If(index > self.length, self.length, index)
        for number in reversed(range(1, len(self.rows))):
            row = ChosenRow(index <= number, self.rows[number - 1], row)
        return row

    def over(self, function: str, question: Callable[[SymbolicRow], tuple[Any, Any]]) -> Any:
        """Ask a question about every row; it answers with whether the row counts, and with its value there."""
        asked = [(z3.And(active, counts), value) for active, row in self.active() for counts, value in [question(row)]]
        match function:
            case "all":
                return z3.And([z3.Implies(counts, value) for counts, value in asked])
            case "any":
                return z3.Or([z3.And(counts, value) for counts, value in asked])
            case "count":
                return z3.Sum([z3.If(z3.And(counts, value), 1, 0) for counts, value in asked])
            case "sum":
                return z3.Sum([z3.If(counts, value, 0) for counts, value in asked])
            case "min" | "max":
                best = asked[0][1]
                for counts, value in asked[1:]:
                    better = value < best if function == "min" else value > best
                    best = z3.If(z3.And(counts, better), value, best)
                return best
        raise TypeError(f"{function} has no formula")


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """One of two values."""
    if isinstance(one, tuple):
        return tuple(z3.If(condition, *ends) for ends in zip(one, other, strict=True))
    return z3.If(condition, one, other)
