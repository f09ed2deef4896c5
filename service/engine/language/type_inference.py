"""The types of an expression's parts, from the leaves up: the walk over Python's tree that makes the typed one."""

from __future__ import annotations

import ast
import re

from service.engine.language.calls import arguments_of, called
from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.narrowing import NOTHING, Proofs, proven
from service.engine.language.operator_inference import OperatorInference
from service.engine.language.parser import MAXIMUM_DEPTH, MAXIMUM_NODES, Source, dotted, number_in, parse
from service.engine.language.scopes import Scope, not_readable, readable, unknown_name
from service.engine.language.syntax_advice import WORD
from service.engine.language.tree_queries import depth, size
from service.engine.ruleset.facts import FACTS, GROUPS
from service.engine.ruleset.facts.fact import LEVER
from service.engine.ruleset.places import AlreadySaid, Mistake
from service.engine.ruleset.typed_tree import (
    Bound,
    Call,
    Constant,
    FactName,
    Known,
    LetName,
    LeverName,
    Node,
    ParameterName,
    RowName,
    StateName,
    Word,
)
from service.engine.ruleset.types import DESCRIPTIONS


def within_bounds(node: Node, source: Source) -> Node:
    """``node`` itself; Mistake when it is too large with every ``let`` in it written out."""
    if size(node) > MAXIMUM_NODES or depth(node) > MAXIMUM_DEPTH:
        raise Mistake(source.at(), "with every let in it written out, this expression is too long; simplify it.")
    return node


def let_value(scope: Scope, name: str) -> LetName:
    """The expression behind a ``let`` name, as it reads where ``scope`` stands."""
    names = scope.names
    known = names.checked_lets.get((name, scope.place))
    if known is None:
        source = names.lets[name]
        tree = Inference(Scope(names, scope.place, above_let=name), source).node(parse(source), NOTHING)
        node = within_bounds(tree, source)
        known = LetName(node.type, source.at(), name, node, size(node), depth(node))
        names.checked_lets[name, scope.place] = known
    return known


class Inference(OperatorInference):
    """The walk over one expression. Every method raises `Mistake` at the part that is wrong."""

    def condition(self, tree: ast.expr, proofs: Proofs) -> Node:
        """A node that is true or false."""
        node = self.node(tree, proofs)
        if node.type != "bool":
            raise self._wrong(
                tree,
                f"a condition belongs here, but {self._text(tree)} is {DESCRIPTIONS[node.type]}; compare it with "
                f"something, for example {self._text(tree)} {'==' if node.type == 'word' else '>='} ...",
            )
        return node

    def node(self, tree: ast.expr, proofs: Proofs) -> Node:  # noqa: C901, PLR0911 - one line a kind of node
        """A node of any type; ``proofs`` is what is certain when it is evaluated."""
        match tree:
            case ast.Constant():
                return self._constant(tree)
            case ast.Name() | ast.Attribute():
                return self._name(tree, proofs)
            case ast.BoolOp():
                return self._logic(tree, proofs)
            case ast.UnaryOp():
                return self._unary(tree, proofs)
            case ast.BinOp():
                return self._arithmetic(tree, proofs)
            case ast.Compare():
                return self._comparison(tree, proofs)
            case ast.IfExp():
                condition = self.condition(tree.test, proofs)
                chosen = self.node(tree.body, proofs | proven(condition, holds=True))
                other = self.node(tree.orelse, proofs | proven(condition, holds=False))
                return self.choice(tree, condition, chosen, other)
            case ast.Call():
                return self._call(tree, proofs)
            case ast.Subscript():
                return self.row_at(tree, proofs)
            case ast.GeneratorExp():
                known = ", ".join(LIST_FUNCTIONS)
                raise self._wrong(tree, f"for stands in one of {known}, as in all(each.reps >= 5 for each in sets).")
            case ast.Tuple() | ast.List():
                raise self._wrong(
                    tree,
                    f"{self._text(tree)} is a list; write a decimal number with a point (2.5), a range as range(4, 6).",
                )
        raise self._wrong(tree, f"{self._text(tree)} is not part of the rule language.")

    def _constant(self, tree: ast.Constant) -> Node:
        if isinstance(tree.value, str) and re.fullmatch(WORD, tree.value):
            return Word("word", self._source.start_of(tree), tree.value)
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float | complex):
            raise self._wrong(tree, f"{self._text(tree)} is no number, condition or name; texts belong into because.")
        value = number_in(self._source, tree)
        return Constant("int" if isinstance(value, int) else "number", self._source.start_of(tree), value)

    def _name(self, tree: ast.Name | ast.Attribute, proofs: Proofs) -> Node:
        name = dotted(tree)
        at = self._source.start_of(tree)
        if name in ("true", "false"):
            return Constant("bool", at, name == "true")
        if name in self._rows:
            row = self._rows[name]
            return RowName("row", at, row.name, row.columns)
        found = self._declared(name, tree, proofs) if name else None
        if found is not None:
            return found
        cell = self.cell(tree, proofs) if isinstance(tree, ast.Attribute) else None
        if cell is not None:
            return cell
        if isinstance(tree, ast.Attribute) and (
            not name or name.partition(".")[0] not in GROUPS or name.count(".") > 1
        ):
            inner = self.node(tree.value, proofs)
            if inner.type == "range" and tree.attr in ("min", "max"):
                return Bound("int", at, inner, "min" if tree.attr == "min" else "max")
            if inner.type == "rows":
                name = self._text(tree.value)
                raise self._wrong(
                    tree,
                    f"{name} is a list: take a row, as in last({name}).{tree.attr}, or ask about each, as in "
                    f"all(each.{tree.attr} ... for each in {name}).",
                )
            has = "only .min and .max" if inner.type == "range" else "no parts"
            raise self._wrong(
                tree,
                f"{self._text(tree.value)} is {DESCRIPTIONS[inner.type]} and has {has}, so .{tree.attr} says nothing.",
            )
        raise self._wrong(tree, unknown_name(name, self._scope))

    def _declared(self, name: str, tree: ast.expr, proofs: Proofs) -> Node | None:
        scope, names, at = self._scope, self._scope.names, self._source.start_of(tree)
        if name in FACTS and not (name == LEVER == names.lever):
            return self._fact(name, tree, proofs)
        if name in names.broken:
            raise AlreadySaid(at, "")
        if name not in names.visible(scope.above_let):
            if name in names.lets:
                raise self._wrong(tree, f"{name} is declared further down; a let uses only the names above it.")
            return None
        names.used.add(name)
        if name in names.parameters:
            parameter = names.parameters[name]
            return ParameterName(parameter.type, at, name, parameter.columns, parameter.words)
        if name in names.lets:
            let = let_value(scope, name)
            return LetName(let.type, at, name, let.value, let.size, let.depth)
        if scope.place in ("initial", "first set"):
            raise self._wrong(tree, f"{name} is state and has no value yet when a track starts.")
        if name == names.lever:
            return LeverName("load", at, name)
        type_, index = names.state[name]
        return StateName(type_, at, name, index)

    def _fact(self, name: str, tree: ast.expr, proofs: Proofs) -> FactName:
        fact = FACTS[name]
        if not readable(fact, self._scope):
            raise self._wrong(tree, not_readable(fact, self._scope))
        if fact.optional and proofs.isdisjoint({("known", name), ("known", fact.known_with)}):
            raise self._wrong(
                tree, f"{name} may be unknown: ask first, with known({name}) and before the condition that uses it."
            )
        return FactName(fact.type, self._source.start_of(tree), fact.read_by(self._scope.names.measure))

    def _call(self, tree: ast.Call, proofs: Proofs) -> Node:
        if dotted(tree.func) in LIST_FUNCTIONS and any(isinstance(each, ast.GeneratorExp) for each in tree.args):
            return self.over(tree, proofs)
        name = dotted(tree.func)
        listed = name in self._scope.names.parameters and self._scope.names.parameters[name].type == "rows"
        if listed or (name in FACTS and FACTS[name].type == "rows"):
            raise self._wrong(tree, f"a row of {name} is taken with square brackets, {name}[1].")
        function = called(tree, self._source)
        at = self._source.start_of(tree)
        if function.name == "known":
            return self._known(tree, proofs)
        if function.name == "rows":
            return Call("int", at, "rows", (self.listed(tree.args[0], proofs),))
        if function.name == "last":
            return self.last_row(tree, proofs)
        lists = {place for place, (_, kind) in enumerate(function.parameters) if kind == "list"}
        nodes = [
            self.listed(argument, proofs) if place in lists else self.node(argument, proofs)
            for place, argument in enumerate(tree.args)
        ]
        result, arguments = arguments_of(function, tree, nodes, self._source)
        if function.divisor is not None:
            self._never_zero(tree.args[function.divisor], arguments[function.divisor], proofs)
        return Call(result, at, function.name, arguments)

    def _known(self, tree: ast.Call, proofs: Proofs) -> Node:
        name = dotted(tree.args[0])
        if name not in FACTS:
            cell = self.known_cell(tree.args[0], proofs)
            if cell is not None:
                return Known("bool", self._source.start_of(tree), cell)
            asked = self._text(tree.args[0])
            if name.partition(".")[0] in GROUPS:
                raise self._wrong(tree.args[0], unknown_name(name, self._scope))
            raise self._wrong(tree, f"known() asks for a fact by its name, such as known(set.rir), not for {asked}.")
        fact = self._fact(name, tree.args[0], frozenset({("known", name)}))
        if not fact.fact.optional:
            raise self._wrong(tree, f"{name} is always known here, so known({name}) asks nothing; leave it out.")
        return Known("bool", self._source.start_of(tree), fact)
