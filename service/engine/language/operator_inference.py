"""The parts of an expression that operators make: comparisons, arithmetic, logic and choices."""

from __future__ import annotations

import ast

from service.engine.language.list_inference import ListInference
from service.engine.language.narrowing import Proofs, is_never_zero, proven
from service.engine.language.operand_types import MEASURES, NUMERIC, alike, converted, product, quotient, unlike
from service.engine.language.tree_queries import text_of, words_of
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.typed_tree import (
    Arithmetic,
    Choice,
    Comparison,
    Constant,
    Logic,
    Negation,
    Node,
    Not,
    Word,
)
from service.engine.ruleset.types import DESCRIPTIONS

_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class OperatorInference(ListInference):
    """What of the walk over one expression concerns operators; `Inference` is the whole walk."""

    def _logic(self, tree: ast.BoolOp, proofs: Proofs) -> Node:
        is_and = isinstance(tree.op, ast.And)
        operands: list[Node] = []
        for value in tree.values:
            operand = self.condition(value, proofs)
            operands.append(operand)
            proofs |= proven(operand, holds=is_and)
        return Logic("bool", self._source.start_of(tree), "and" if is_and else "or", tuple(operands))

    def _unary(self, tree: ast.UnaryOp, proofs: Proofs) -> Node:
        at = self._source.start_of(tree)
        if isinstance(tree.op, ast.Not):
            return Not("bool", at, self.condition(tree.operand, proofs))
        operand = self.node(tree.operand, proofs)
        if not isinstance(tree.op, ast.USub) or operand.type not in MEASURES:
            sign = self._source.text_of(tree)[0]
            raise self._wrong(tree, f"{sign} cannot stand before {DESCRIPTIONS[operand.type]}.")
        if isinstance(operand, Constant):
            return Constant(operand.type, at, -operand.value)
        return Negation(operand.type, at, operand)

    def _comparison(self, tree: ast.Compare, proofs: Proofs) -> Node:
        at = self._source.start_of(tree)
        if any(type(op) not in _COMPARISONS for op in tree.ops):
            raise self._wrong(
                tree,
                "write == for “equals” and != for “differs”, one comparison for each value and or between them; "
                "in and is are not in the rule language.",
            )
        operands = [tree.left, *tree.comparators]
        nodes = [self.node(operand, proofs) for operand in operands]
        comparisons: list[Node] = []
        for index, op in enumerate(tree.ops):
            operator = _COMPARISONS[type(op)]
            left, right = nodes[index : index + 2]
            self._check_words(operator, left, right)
            if {left.type, right.type} != NUMERIC:
                left, right = self._alike(tree, operands[index : index + 2], [left, right], "compared")
            if left.type == "bool":
                raise self._wrong(
                    tree, f"{self._text(operands[index])} is a condition already; write it alone, or not before it."
                )
            if left.type in ("row", "rows"):
                raise self._wrong(
                    tree, f"{self._text(operands[index])} is {DESCRIPTIONS[left.type]}; compare a number."
                )
            if left.type == "range" and operator not in ("==", "!="):
                raise self._wrong(tree, "a range is neither more nor less than another; compare .min or .max.")
            comparisons.append(Comparison("bool", at, operator, left, right))
        return comparisons[0] if len(comparisons) == 1 else Logic("bool", at, "and", tuple(comparisons))

    def _alike(self, tree: ast.expr, trees: list[ast.expr], nodes: list[Node], done: str) -> tuple[Node, Node]:
        pair = alike(nodes[0], nodes[1])
        if pair is None:
            raise self._unlike(tree, trees, nodes, done)
        return pair

    def _unlike(self, tree: ast.expr, trees: list[ast.expr], nodes: list[Node], done: str) -> Mistake:
        return self._wrong(tree, unlike([self._text(each) for each in trees], nodes, done))

    def choice(self, tree: ast.IfExp, condition: Node, chosen: Node, other: Node) -> Node:
        """One of two nodes of like type."""
        chosen, other = self._alike(tree, [tree.body, tree.orelse], [chosen, other], "the two ways of one choice")
        if chosen.type in ("row", "rows", "word"):
            raise self._wrong(
                tree, f"a choice is between values, but {self._text(tree.body)} is {DESCRIPTIONS[chosen.type]}."
            )
        return Choice(chosen.type, self._source.start_of(tree), condition, chosen, other)

    def _arithmetic(self, tree: ast.BinOp, proofs: Proofs) -> Node:
        at, operator = self._source.start_of(tree), _OPERATORS.get(type(tree.op))
        if operator is None:
            raise self._wrong(tree, f"{self._text(tree)}: the rule language calculates with + - * / only.")
        left, right = self.node(tree.left, proofs), self.node(tree.right, proofs)
        trees, nodes = [tree.left, tree.right], [left, right]
        for operand, node in zip(trees, nodes, strict=True):
            if node.type not in MEASURES:
                raise self._wrong(
                    operand,
                    f"{self._text(operand)} is {DESCRIPTIONS[node.type]}; one cannot calculate with it."
                    + (" Take one end, .min or .max." if node.type == "range" else ""),
                )
        if operator == "/":
            return self._quotient(tree, left, right, proofs)
        if operator == "*":
            result = product(left.type, right.type)
            if result is None:
                raise self._unlike(tree, trees, nodes, "multiplied")
            return Arithmetic(result, at, operator, left, right)
        if {left.type, right.type} == NUMERIC:
            return Arithmetic("number", at, operator, left, right)
        left, right = self._alike(tree, trees, nodes, "added or subtracted")
        return Arithmetic(left.type, at, operator, left, right)

    def _quotient(self, tree: ast.BinOp, left: Node, right: Node, proofs: Proofs) -> Node:
        result = quotient(left.type, right.type)
        if result is None:
            raise self._unlike(tree, [tree.left, tree.right], [left, right], "divided")
        self._never_zero(tree.right, right, proofs)
        if left.type == right.type == "int":
            left = converted(left, "number") or left
        return Arithmetic(result, self._source.start_of(tree), "/", left, right)

    def _never_zero(self, tree: ast.expr, divisor: Node, proofs: Proofs) -> None:
        if not is_never_zero(divisor, proofs, self._scope.names.parameters):
            if isinstance(divisor, Constant):
                raise self._wrong(tree, "one cannot divide by 0.")
            raise self._wrong(
                tree,
                f"{self._text(tree)} could be 0, and one cannot divide by 0: ask {self._text(tree)} > 0 "
                "first, or divide by a parameter that is declared with a from above 0.",
            )

    def _check_words(self, operator: str, left: Node, right: Node) -> None:
        """A word is compared with a word that it can be."""
        for word, other in ((left, right), (right, left)):
            if isinstance(word, Word) and other.type != "word":
                what = f"{text_of(other)} is {DESCRIPTIONS[other.type]}"
                raise Mistake(
                    word.at,
                    f"{what} and never a word. Names stand without quotes: write {word.value} if a name is meant.",
                )
        if left.type != right.type or left.type != "word":
            return
        if operator not in ("==", "!="):
            raise Mistake(left.at, "a word is neither more nor less than another; write == or !=.")
        for one, other in ((left, right), (right, left)):
            words = words_of(one)
            if isinstance(other, Word) and words and other.value not in words:
                hint = suggestion(other.value, words) or f" It is one of {', '.join(words)}."
                raise Mistake(other.at, f"{text_of(one)} is never {other.value}.{hint}")
