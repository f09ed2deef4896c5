"""The tracing evaluator: walks the same typed tree that the generated functions came from, and shows its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import add, attrgetter, mul, sub, truediv
from typing import Any

from service.engine.language.because import render_because
from service.engine.language.comparisons import HOLDS
from service.engine.language.functions import FUNCTIONS
from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.tree_queries import columns_of, name_of, operands, text_of
from service.engine.ruleset.bound_scheme import BoundScheme, FactValues, Fired, TrackValues
from service.engine.ruleset.scheme import Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import (
    Arithmetic,
    Bound,
    Call,
    Cell,
    Choice,
    Comparison,
    Constant,
    Expression,
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
from service.engine.ruleset.types import bounded, in_json

_ARITHMETIC = {"+": add, "-": sub, "*": mul, "/": truediv}


class UnknownFact(Exception):
    """A fact was read that is not known.

    No caller sees it but `settled` and the traces, which write None: the checker keeps rules from reading such facts.
    """


@dataclass(frozen=True, slots=True)
class Constants:
    """Where names find their values before any set is logged: parameters and the exercise's facts."""

    values: Mapping[str, Any]
    rows: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """The row that each ``for`` is at."""
    round: Callable[[Decimal], Decimal] | None = None
    """What ``round_load`` does; None where nobody's equipment is known."""
    next_loadable: Callable[[Decimal], Decimal] | None = None
    """What the function of that name does."""

    def read(self, name: Name) -> Any:
        """The value of a name; None for a fact that is not known."""
        return self.values[name_of(name)]


@dataclass(frozen=True, slots=True)
class TriggerValues:
    """Where names find their values at a trigger."""

    bound: BoundScheme
    facts: FactValues
    track: TrackValues
    own: tuple[Any, ...]
    rows: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """The row that each ``for`` is at."""

    @property
    def round(self) -> Callable[[Decimal], Decimal]:
        """What ``round_load`` does."""
        return lambda load: self.facts.round(load, self.track)

    @property
    def next_loadable(self) -> Callable[[Decimal], Decimal]:
        """What the function of that name does."""
        return lambda load: self.facts.next_loadable(load, self.track)

    def read(self, name: Name) -> Any:
        """The value of a name; None for a fact that is not known."""
        match name:
            case StateName():
                return self.own[name.index]
            case LeverName():
                return self.track.lever
            case FactName() if "." in name.fact.path:
                return attrgetter(name.fact.path)(self)
        return self.bound.constants[name_of(name)]


def row_at(rows: Sequence[tuple[Any, ...]], index: int | None) -> tuple[Any, ...]:
    """The row of a number from 1; beyond an end, the one at that end; the last for None.

    No list that rules read so is empty; one that is settled when a table is bound may be, and its rows are unknown.
    """
    if not rows:
        raise UnknownFact("a row of an empty table")
    return rows[-1 if index is None else min(max(index, 1), len(rows)) - 1]


def evaluate(node: Node, where: Constants | TriggerValues) -> Any:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
    """The value of ``node``; decimals are computed in the current context. Raises `UnknownFact`."""
    match node:
        case Constant() | Word():
            return node.value
        case LetName():
            return evaluate(node.value, where)
        case FactName() | ParameterName() | StateName() | LeverName():
            value = where.read(node)
            if value is None:
                raise UnknownFact(name_of(node))
            return value
        case RowName():
            return where.rows[node.name]
        case RowAt():
            return row_at(evaluate(node.rows, where), None if node.index is None else evaluate(node.index, where))
        case Cell():
            value = evaluate(node.row, where)[node.column.place]
            if value is None:
                raise UnknownFact(text_of(node))
            return value
        case Over():
            return _over(node, where)
        case Bound():
            return evaluate(node.range, where)[0 if node.end == "min" else 1]
        case Known(fact=Cell() as cell):
            return evaluate(cell.row, where)[cell.column.place] is not None
        case Known(fact=FactName() as fact):
            return where.read(fact) is not None
        case ToNumber():
            return Decimal(evaluate(node.operand, where))
        case Negation():
            return -evaluate(node.operand, where)
        case Not():
            return not evaluate(node.operand, where)
        case Arithmetic():
            return _ARITHMETIC[node.operator](evaluate(node.left, where), evaluate(node.right, where))
        case Comparison():
            return HOLDS[node.operator](evaluate(node.left, where), evaluate(node.right, where))
        case Logic():
            decide = all if node.operator == "and" else any
            return decide(evaluate(operand, where) for operand in node.operands)
        case Choice():
            return evaluate(node.chosen if evaluate(node.condition, where) else node.other, where)
        case Call():
            return _computed(node, where)


def _over(node: Over, where: Constants | TriggerValues) -> Any:
    """Ask a question about every row of a list."""
    values = []
    for row in evaluate(node.rows, where):
        inside = replace(where, rows={**where.rows, node.variable: row})
        if node.condition is None or evaluate(node.condition, inside):
            values.append(evaluate(node.value, inside))
    if not values and not LIST_FUNCTIONS[node.function].selects:
        raise UnknownFact(text_of(node))
    return LIST_FUNCTIONS[node.function].compute(values, 0 if node.type == "int" else Decimal(0))


def settled(node: Node, constants: Constants) -> Any:
    """The value of a node without a moment; None when it needs a fact of the exercise that nobody knows."""
    try:
        return evaluate(node, constants)
    except UnknownFact:
        return None


def consider(
    bound: BoundScheme, trigger: Trigger, facts: FactValues, track: TrackValues, own: tuple[Any, ...]
) -> tuple[Fired | None, list[dict[str, Any]]]:
    """Run the rules of a trigger as the generated function does, and write down each rule considered.

    A trace is ready for JSON: ``rule``, ``file``, ``line``, ``outcome``, ``result`` (``fired``, ``not fired``, or
    ``shadowed`` for those below the one that fired, which nobody asked), ``conditions`` (the comparisons and other
    leaves of ``when``, each with its operands' values and ``true``, ``false`` or ``"not evaluated"``), and for the
    rule that fired its ``because``.
    """
    where = TriggerValues(bound, facts, track, own)
    fired: Fired | None = None
    traces = []
    for index, rule in enumerate(bound.scheme.rules.get(trigger, ())):
        trace: dict[str, Any] = {"rule": rule.name, "file": rule.file, "line": rule.line, "outcome": rule.outcome}
        conditions = _Conditions(where)
        if fired is not None:
            trace["result"] = "shadowed"
        elif rule.when is None or conditions.evaluate(rule.when.root):
            trace["result"] = "fired"
            fired = _fire(bound.scheme, index, rule, where)
            trace["because"] = render_because(bound.scheme, trigger, index, fired.reasons, bound.unit, bound.loaded_in)
        else:
            trace["result"] = "not fired"
        trace["conditions"] = [] if rule.when is None else conditions.trace(rule.when)
        traces.append(trace)
    return fired, traces


def _fire(scheme: Scheme, index: int, rule: Rule, where: TriggerValues) -> Fired:
    assigned = rule.then.get(scheme.lever)
    lever: Any = where.track.lever if assigned is None else evaluate(assigned.root, where)
    values = None
    if any(variable.name in rule.then for variable in scheme.state):
        values = tuple(
            _kept(rule.then[variable.name].root, where) if variable.name in rule.then else where.own[place]
            for place, variable in enumerate(scheme.state)
        )
    return Fired(
        index,
        lever,
        values,
        tuple(evaluate(expression.root, where) for expression in rule.because.expressions),
    )


def _kept(node: Node, where: TriggerValues) -> Any:
    value = evaluate(node, where)
    return bounded(value) if node.type in ("int", "range") else value


def _computed(node: Call, where: Constants | TriggerValues) -> Any:
    function = FUNCTIONS[node.function]
    compute = getattr(where, function.of_equipment) if function.of_equipment else function.compute
    if compute is None:
        raise TypeError(f"{node.function}() is no function of values")
    return compute(*(evaluate(argument, where) for argument in node.arguments))


class _Conditions:
    """Evaluates a ``when`` and remembers what each of its leaves came to."""

    def __init__(self, where: TriggerValues) -> None:
        self._where = where
        self._results: dict[int, bool] = {}

    def evaluate(self, node: Node) -> bool:
        match node:
            case Logic():
                decide = all if node.operator == "and" else any
                return decide(self.evaluate(operand) for operand in node.operands)
            case Not():
                return not self.evaluate(node.operand)
        result = self._results[id(node)] = bool(evaluate(node, self._where))
        return result

    def trace(self, when: Expression) -> list[dict[str, Any]]:
        return [
            {
                "expression": text_of(leaf),
                "operands": {name_of(name): self._value(name) for name in operands(leaf)},
                "value": self._results.get(id(leaf), "not evaluated"),
            }
            for leaf in _leaves(when.root)
        ]

    def _value(self, name: Name | Cell) -> Any:
        try:
            value = evaluate(name, self._where)
        except UnknownFact:
            value = None
        return in_json(value, name.type, self._where.bound.unit, columns_of(name))


def _leaves(node: Node) -> Iterator[Node]:
    match node:
        case Logic():
            for operand in node.operands:
                yield from _leaves(operand)
        case Not():
            yield from _leaves(node.operand)
        case _:
            yield node
