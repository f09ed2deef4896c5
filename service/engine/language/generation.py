"""From a checked scheme to Python functions as fast as hand-written ones.

A scheme is compiled once into one factory function; `bind` calls the factory with the constants of a slot, and gets
the scheme's functions back as closures over them. Everything that is settled by parameters, exercise and unit is
computed once, when it is bound. A fact is read when a rule first needs it and then kept in a local. The source holds
only names from our own tables, validated names of the file behind a prefix, and numbers; it has no builtins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from service.domain.exercises import Exercise
from service.domain.loads import CONTEXT, Unit
from service.engine.files.parameters import in_unit, value_of
from service.engine.language.evaluation import Constants, row_at, settled
from service.engine.language.expressions import Constant, FactName, Node, ParameterName, StateName
from service.engine.language.functions import HELPERS
from service.engine.language.types import bounded
from service.engine.language.writing import ConstantTable, FunctionWriter, is_atom, without_idle_locals
from service.engine.model import BoundScheme, PrescribedEntry, Rule, Scheme, Trigger

if TYPE_CHECKING:
    from service.engine.language.expressions import Expression

_GLOBALS: Mapping[str, Any] = {
    "__builtins__": {},
    "Decimal": Decimal,
    "abs": abs,
    "all": all,
    "any": any,
    "bounded": bounded,
    "len": len,
    "max": max,
    "min": min,
    "row_at": row_at,
    "sum": sum,
    "zero": Decimal(0),
    **HELPERS,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A scheme's generated code: its source, for reading, and the factory that `bind` calls with the constants."""

    source: str
    factory: Callable[..., tuple[Any, ...]]
    constants: tuple[Node, ...]
    triggers: tuple[Trigger, ...]


def compile_scheme(scheme: Scheme) -> Compiled:
    """Generate and compile the functions of a scheme."""
    constants = ConstantTable()
    triggers = tuple(trigger for trigger, rules in scheme.rules.items() if rules)
    functions = [_initial(scheme, constants), _initial_lever(scheme, constants), _prescribed(scheme, constants)]
    functions += [_step(scheme, trigger, constants) for trigger in triggers]
    answer = ", ".join(["initial", "initial_lever", "prescribed", *map(_function_name, triggers)])
    body = [line and f"    {line}" for function in functions for line in [*without_idle_locals(function), ""]]
    source = "\n".join([*constants.header(), *body, f"    return {answer}", ""])
    namespace = dict(_GLOBALS)
    exec(compile(source, f"<generated from {scheme.file}>", "exec"), namespace)  # noqa: S102 - our own words only
    return Compiled(source, namespace["scheme"], constants.nodes, triggers)


def bind(scheme: Scheme, params: Mapping[str, Any], exercise: Exercise, unit: Unit) -> BoundScheme:
    """Make a scheme ready for a slot: ``params`` replace defaults, loads and steps are taken in ``unit``.

    Raises ValueError, with a sentence, for a parameter value that the scheme does not take.
    """
    if scheme.compiled is None:
        raise ValueError(f"scheme {scheme.id} was never compiled")
    constants: dict[str, Any] = {
        "exercise.reps": exercise.reps,
        "exercise.increase": exercise.increase and exercise.increase.get(unit),
        "exercise.one_sided": exercise.one_sided,
    }
    for name, parameter in scheme.parameters.items():
        value = value_of(parameter, params[name]) if name in params else parameter.default
        constants[name] = in_unit(parameter, value, unit)
    with localcontext(CONTEXT):
        values = [settled(node, Constants(constants)) for node in scheme.compiled.constants]
    initial, initial_lever, prescribed, *steps = scheme.compiled.factory(*values)
    by_trigger = dict(zip(scheme.compiled.triggers, steps, strict=True))
    return BoundScheme(scheme, unit, constants, initial, initial_lever, by_trigger, prescribed)


def _function_name(trigger: Trigger) -> str:
    return trigger.replace(" ", "_")


def _tuple(codes: list[str]) -> str:
    return f"({codes[0]},)" if len(codes) == 1 else f"({', '.join(codes)})"


def _kept_value(code: str, node: Node) -> str:
    """Code of a value about to be kept: whole numbers that were computed are held within bounds."""
    computed = not isinstance(node, Constant | ParameterName | FactName | StateName)
    return f"bounded({code})" if node.type in ("int", "range") and computed else code


def _initial(scheme: Scheme, constants: ConstantTable) -> list[str]:
    function = FunctionWriter(constants)
    values = [_kept_value(function.value(each.initial.root), each.initial.root) for each in scheme.state]
    return ["def initial(facts, track):", f"    return {_tuple(values) if values else '()'}"]


def _initial_lever(scheme: Scheme, constants: ConstantTable) -> list[str]:
    value = "None" if scheme.lever_initial is None else FunctionWriter(constants).value(scheme.lever_initial.root)
    return ["def initial_lever(facts, track):", f"    return {value}"]


def _step(scheme: Scheme, trigger: Trigger, constants: ConstantTable) -> list[str]:
    lines = [f"def {_function_name(trigger)}(facts, track, own):"]
    function = FunctionWriter(constants)
    for index, rule in enumerate(scheme.rules[trigger]):
        if rule.when is None:
            lines.append(f"    return {_fired(scheme, index, rule, function)}")
            return lines
        condition, otherwise = function.holds(rule.when.root)
        lines.append(f"    if {condition}:")
        lines.append(f"        return {_fired(scheme, index, rule, function)}")
        function.go_on_with(otherwise)
    lines.append("    return None")
    return lines


def _fired(scheme: Scheme, index: int, rule: Rule, function: FunctionWriter) -> str:
    own = [variable for variable in scheme.state if variable.name in rule.then]
    new_lever = rule.then.get(scheme.lever)
    lever = "track.lever" if new_lever is None else function.value(new_lever.root)
    values = "None"
    if own:
        values = _tuple(
            [_next_value(rule, variable.name, place, function) for place, variable in enumerate(scheme.state)]
        )
    reasons = [function.value(expression.root) for expression in rule.because.expressions]
    return _tuple([str(index), lever, values, _tuple(reasons) if reasons else "()"])


def _next_value(rule: Rule, name: str, place: int, function: FunctionWriter) -> str:
    assigned = rule.then.get(name)
    return f"own[{place}]" if assigned is None else _kept_value(function.value(assigned.root), assigned.root)


def _prescribed(scheme: Scheme, constants: ConstantTable) -> list[str]:
    lines = ["def prescribed(facts, track, own, n):"]
    for entry in scheme.prescribe:
        function = FunctionWriter(constants)
        count = function.value(entry.count.root)
        lines.append(f"    if n < {count if is_atom(count) else f'({count})'}:")
        lines.append(f"        return {_prescribed_set(entry, FunctionWriter(constants))}")
        if entry is not scheme.prescribe[-1]:
            lines.append(f"    n -= {FunctionWriter(constants).value(entry.count.root)}")
    lines.append("    return None")
    return lines


def _prescribed_set(entry: PrescribedEntry, function: FunctionWriter) -> str:
    def written(expression: Expression | None) -> str:
        return "None" if expression is None else function.value(expression.root)

    parts = [written(each) for each in (entry.load, entry.reps, entry.rir, entry.seconds)]
    return _tuple([repr(entry.kind), *parts])
