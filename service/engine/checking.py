"""The type checker: from an expression's text to its typed tree, or to one sentence about what is wrong with it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from decimal import Decimal

from service.engine.expressions import (
    Arithmetic,
    Bound,
    Call,
    Choice,
    Comparison,
    Constant,
    Expression,
    FactName,
    Known,
    LetName,
    LeverName,
    Logic,
    Negation,
    Node,
    Not,
    ParameterName,
    StateName,
    ToNumber,
    depth,
    size,
    text_of,
)
from service.engine.facts import FACTS
from service.engine.flow import NOTHING, Proofs, is_never_zero, proven
from service.engine.functions import FUNCTIONS, Function
from service.engine.parsing import MAXIMUM_DEPTH, MAXIMUM_NODES, Source, number_in, parse
from service.engine.reading import AlreadySaid, Mistake
from service.engine.scopes import GROUPS, Names, Place, not_readable, readable, suggestion, unknown_name
from service.engine.types import DESCRIPTIONS, Type

_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_NUMERIC = frozenset({"int", "number"})
_MEASURES = frozenset({"int", "number", "load", "percent"})


@dataclass
class Checker:
    """Checks the expressions that stand in one place of one file."""

    names: Names
    place: Place
    above_let: str | None = None

    def expression(self, source: Source, expected: Type | None = None, proofs: Proofs = NOTHING) -> Expression:
        """Check an expression; ``proofs`` is what is certain when it is evaluated. Raises `Mistake`."""
        node = self._checked(source, proofs)
        if expected is not None:
            node = fitted(node, expected, source)
        return Expression(source.text, node)

    def maybe(self, source: Source, expected: Type) -> Expression:
        """Check an expression that may come out unknown: a missing fact, alone or as a way of a choice, is allowed."""
        tree = parse(source)
        return Expression(source.text, fitted(self._maybe(tree, source, NOTHING), expected, source))

    def _maybe(self, tree: ast.expr, source: Source, proofs: Proofs) -> Node:
        checking = _Expression(self, source)
        if isinstance(tree, ast.IfExp):
            condition = checking.condition(tree.test, proofs)
            chosen = self._maybe(tree.body, source, proofs | proven(condition, holds=True))
            other = self._maybe(tree.orelse, source, proofs | proven(condition, holds=False))
            return checking.choice(tree, condition, chosen, other)
        path = _dotted(tree)
        if path in FACTS:
            proofs |= {("known", path)}
        return checking.node(tree, proofs)

    def _checked(self, source: Source, proofs: Proofs) -> Node:
        node = _Expression(self, source).node(parse(source), proofs)
        if size(node) > MAXIMUM_NODES or depth(node) > MAXIMUM_DEPTH:
            raise Mistake(source.at(), "with every let in it written out, this expression is too long; simplify it.")
        return node

    def let(self, name: str) -> LetName:
        """Check the expression behind a ``let`` name, as it reads at this place."""
        checked = self.names.checked_lets.get((name, self.place))
        if checked is None:
            source = self.names.lets[name]
            checker = Checker(self.names, self.place, above_let=name)
            node = checker._checked(source, NOTHING)  # noqa: SLF001 - of its own class
            checked = LetName(node.type, source.at(), name, node, size(node), depth(node))
            self.names.checked_lets[name, self.place] = checked
        return checked


def fitted(node: Node, expected: Type, source: Source) -> Node:
    """``node`` as a value of the expected type, where the language lets one stand for the other."""
    if node.type == expected:
        return node
    converted = _converted(node, expected)
    if converted is not None:
        return converted
    if expected == "range" and node.type == "int":
        return Call("range", node.at, "range", (node, node))
    if expected == "bool":
        raise Mistake(
            node.at,
            f"a condition belongs here, but {source.text} is {DESCRIPTIONS[node.type]}; compare it with something, "
            f"for example {_shortened(source.text)} >= ...",
        )
    advice = ""
    if expected == "load" and node.type in _NUMERIC:
        advice = " Declare it under params with a kg and a lb value and use its name."
    if expected == "load" and node.type == "percent":
        advice = f" Write percent_of({_shortened(source.text)}, ...)."
    raise Mistake(
        node.at, f"{DESCRIPTIONS[expected]} belongs here, but {source.text} is {DESCRIPTIONS[node.type]}.{advice}"
    )


def _converted(node: Node, expected: Type) -> Node | None:
    """A whole number as a number, a plain number as a percentage, 0 as a load; None for anything else."""
    if isinstance(node, Constant) and node.type in _NUMERIC:
        plain = Decimal(node.value)
        if expected in ("number", "percent") or (expected == "load" and plain == 0):
            return Constant(expected, node.at, plain)
    if expected == "number" and node.type == "int":
        return ToNumber("number", node.at, node)
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:27]}..."


def _dotted(tree: ast.expr) -> str:
    """``set.load`` for the attribute access of that name; empty for anything else."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        inner = _dotted(tree.value)
        return inner and f"{inner}.{tree.attr}"
    return ""


class _Expression:
    """The walk over one expression."""

    def __init__(self, checker: Checker, source: Source) -> None:
        self._checker = checker
        self._source = source

    def _wrong(self, tree: ast.expr, message: str) -> Mistake:
        return Mistake(self._source.start_of(tree), message)

    def _text(self, tree: ast.expr) -> str:
        return _shortened(self._source.text_of(tree))

    def condition(self, tree: ast.expr, proofs: Proofs) -> Node:
        node = self.node(tree, proofs)
        if node.type != "bool":
            raise self._wrong(
                tree,
                f"a condition belongs here, but {self._text(tree)} is {DESCRIPTIONS[node.type]}; "
                f"compare it with something, for example {self._text(tree)} >= ...",
            )
        return node

    def node(self, tree: ast.expr, proofs: Proofs) -> Node:  # noqa: PLR0911 - one line a kind of node
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
            case ast.Tuple() | ast.List():
                raise self._wrong(
                    tree,
                    f"{self._text(tree)} is a list; write a decimal number with a point (2.5), a range as range(4, 6).",
                )
        raise self._wrong(tree, f"{self._text(tree)} is not part of the rule language.")

    def _constant(self, tree: ast.Constant) -> Node:
        if isinstance(tree.value, bool) or not isinstance(tree.value, int | float | complex):
            raise self._wrong(tree, f"{self._text(tree)} is no number, condition or name; texts belong into because.")
        value = number_in(self._source, tree)
        return Constant("int" if isinstance(value, int) else "number", self._source.start_of(tree), value)

    def _name(self, tree: ast.Name | ast.Attribute, proofs: Proofs) -> Node:
        name = _dotted(tree)
        at = self._source.start_of(tree)
        if name in ("true", "false"):
            return Constant("bool", at, name == "true")
        found = self._declared(name, tree, proofs) if name else None
        if found is not None:
            return found
        if isinstance(tree, ast.Attribute) and (
            not name or name.partition(".")[0] not in GROUPS or name.count(".") > 1
        ):
            inner = self.node(tree.value, proofs)
            if inner.type == "range" and tree.attr in ("min", "max"):
                return Bound("int", at, inner, "min" if tree.attr == "min" else "max")
            has = "only .min and .max" if inner.type == "range" else "no parts"
            raise self._wrong(
                tree,
                f"{self._text(tree.value)} is {DESCRIPTIONS[inner.type]} and has {has}, so .{tree.attr} says nothing.",
            )
        if name in GROUPS:
            raise self._wrong(tree, unknown_name(f"{name}.", self._checker.place, self._checker.names, None))
        raise self._wrong(tree, unknown_name(name, self._checker.place, self._checker.names, self._checker.above_let))

    def _declared(self, name: str, tree: ast.expr, proofs: Proofs) -> Node | None:
        checker, names, at = self._checker, self._checker.names, self._source.start_of(tree)
        if name in FACTS and not (name == "lever" and names.lever == "lever"):
            return self._fact(name, tree, proofs)
        if name in names.broken:
            raise AlreadySaid(at, "")
        if name not in names.visible(checker.above_let):
            if name in names.lets:
                raise self._wrong(tree, f"{name} is declared further down; a let uses only the names above it.")
            return None
        names.used.add(name)
        if name in names.parameters:
            return ParameterName(names.parameters[name].type, at, name)
        if name in names.lets:
            let = checker.let(name)
            return LetName(let.type, at, name, let.value, let.size, let.depth)
        if checker.place == "initial":
            raise self._wrong(tree, f"{name} is state and has no value yet when a track starts.")
        if name == names.lever:
            return LeverName("load", at, name)
        type_, index = names.state[name]
        return StateName(type_, at, name, index)

    def _fact(self, name: str, tree: ast.expr, proofs: Proofs) -> Node:
        fact, names = FACTS[name], self._checker.names
        if not readable(fact, self._checker.place, names):
            raise self._wrong(tree, not_readable(fact, self._checker.place, names))
        if fact.optional and ("known", name) not in proofs:
            raise self._wrong(
                tree, f"{name} may be unknown; ask first, for example known({name}) and ... {self._text(tree)} ..."
            )
        return FactName(fact.type, self._source.start_of(tree), fact)

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
        if not isinstance(tree.op, ast.USub) or operand.type not in _MEASURES:
            sign = self._source.text_of(tree)[0]
            raise self._wrong(tree, f"{sign} cannot stand before {DESCRIPTIONS[operand.type]}.")
        if isinstance(operand, Constant):
            return Constant(operand.type, at, -operand.value)
        return Negation(operand.type, at, operand)

    def _comparison(self, tree: ast.Compare, proofs: Proofs) -> Node:
        at = self._source.start_of(tree)
        operands = [tree.left, *tree.comparators]
        nodes = [self.node(operand, proofs) for operand in operands]
        comparisons: list[Node] = []
        for index, op in enumerate(tree.ops):
            operator = _COMPARISONS.get(type(op))
            if operator is None:
                raise self._wrong(
                    tree, "write == for “equals” and != for “differs”; in and is are not in the rule language."
                )
            left, right = nodes[index : index + 2]
            if {left.type, right.type} != _NUMERIC:
                left, right = self._alike(tree, operands[index : index + 2], [left, right], "compared")
            if left.type == "bool":
                raise self._wrong(
                    tree, f"{self._text(operands[index])} is a condition already; write it alone, or not before it."
                )
            if left.type == "range" and operator not in ("==", "!="):
                raise self._wrong(tree, "a range is neither more nor less than another; compare .min or .max.")
            comparisons.append(Comparison("bool", at, operator, left, right))
        return comparisons[0] if len(comparisons) == 1 else Logic("bool", at, "and", tuple(comparisons))

    def _alike(self, tree: ast.expr, trees: list[ast.expr], nodes: list[Node], done: str) -> tuple[Node, Node]:
        left, right = nodes
        if left.type == right.type:
            return left, right
        as_right = _converted(left, right.type)
        if as_right is not None:
            return as_right, right
        as_left = _converted(right, left.type)
        if as_left is not None:
            return left, as_left
        raise self._wrong(tree, self._unlike(trees, nodes, done))

    def _unlike(self, trees: list[ast.expr], nodes: list[Node], done: str) -> str:
        first, second = (
            f"{self._text(tree)} is {DESCRIPTIONS[node.type]}" for tree, node in zip(trees, nodes, strict=True)
        )
        said = f"{first} and {second}: they cannot be {done}."
        kinds = {node.type for node in nodes}
        if kinds in ({"load", "int"}, {"load", "number"}):
            return f"{said} A load needs a unit: declare it under params with a kg and a lb value and use its name."
        if kinds == {"load", "percent"}:
            return f"{said} Write percent_of(percentage, load) for the share of a load."
        if "range" in kinds:
            return f"{said} Take one end of the range, .min or .max."
        return said

    def choice(self, tree: ast.IfExp, condition: Node, chosen: Node, other: Node) -> Node:
        chosen, other = self._alike(tree, [tree.body, tree.orelse], [chosen, other], "the two ways of one choice")
        return Choice(chosen.type, self._source.start_of(tree), condition, chosen, other)

    def _arithmetic(self, tree: ast.BinOp, proofs: Proofs) -> Node:
        at, operator = self._source.start_of(tree), _OPERATORS.get(type(tree.op))
        if operator is None:
            raise self._wrong(tree, f"{self._text(tree)}: the rule language calculates with + - * / only.")
        left, right = self.node(tree.left, proofs), self.node(tree.right, proofs)
        trees, nodes = [tree.left, tree.right], [left, right]
        for operand, node in zip(trees, nodes, strict=True):
            if node.type not in _MEASURES:
                raise self._wrong(
                    operand,
                    f"{self._text(operand)} is {DESCRIPTIONS[node.type]}; one cannot calculate with it."
                    + (" Take one end, .min or .max." if node.type == "range" else ""),
                )
        if operator in "+-":
            if {left.type, right.type} == _NUMERIC:
                return Arithmetic("number", at, operator, left, right)
            left, right = self._alike(tree, trees, nodes, "added or subtracted")
            return Arithmetic(left.type, at, operator, left, right)
        if operator == "*":
            result = self._product(left.type, right.type)
            if result is None:
                raise self._wrong(tree, self._unlike(trees, nodes, "multiplied"))
            return Arithmetic(result, at, operator, left, right)
        return self._quotient(tree, left, right, proofs)

    @staticmethod
    def _product(left: Type, right: Type) -> Type | None:
        if left in _NUMERIC and right in _NUMERIC:
            return "int" if left == right == "int" else "number"
        if left in _NUMERIC or right in _NUMERIC:
            return right if left in _NUMERIC else left
        return None

    def _quotient(self, tree: ast.BinOp, left: Node, right: Node, proofs: Proofs) -> Node:
        if left.type == right.type or {left.type, right.type} <= _NUMERIC:
            result: Type = "number"
        elif right.type in _NUMERIC:
            result = left.type
        else:
            raise self._wrong(tree, self._unlike([tree.left, tree.right], [left, right], "divided"))
        if not is_never_zero(right, proofs, self._checker.names.parameters):
            raise self._wrong(
                tree.right,
                f"{self._text(tree.right)} could be 0, and one cannot divide by 0: ask {self._text(tree.right)} > 0 first, "
                "or divide by a parameter that is declared with a from above 0.",
            )
        if left.type == right.type == "int":
            left = _converted(left, "number") or left
        return Arithmetic(result, self._source.start_of(tree), "/", left, right)

    def _call(self, tree: ast.Call, proofs: Proofs) -> Node:
        name = _dotted(tree.func)
        function = FUNCTIONS.get(name)
        if function is None:
            hint = suggestion(name, FUNCTIONS) or f" There are {', '.join(FUNCTIONS)}."
            raise self._wrong(tree, f"there is no function {self._text(tree.func)}.{hint}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            raise self._wrong(tree, f"write the values of {name}() in order: {_signature(function)}.")
        if len(tree.args) < len(function.parameters) or (
            len(tree.args) > len(function.parameters) and not function.variadic
        ):
            raise self._wrong(
                tree, f"{_signature(function)} takes {_counted(function)}, but here it has {len(tree.args)}."
            )
        if name == "known":
            return self._known(tree)
        arguments = [self.node(argument, proofs) for argument in tree.args]
        if function.parameters[0][1] == "alike":
            return self._call_alike(tree, function, arguments)
        fitting = tuple(
            self._argument(function, position, argument, node)
            for position, (argument, node) in enumerate(zip(tree.args, arguments, strict=True))
        )
        return Call(function.result, self._source.start_of(tree), name, fitting)  # type: ignore[arg-type]  # not "alike"

    def _argument(self, function: Function, position: int, tree: ast.expr, node: Node) -> Node:
        name, expected = function.parameters[position]
        fitting = node if node.type == expected else _converted(node, expected)  # type: ignore[arg-type]  # a Type
        if fitting is None:
            raise self._wrong(
                tree,
                f"{_signature(function)}: {name} must be {DESCRIPTIONS[expected]}, "  # type: ignore[index]  # a Type
                f"but {self._text(tree)} is {DESCRIPTIONS[node.type]}.",
            )
        return fitting

    def _call_alike(self, tree: ast.Call, function: Function, nodes: list[Node]) -> Node:
        for argument, node in zip(tree.args, nodes, strict=True):
            if node.type not in _MEASURES:
                raise self._wrong(
                    argument,
                    f"{function.name}() takes numbers, loads or percentages, but {self._text(argument)} is {DESCRIPTIONS[node.type]}.",
                )
        for index in range(1, len(nodes)):
            nodes[0], nodes[index] = self._alike(
                tree, [tree.args[0], tree.args[index]], [nodes[0], nodes[index]], "compared"
            )
        fitting = tuple(
            node if node.type == nodes[0].type else _converted(node, nodes[0].type) or node for node in nodes
        )
        return Call(nodes[0].type, self._source.start_of(tree), function.name, fitting)

    def _known(self, tree: ast.Call) -> Node:
        name = _dotted(tree.args[0])
        if name not in FACTS:
            raise self._wrong(
                tree,
                f"known() asks for a fact by its name, for example known(set.rir), not for {self._text(tree.args[0])}.",
            )
        fact = self._fact(name, tree.args[0], frozenset({("known", name)}))
        if not FACTS[name].optional:
            raise self._wrong(tree, f"{name} is always known here, so known({name}) asks nothing; leave it out.")
        assert isinstance(fact, FactName)  # noqa: S101 - `_fact` makes nothing else
        return Known("bool", self._source.start_of(tree), fact)


def _signature(function: Function) -> str:
    more = ", ..." if function.variadic else ""
    return f"{function.name}({', '.join(name for name, _ in function.parameters)}{more})"


def _counted(function: Function) -> str:
    count = len(function.parameters)
    values = "1 value" if count == 1 else f"{count} values"
    return f"{values} or more" if function.variadic else values
