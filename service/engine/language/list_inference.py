"""The parts of an expression that are about lists: rows by their number, what they hold, questions about all rows."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final, TypeAlias

from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.narrowing import Proofs, proven
from service.engine.language.operand_types import MEASURES
from service.engine.language.parser import Source, dotted
from service.engine.language.scopes import Scope, why_not_a_name
from service.engine.language.tree_queries import columns_of, text_of
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.typed_tree import Cell, Constant, FactName, Node, Over, ParameterName, RowAt, RowName
from service.engine.ruleset.types import DESCRIPTIONS, shape_of

Rows: TypeAlias = Mapping[str, RowName]
"""The names that a ``for`` gives to the rows of lists."""

NO_ROWS: Final[Rows] = {}


class ListInference(ABC):
    """What of the walk over one expression concerns lists; `Inference` is the whole walk."""

    def __init__(self, scope: Scope, source: Source, rows: Rows = NO_ROWS) -> None:
        """``rows`` are the names that a ``for`` around the expression gives to rows."""
        self._scope = scope
        self._source = source
        self._rows = dict(rows)
        self._inside = False
        """Whether the place is inside a question about all rows."""

    @abstractmethod
    def node(self, tree: ast.expr, proofs: Proofs) -> Node:
        """A node of any type; ``proofs`` is what is certain when it is evaluated."""

    @abstractmethod
    def condition(self, tree: ast.expr, proofs: Proofs) -> Node:
        """A node that is true or false."""

    def _wrong(self, tree: ast.expr, message: str) -> Mistake:
        return Mistake(self._source.start_of(tree), message, len(self._source.text_of(tree)))

    def _text(self, tree: ast.expr) -> str:
        return self._source.text_of(tree, at_most=30)

    def listed(self, tree: ast.expr, proofs: Proofs) -> Node:
        """A table or a fact that is a list."""
        node = self.node(tree, proofs)
        if not isinstance(node, FactName | ParameterName) or node.type != "rows":
            raise self._wrong(
                tree, f"a list belongs here, a table or sets, but {self._text(tree)} is {DESCRIPTIONS[node.type]}."
            )
        return node

    def _not_empty(self, tree: ast.expr, proofs: Proofs) -> Node:
        """A list that certainly has a row."""
        rows = self.listed(tree, proofs)
        if isinstance(rows, ParameterName) and self._may_be_empty(rows, proofs):
            raise self._wrong(
                tree, f"{rows.name} may be empty: ask first, with rows({rows.name}) > 0 and before what reads a row."
            )
        return rows

    def _may_be_empty(self, rows: Node, proofs: Proofs) -> bool:
        if not isinstance(rows, ParameterName) or ("nonzero", f"rows({rows.name})") in proofs:
            return False
        return self._scope.names.parameters[rows.name].may_be_empty

    def last_row(self, tree: ast.Call, proofs: Proofs) -> Node:
        """``last(list)``."""
        rows = self._not_empty(tree.args[0], proofs)
        return RowAt("row", self._source.start_of(tree), rows, None, columns_of(rows))

    def row_at(self, tree: ast.Subscript, proofs: Proofs) -> Node:
        """``list[number]``."""
        rows = self._not_empty(tree.value, proofs)
        index = self.node(tree.slice, proofs)
        if index.type != "int":
            raise self._wrong(
                tree.slice,
                f"rows are counted 1, 2, 3, ..., but {self._text(tree.slice)} is {DESCRIPTIONS[index.type]}.",
            )
        if isinstance(index, Constant) and int(index.value) < 1:
            last = f"last({self._text(tree.value)})"
            raise self._wrong(tree.slice, f"rows are counted 1, 2, 3, ...; the last one is {last}.")
        return RowAt("row", self._source.start_of(tree), rows, index, columns_of(rows))

    @property
    def row_names(self) -> Rows:
        """The names of rows that are known by now."""
        return self._rows

    def cell(self, tree: ast.Attribute, proofs: Proofs, *, asking: bool = False) -> Cell | None:
        """A column of a row; None where no row is meant. A column's name may itself have a dot."""
        for path, base in ((tree.attr, tree.value), *_two_parts(tree)):
            row = self._row(base, proofs)
            if row is None:
                continue
            columns = {column.name: column for column in columns_of(row)}
            column = columns.get(path)
            if column is None:
                if any(name.startswith(f"{path}.") for name in columns) or "." in path:
                    continue
                known = suggestion(path, columns) or f" There are {shape_of(tuple(columns.values()))}."
                raise self._wrong(tree, f"a row of this list has no {path}.{known}")
            cell = Cell(column.type, self._source.start_of(tree), row, column)
            if column.optional and not asking and ("known", text_of(cell)) not in proofs:
                asked = text_of(cell)
                raise self._wrong(
                    tree,
                    f"{asked} may be unknown: ask first, with known({asked}) and before the condition that uses it.",
                )
            return cell
        return None

    def _row(self, tree: ast.expr, proofs: Proofs) -> Node | None:
        """A node that is a row; None where the tree is something else, whatever it is."""
        if isinstance(tree, ast.Name) and tree.id in self._rows:
            return self.node(tree, proofs)
        if isinstance(tree, ast.Name) and tree.id in self._scope.names.visible(self._scope.above_let):
            node = self.node(tree, proofs)
            return node if node.type == "row" else None
        if isinstance(tree, ast.Subscript) or (isinstance(tree, ast.Call) and dotted(tree.func) == "last"):
            return self.node(tree, proofs)
        return None

    def clause(self, tree: ast.GeneratorExp | ast.ListComp, proofs: Proofs) -> tuple[str, Node, Node | None, Proofs]:
        """What stands behind the value of a ``for``: the name, the list, the condition, what that proves.

        From now on the name is known.
        """
        (clause, *more) = tree.generators
        if more or len(clause.ifs) > 1 or clause.is_async:
            raise self._wrong(tree, "one for and one if is all that fits here; join conditions with and.")
        if not isinstance(clause.target, ast.Name):
            raise self._wrong(clause.target, "for gives one name to each row, as in: for each in sets.")
        name = clause.target.id
        reason = why_not_a_name(name)
        if reason is None and (name in self._rows or name in self._scope.names.visible()):
            reason = "it is taken"
        if reason is not None:
            raise self._wrong(clause.target, f"{name} cannot be a name here: {reason}.")
        rows = self.listed(clause.iter, proofs)
        self._rows[name] = RowName("row", self._source.start_of(clause.target), name, columns_of(rows))
        condition = self.condition(clause.ifs[0], proofs) if clause.ifs else None
        known = proofs if condition is None else proofs | proven(condition, holds=True)
        return name, rows, condition, known

    def over(self, tree: ast.Call, proofs: Proofs) -> Node:
        """``function(value for name in list if condition)``."""
        function, at = dotted(tree.func), self._source.start_of(tree)
        asked = LIST_FUNCTIONS[function]
        generator = tree.args[0]
        if len(tree.args) != 1 or tree.keywords or not isinstance(generator, ast.GeneratorExp):
            raise self._wrong(tree, f"{function}() takes one question: {function}(... for each in sets).")
        if self._inside:
            raise self._wrong(tree, "a for inside a for is not in the rule language; ask one question after the other.")
        name, rows, condition, known = self.clause(generator, proofs)
        self._inside = True
        try:
            if asked.result != "alike":
                value = self.condition(generator.elt, known)
                return Over(asked.result, at, function, name, rows, condition, value)
            value = self.node(generator.elt, known)
        finally:
            self._inside = False
            del self._rows[name]
        if value.type not in MEASURES:
            raise self._wrong(
                generator.elt, f"{self._text(generator.elt)} is {DESCRIPTIONS[value.type]}, not a number."
            )
        if not asked.selects and self._may_be_empty(rows, proofs):
            raise self._wrong(
                tree, f"{text_of(rows)} may be empty: ask first, with rows({text_of(rows)}) > 0 and before it."
            )
        if condition is not None and not asked.selects:
            raise self._wrong(tree, f"there may be no row left to take the {function} of; leave the if out.")
        return Over(value.type, at, function, name, rows, condition, value)

    def known_cell(self, tree: ast.expr, proofs: Proofs) -> Cell | None:
        """What a row may lack; None where no row is meant."""
        if not isinstance(tree, ast.Attribute):
            return None
        cell = self.cell(tree, proofs, asking=True)
        if cell is not None and not cell.column.optional:
            raise self._wrong(tree, f"{text_of(cell)} is always known, so known() asks nothing; leave it out.")
        return cell


def _two_parts(tree: ast.Attribute) -> tuple[tuple[str, ast.expr], ...]:
    """A column of two words, such as ``prescribed.load``, and what it is a column of."""
    return ((f"{tree.value.attr}.{tree.attr}", tree.value.value),) if isinstance(tree.value, ast.Attribute) else ()
