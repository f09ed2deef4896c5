"""Finding programmes of which it is certain that no day of any week asks for a set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.domain.loads import DEFAULT_UNIT
from service.engine.language.functions import FUNCTIONS
from service.engine.language.interpreter import Constants, evaluate, settled
from service.engine.language.tree_queries import name_of, walk
from service.engine.ruleset.parameters import in_unit, value_of
from service.engine.ruleset.programme import Programme, SchemeUse
from service.engine.ruleset.scheme import PrescribedEntry, Scheme
from service.engine.ruleset.typed_tree import Call, FactName, Known, LeverName, Logic, Node, ParameterName, StateName

_WEEK: Final = "programme.week"


def asks_for_nothing(programme: Programme, schemes: Mapping[str, Scheme]) -> bool:
    """Whether a programme of days asks for no set in any week of its cycle, whatever is logged."""
    slots = [slot for day in programme.days for slot in day.slots]
    cycle = range(1, programme.weeks + 1)
    return not any(
        _may_ask(schemes[slot.progression.scheme], slot.progression, week)
        for slot in slots
        for week in slot.weeks or cycle
    )


def _may_ask(scheme: Scheme, use: SchemeUse, week: int) -> bool:
    """Whether a slot may ask for sets in a week; only what its parameters and the week settle is certain."""
    values: dict[str, Any] = {_WEEK: week}
    for name, parameter in scheme.parameters.items():
        value = value_of(parameter, use.params[name]) if name in use.params else parameter.default
        values[name] = in_unit(parameter, value, DEFAULT_UNIT)
    return any(_may_count(entry, Constants(values)) for entry in scheme.prescribe)


def _may_count(entry: PrescribedEntry, known: Constants) -> bool:
    """Whether a line may ask for sets, in any of the rows that it is for."""
    conditions = [] if entry.when is None else [entry.when.root]
    rows: list[Mapping[str, tuple[Any, ...]]] = [{}]
    if entry.over is not None:
        if not is_settled(entry.over.rows, known):
            return True
        rows = [{entry.over.variable: row} for row in evaluate(entry.over.rows, known)]
        conditions += [] if entry.over.condition is None else [entry.over.condition]
    for row in rows:
        inside = Constants(known.values, row)
        counts = not is_settled(entry.count.root, inside) or settled(entry.count.root, inside) != 0
        if counts and not any(_never(condition, inside) for condition in conditions):
            return True
    return False


def _never(condition: Node, known: Constants) -> bool:
    """Whether a condition is certainly false."""
    if isinstance(condition, Logic):
        decide = any if condition.operator == "and" else all
        return decide(_never(operand, known) for operand in condition.operands)
    return is_settled(condition, known) and settled(condition, known) is False


def is_settled(node: Node, known: Constants) -> bool:
    """Whether a node's value needs nothing but what is known."""
    for each in walk(node):
        match each:
            case FactName() | ParameterName() | StateName() | LeverName() if name_of(each) not in known.values:
                return False
            case Known():
                return False
            case Call() if FUNCTIONS[each.function].compute is None:
                return False
    return True
