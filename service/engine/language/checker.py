"""The type checker: it makes an expression's text a typed tree, or says in one sentence what is wrong with it."""

from __future__ import annotations

import ast
import re

from service.engine.language.list_inference import NO_ROWS, Rows
from service.engine.language.narrowing import NOTHING, Proofs, proven
from service.engine.language.operand_types import NUMERIC, converted
from service.engine.language.parser import Source, dotted, parse, shortened
from service.engine.language.scopes import Names, Place, Scope
from service.engine.language.type_inference import Inference, within_bounds
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.scheme import Clause
from service.engine.ruleset.typed_tree import Call, Expression, Node
from service.engine.ruleset.types import DESCRIPTIONS, Type

_LEAD = "[0 for "
_CLAUSE = re.compile(r"[A-Za-z_]\w* +in +[A-Za-z_][\w.]*( +if\b.*)?$", re.DOTALL)


class Checker:
    """Checks the expressions that stand in one place of one file."""

    def __init__(self, names: Names, place: Place) -> None:
        self._scope = Scope(names, place)

    def expression(
        self, source: Source, expected: Type | None = None, proofs: Proofs = NOTHING, rows: Rows = NO_ROWS
    ) -> Expression:
        """Check an expression; ``proofs`` is what is certain when it is evaluated. Raises `Mistake`.

        ``rows`` are the names that a ``for`` around it gives to rows.
        """
        node = within_bounds(Inference(self._scope, source, rows).node(parse(source), proofs), source)
        return Expression(source.text, node if expected is None else _fitted(node, expected, source))

    def clause(self, text: Source) -> tuple[Clause, Rows, Proofs]:
        """Check ``name in list if condition``: what it is, the names it gives to rows, and what it proves."""
        led = Source(f"{_LEAD}{text.text}]", lambda offset: text.at(max(offset - len(_LEAD), 0)))
        if not _CLAUSE.match(text.text):
            raise Mistake(
                text.at(),
                "for is followed by a name and a list: row in waves, perhaps with if and a condition.",
                len(text.text),
            )
        tree = parse(led)
        if not isinstance(tree, ast.ListComp):
            raise Mistake(text.at(), "for names one row of one list: row in waves, perhaps with if and a condition.")
        inference = Inference(self._scope, led)
        # A list that is unknown has no rows, so whatever is said of each is said where it is known.
        known = frozenset({("known", dotted(tree.generators[0].iter))})
        variable, rows, condition, proofs = inference.clause(tree, known)
        return Clause(variable, rows, condition), inference.row_names, proofs

    def alternative(self, source: Source, expected: Type) -> Expression:
        """Check an expression that is used only where every fact in it is known."""
        tree = parse(source)
        known = {("known", dotted(each)) for each in ast.walk(tree) if isinstance(each, ast.Attribute | ast.Name)}
        node = within_bounds(Inference(self._scope, source).node(tree, frozenset(known)), source)
        return Expression(source.text, _fitted(node, expected, source))

    def maybe(
        self, source: Source, expected: Type | None, proofs: Proofs = NOTHING, rows: Rows = NO_ROWS
    ) -> Expression:
        """Check an expression that may come out unknown: a missing fact, alone or as a way of a choice, is allowed.

        So is what a row leaves out; ``rows`` are the names that a ``for`` around it gives to rows.
        """
        node = within_bounds(self._maybe(parse(source), source, proofs, rows), source)
        return Expression(source.text, node if expected is None else _fitted(node, expected, source))

    def _maybe(self, tree: ast.expr, source: Source, proofs: Proofs, rows: Rows) -> Node:
        inference = Inference(self._scope, source, rows)
        if isinstance(tree, ast.IfExp):
            condition = inference.condition(tree.test, proofs)
            chosen = self._maybe(tree.body, source, proofs | proven(condition, holds=True), rows)
            other = self._maybe(tree.orelse, source, proofs | proven(condition, holds=False), rows)
            return inference.choice(tree, condition, chosen, other)
        path = dotted(tree)
        may_lack = path in FACTS or path.partition(".")[0] in rows
        return inference.node(tree, proofs | {("known", path)} if may_lack else proofs)


def _fitted(node: Node, expected: Type, source: Source) -> Node:
    """``node`` as a value of the expected type, where the language lets one stand for the other."""
    fitting = node if node.type == expected else converted(node, expected)
    if fitting is not None:
        return fitting
    if expected == "range" and node.type == "int":
        return Call("range", node.at, "range", (node, node))
    text = shortened(source.text, at_most=30)
    is_what = f"but {text} is {DESCRIPTIONS[node.type]}"
    if expected == "bool":
        compare = f"; compare it with something, for example {text} {'==' if node.type == 'word' else '>='} ..."
        raise Mistake(node.at, f"a condition belongs here, {is_what}{compare}")
    advice = ""
    if expected == "load" and node.type in NUMERIC:
        advice = " Declare it under params with a kg and a lb value and use its name."
    if expected == "load" and node.type == "percent":
        advice = f" Write percent_of({text}, ...)."
    raise Mistake(node.at, f"{DESCRIPTIONS[expected]} belongs here, {is_what}.{advice}")
