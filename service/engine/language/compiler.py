"""From a checked scheme to Python functions as fast as hand-written ones.

A scheme is compiled once into one factory function; `bind` calls the factory with the constants of a slot, and gets
the scheme's functions back as closures over them. Everything that is settled by parameters, exercise and unit is
computed once, when it is bound. A fact is read when a rule first needs it and then kept in a local. The source holds
only names from our own tables, validated names of the file behind a prefix, and numbers; it has no builtins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Any

from service.domain.exercises import Exercise
from service.domain.limits import MOST_SETS
from service.domain.loads import CONTEXT, Unit, convert
from service.engine.language.code_writer import ConstantTable, FunctionWriter, is_atom, without_idle_locals
from service.engine.language.functions import HELPERS
from service.engine.language.interpreter import Constants, row_at, settled
from service.engine.language.tree_queries import walk
from service.engine.ruleset.bound_scheme import BoundScheme
from service.engine.ruleset.compiled import Compiled
from service.engine.ruleset.parameters import in_unit, value_of
from service.engine.ruleset.scheme import PrescribedEntry, Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Constant, Expression, FactName, Node, ParameterName, StateName
from service.engine.ruleset.types import bounded

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
    "most_sets": MOST_SETS,
    "row_at": row_at,
    "sum": sum,
    "zero": Decimal(0),
    **HELPERS,
}


def compile_scheme(scheme: Scheme) -> Compiled:
    """Generate and compile the functions of a scheme."""
    constants = ConstantTable()
    triggers = tuple(trigger for trigger, rules in scheme.rules.items() if rules)
    functions = [
        _initial(scheme, constants),
        _initial_lever(scheme, constants),
        _first_set(scheme, constants),
        _prescribed(scheme, constants),
        _prescribed_from(scheme),
        _adjusts(scheme, constants),
        *(_step(scheme, trigger, constants) for trigger in triggers),
    ]
    named = ("initial", "initial_lever", "first_set", "prescribed", "prescribed_from", "adjusts")
    answer = ", ".join([*named, *map(_function_name, triggers)])
    body = [line and f"    {line}" for function in functions for line in [*without_idle_locals(function), ""]]
    source = "\n".join([*constants.header(), *body, f"    return {answer}", ""])
    namespace = dict(_GLOBALS)
    exec(compile(source, f"<generated from {scheme.file}>", "exec"), namespace)  # noqa: S102 - our own words only
    return Compiled(source, namespace["scheme"], constants.nodes, triggers, facts_read(scheme))


def facts_read(scheme: Scheme) -> frozenset[str]:
    """The names of the facts that any expression of a scheme reads."""
    return frozenset(
        node.fact.name
        for expression in expressions_of(scheme)
        for node in walk(expression.root)
        if isinstance(node, FactName)
    )


def expressions_of(scheme: Scheme) -> Iterator[Expression]:
    """Every expression of a scheme's rules, of what it prescribes and of what it starts from."""
    yield from scheme.lever_initial
    yield from (variable.initial for variable in scheme.state)
    optional: list[Expression | None] = [scheme.first_set]
    if scheme.adjust is not None:
        yield from (scheme.adjust.when, scheme.adjust.load, scheme.adjust.sets)
    yield from _of_prescribed(scheme)
    for rules in scheme.rules.values():
        for rule in rules:
            optional += [rule.when, *rule.then.values(), *rule.because.expressions]
    yield from (expression for expression in optional if expression is not None)


def _of_prescribed(scheme: Scheme) -> Iterator[Expression]:
    """Every expression of what a scheme prescribes."""
    for entry in scheme.prescribe:
        yield from entry.expressions
        if entry.over is not None and entry.over.condition is not None:
            yield Expression("", entry.over.condition)


def bind(
    scheme: Scheme, params: Mapping[str, Any], exercise: Exercise, unit: Unit, loaded_in: Unit | None = None
) -> BoundScheme:
    """Make a scheme ready for a slot: ``params`` replace defaults, loads and steps are in ``unit``.

    Where the exercise is loaded in another, ``loaded_in``, they are what they are for that unit's lifters.

    Raises ValueError, with a sentence, for a parameter value that the scheme does not take.
    """
    if scheme.compiled is None:
        raise ValueError(f"scheme {scheme.id} was never compiled")
    of = loaded_in or unit
    increase = exercise.increase and exercise.increase.get(of)
    constants: dict[str, Any] = {
        "exercise.reps": exercise.reps,
        "exercise.increase": increase and convert(increase, of, unit),
        "exercise.added_load": exercise.load == "added",
        "exercise.one_sided": exercise.one_sided,
        "exercise.progresses": exercise.progresses,
    }
    for name, parameter in scheme.parameters.items():
        value = value_of(parameter, params[name]) if name in params else parameter.default
        constants[name] = in_unit(parameter, value, unit, of)
    with localcontext(CONTEXT):
        values = [settled(node, Constants(constants)) for node in scheme.compiled.constants]
    initial, initial_lever, first_set, prescribed, prescribed_from, adjusts, *steps = scheme.compiled.factory(*values)
    by_trigger = dict(zip(scheme.compiled.triggers, steps, strict=True))
    functions = (initial, initial_lever, by_trigger, prescribed, prescribed_from, first_set, adjusts)
    return BoundScheme(scheme, unit, of, constants, *functions)


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
    """The first that is known. One that stands alone may itself come out unknown."""
    lines = ["def initial_lever(facts, track):"]
    if len(scheme.lever_initial) == 1:
        return [*lines, f"    return {FunctionWriter(constants).value(scheme.lever_initial[0].root)}"]
    for alternative in scheme.lever_initial:
        function = FunctionWriter(constants)
        optional = {
            node.fact.name: node for node in walk(alternative.root) if isinstance(node, FactName) and node.fact.optional
        }
        known = [f"{function.value(node)} is not None" for node in optional.values()]
        lines.append(f"    if {' and '.join(known) or 'True'}:")
        lines.append(f"        return {function.value(alternative.root)}")
    return [*lines, "    return None"]


def _first_set(scheme: Scheme, constants: ConstantTable) -> list[str]:
    value = "facts.set_load" if scheme.first_set is None else FunctionWriter(constants).value(scheme.first_set.root)
    return ["def first_set(facts, track):", f"    return {value}"]


def _adjusts(scheme: Scheme, constants: ConstantTable) -> list[str]:
    lines = ["def adjusts(facts, track, own):"]
    if scheme.adjust is not None:
        function = FunctionWriter(constants)
        condition, otherwise = function.holds(scheme.adjust.when.root)
        lines.append(f"    if {condition}:")
        lines.append(
            f"        return {_tuple([function.value(each.root) for each in (scheme.adjust.load, scheme.adjust.sets)])}"
        )
        function.go_on_with(otherwise)
    return [*lines, "    return None"]


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
    lines = ["def prescribed(facts, track, own):", "    sets = []"]
    for place, entry in enumerate(scheme.prescribe):
        lines += _prescribed_line(entry, place if entry.notes else None, constants)
    return [*lines, "    return sets[:most_sets]"]


def _prescribed_line(entry: PrescribedEntry, noted: int | None, constants: ConstantTable) -> list[str]:
    """Append the line's sets, which are all alike in each of its rows; ``noted`` is its place, if it has notes."""
    function = FunctionWriter(constants)
    head, indent = [], "    "
    conditions = []
    remembered: list[str] = []
    if entry.over is not None:
        remembered = function.remember_lets()
        rows = function.rows(entry.over.rows)
        may_be_unknown = isinstance(entry.over.rows, FactName) and entry.over.rows.fact.optional
        head.append(f"{indent}for r_{entry.over.variable} in {f'{rows} or ()' if may_be_unknown else rows}:")
        indent += "    "
        if entry.over.condition is not None:
            conditions.append(entry.over.condition)
    if entry.when is not None:
        conditions.append(entry.when.root)
    for condition in conditions:
        head.append(f"{indent}if {function.holds(condition)[0]}:")
        indent += "    "
    count = function.value(entry.count.root)
    counts = [(count, False)]
    if entry.count.type == "range":
        head.append(f"{indent}if (count := {count})[1] > 0:")
        indent = f"{indent}    "
        counts = [("min(count[0], most_sets)", False), ("min(count[1] - max(count[0], 0), most_sets)", True)]
    elif not count.isdigit():
        head.append(f"{indent}if (count := {count}) > 0:")
        indent, counts = f"{indent}    ", [("min(count, most_sets)", False)]
    lines = [
        f"{indent}sets += [{_prescribed_set(entry, noted, function, optional=optional)}] * {many}"
        for many, optional in counts
    ]
    return [*(f"    {local} = None" for local in dict.fromkeys(remembered)), *head, *lines]


def _prescribed_from(scheme: Scheme) -> list[str]:
    """What sets are prescribed from beside the lever, the scheme's own state and what the lifter usually does."""
    paths = {
        node.fact.path: None
        for expression in _of_prescribed(scheme)
        for node in walk(expression.root)
        if isinstance(node, FactName) and "." in node.fact.path
    }
    read = [path for path in paths if path != "track.lever" and not path.startswith("track.habit.")]
    if not read:
        return ["prescribed_from = None"]
    return ["def prescribed_from(facts, track):", f"    return {_tuple(read)}"]


def _prescribed_set(entry: PrescribedEntry, noted: int | None, function: FunctionWriter, *, optional: bool) -> str:
    def written(expression: Expression | None) -> str:
        return "None" if expression is None else function.value(expression.root)

    kind = written(entry.kind)
    if entry.amrap is not None:
        kind = f"('amrap' if {written(entry.amrap)} else {kind})"
    parts = [kind, written(entry.load), written(entry.reps), _reserve(entry, function), written(entry.seconds)]
    more = [written(entry.total), written(entry.rest_s), repr(optional), repr(noted)]
    while more and more[-1] in ("None", "False"):  # few say any of these: the shorter tuple is made faster
        more.pop()
    return _tuple([*parts, *more])


def _reserve(entry: PrescribedEntry, function: FunctionWriter) -> str:
    """The reserve as a pair, or None where a line says none or it comes out unknown."""
    if entry.rir is None:
        return "None"
    least = function.value(entry.rir.root)
    if entry.rir_to is not None:
        return f"({least}, {function.value(entry.rir_to.root)})"
    if entry.rir.type == "range":
        return least
    if is_atom(least):
        return f"(({least}, {least}) if {least} is not None else None)"
    return f"((rir, rir) if (rir := {least}) is not None else None)"
