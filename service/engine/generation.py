"""From a checked scheme to Python functions as fast as hand-written ones.

A scheme is compiled once into one factory function; `bind` calls the factory with the constants of a slot, and gets
the scheme's functions back as closures over them. Everything that is settled by parameters, exercise and unit is
computed once, when it is bound. A fact is read when a rule first needs it and then kept in a local. The source holds
only names from our own tables, validated names of the file behind a prefix, and numbers; it has no builtins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from service.domain.exercises import Exercise
from service.domain.loads import CONTEXT, Unit
from service.engine.evaluation import Constants, settled
from service.engine.expressions import (
    Arithmetic,
    Bound,
    Call,
    Choice,
    Comparison,
    Constant,
    FactName,
    Known,
    LetName,
    LeverName,
    Logic,
    Name,
    Negation,
    Node,
    Not,
    ParameterName,
    StateName,
    ToNumber,
    is_constant,
    text_of,
)
from service.engine.functions import FUNCTIONS
from service.engine.model import BoundScheme, PrescribedEntry, Rule, Scheme, Trigger
from service.engine.parameters import value_of
from service.engine.types import bounded

if TYPE_CHECKING:
    from service.engine.expressions import Expression

_GLOBALS: Mapping[str, Any] = {"__builtins__": {}, "Decimal": Decimal, "abs": abs, "bounded": bounded}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A scheme's generated code: its source, for reading, and the factory that `bind` calls with the constants."""

    source: str
    factory: Callable[..., tuple[Any, ...]]
    constants: tuple[Node, ...]
    triggers: tuple[Trigger, ...]


def compile_scheme(scheme: Scheme) -> Compiled:
    """Generate and compile the functions of a scheme."""
    constants = _ConstantTable()
    triggers = tuple(trigger for trigger, rules in scheme.rules.items() if rules)
    functions = [_initial(scheme, constants), _initial_lever(scheme, constants), _prescribed(scheme, constants)]
    functions += [_step(scheme, trigger, constants) for trigger in triggers]
    answer = ", ".join(["initial", "initial_lever", "prescribed", *map(_function_name, triggers)])
    body = [line and f"    {line}" for function in functions for line in [*_without_idle_locals(function), ""]]
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
        constants[name] = value[unit] if parameter.type == "load" else value
    with localcontext(CONTEXT):
        values = [settled(node, Constants(constants)) for node in scheme.compiled.constants]
    initial, initial_lever, prescribed, *steps = scheme.compiled.factory(*values)
    by_trigger = dict(zip(scheme.compiled.triggers, steps, strict=True))
    return BoundScheme(scheme, unit, constants, initial, initial_lever, by_trigger, prescribed)


class _ConstantTable:
    """The arguments of the factory: every part of the scheme that is settled when it is bound."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._nodes: list[Node] = []

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(self._nodes)

    def name(self, node: Node) -> str:
        key = (node.type, text_of(node))
        if key not in self._names:
            self._names[key] = self._readable(node)
            self._nodes.append(node)
        return self._names[key]

    def _readable(self, node: Node) -> str:
        match node:
            case ParameterName():
                return f"p_{node.name}"
            case Bound(range=ParameterName()):
                return f"p_{text_of(node.range)}__{node.end}"
            case FactName():
                return f"c_{node.fact.path}"
        return f"k{len(self._nodes)}"

    def header(self) -> list[str]:
        comments = [f"# {name} = {text}" for (_, text), name in self._names.items() if name.startswith("k")]
        return [*comments, f"def scheme({', '.join(self._names.values())}):"]


class _Function:
    """Writes the expressions of one function; knows which locals certainly hold their value by now."""

    def __init__(self, constants: _ConstantTable) -> None:
        self._constants = constants
        self._assigned: frozenset[str] = frozenset()
        self._temporaries = 0

    def value(self, node: Node) -> str:  # noqa: PLR0911 - one line a kind of node
        """Python for the value of ``node``."""
        if isinstance(node, Constant) and isinstance(node.value, bool | int):
            return repr(node.value)
        if is_constant(node):
            return self._constants.name(node)
        match node:
            case FactName() | StateName() | LeverName() | LetName():
                return self._name(node)
            case Bound():
                return f"{self._operand(node.range)}[{0 if node.end == 'min' else 1}]"
            case ToNumber():
                return f"Decimal({self.value(node.operand)})"
            case Negation():
                return f"-{self._operand(node.operand)}"
            case Arithmetic():
                return f"{self._operand(node.left)} {node.operator} {self._operand(node.right)}"
            case Choice():
                return self._choice(node)
            case Call():
                return self._call(node)
        code, if_true, if_false = self._condition(node)
        self._assigned = if_true & if_false
        return code

    def holds(self, node: Node) -> tuple[str, frozenset[str]]:
        """Python for a condition after which the function goes on as if it held; and what is assigned if it does not."""
        code, if_true, if_false = self._condition(node)
        self._assigned = if_true
        return code, if_false

    def go_on_with(self, assigned: frozenset[str]) -> None:
        """Write on where just these locals are assigned."""
        self._assigned = assigned

    def _operand(self, node: Node) -> str:
        code = self.value(node)
        return code if _is_atom(code) or _is_bracketed(code) or isinstance(node, Bound) else f"({code})"

    def _name(self, node: Name) -> str:
        match node:
            case FactName():
                local, read = node.fact.name.replace(".", "_"), node.fact.path
            case StateName():
                local, read = f"s_{node.name}", f"own[{node.index}]"
            case LeverName():
                local, read = "lever", "track.lever"
            case LetName():
                local, read = f"l_{node.name}", ""
                if local not in self._assigned:
                    read = self.value(node.value)
            case _:
                return self._constants.name(node)
        return self._kept(local, read)

    def _kept(self, local: str, read: str) -> str:
        if local in self._assigned:
            return local
        self._assigned |= {local}
        return f"({local} := {read})"

    def _temporary(self, code: str) -> tuple[str, str]:
        """The code to write first, and the name under which its value can be had again."""
        if _is_atom(code):
            return code, code
        name = code[1:].partition(" := ")[0]
        if _is_atom(name) and _is_bracketed(code):
            return code, name
        self._temporaries += 1
        name = f"t{self._temporaries}"
        return f"({name} := {code})", name

    def _condition(self, node: Node) -> tuple[str, frozenset[str], frozenset[str]]:
        """Python for a condition, and the locals that are assigned when it comes out true and when false."""
        if is_constant(node) or isinstance(node, FactName | StateName | LetName | Choice):
            code = self.value(node)
            return code, self._assigned, self._assigned
        match node:
            case Not():
                code, if_true, if_false = self._condition(node.operand)
                return f"not ({code})", if_false, if_true
            case Logic():
                return self._logic(node)
            case Known():
                code = f"{self._name(node.fact)} is not None"
            case Comparison():
                code = f"{self._operand(node.left)} {node.operator} {self._operand(node.right)}"
            case _:
                raise TypeError(f"{text_of(node)} is no condition")
        return code, self._assigned, self._assigned

    def _logic(self, node: Logic) -> tuple[str, frozenset[str], frozenset[str]]:
        is_and = node.operator == "and"
        codes = []
        short: list[frozenset[str]] = []
        for operand in node.operands:
            code, if_true, if_false = self._condition(operand)
            codes.append(f"({code})" if isinstance(operand, Logic | Choice) else code)
            self._assigned, leaving = (if_true, if_false) if is_and else (if_false, if_true)
            short.append(leaving)
        left_early = frozenset.intersection(*short)
        return (
            f" {node.operator} ".join(codes),
            self._assigned if is_and else left_early,
            left_early if is_and else self._assigned,
        )

    def _choice(self, node: Choice) -> str:
        condition, if_true, if_false = self._condition(node.condition)
        self._assigned = if_true
        chosen = self._operand(node.chosen)
        after_chosen = self._assigned
        self._assigned = if_false
        other = self._operand(node.other)
        self._assigned &= after_chosen
        return f"{chosen} if {condition} else {other}"

    def _call(self, node: Call) -> str:
        if node.function in ("min", "max"):
            return self._extreme(node, "<=" if node.function == "min" else ">=")
        if node.function == "range":
            return self._range(node)
        return FUNCTIONS[node.function].python.format(*map(self._operand, node.arguments))

    def _extreme(self, node: Call, operator: str) -> str:
        code = self.value(node.arguments[0])
        for argument in node.arguments[1:]:
            first, first_again = self._temporary(code)
            second, second_again = self._temporary(self.value(argument))
            code = f"({first_again} if {first} {operator} {second} else {second_again})"
        return code

    def _range(self, node: Call) -> str:
        if node.arguments[0] == node.arguments[1]:
            only, only_again = self._temporary(self.value(node.arguments[0]))
            return f"({only}, {only_again})"
        low, low_again = self._temporary(self.value(node.arguments[0]))
        high, high_again = self._temporary(self.value(node.arguments[1]))
        return f"(({low_again}, {high_again}) if {low} <= {high} else ({low_again}, {low_again}))"


def _is_atom(code: str) -> bool:
    return code.isidentifier() or code.isdigit()


def _is_bracketed(code: str) -> bool:
    """Whether one pair of brackets encloses all of ``code``."""
    open_brackets = 0
    for place, character in enumerate(code):
        open_brackets += (character == "(") - (character == ")")
        if open_brackets == 0:
            return place > 0 and place == len(code) - 1
    return False


def _without_idle_locals(lines: list[str]) -> list[str]:
    """The lines of a function, values that are used only once written where they are used."""
    body = "\n".join(lines)

    def used_once(match: re.Match[str]) -> str:
        once = len(re.findall(rf"(?<![\w.]){match[1]}\b", body)) == 1
        return match[2] if once else match[0]

    return re.sub(r"\((\w+) := ([\w.\[\]]+)\)", used_once, body).split("\n")


def _function_name(trigger: Trigger) -> str:
    return trigger.replace(" ", "_")


def _tuple(codes: list[str]) -> str:
    return f"({codes[0]},)" if len(codes) == 1 else f"({', '.join(codes)})"


def _kept_value(code: str, node: Node) -> str:
    """Code of a value about to be kept: whole numbers that were computed are held within bounds."""
    computed = not isinstance(node, Constant | ParameterName | FactName | StateName)
    return f"bounded({code})" if node.type in ("int", "range") and computed else code


def _initial(scheme: Scheme, constants: _ConstantTable) -> list[str]:
    function = _Function(constants)
    values = [_kept_value(function.value(each.initial.root), each.initial.root) for each in scheme.state]
    return ["def initial(facts, track):", f"    return {_tuple(values) if values else '()'}"]


def _initial_lever(scheme: Scheme, constants: _ConstantTable) -> list[str]:
    value = "None" if scheme.lever_initial is None else _Function(constants).value(scheme.lever_initial.root)
    return ["def initial_lever(facts, track):", f"    return {value}"]


def _step(scheme: Scheme, trigger: Trigger, constants: _ConstantTable) -> list[str]:
    lines = [f"def {_function_name(trigger)}(facts, track, own):"]
    function = _Function(constants)
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


def _fired(scheme: Scheme, index: int, rule: Rule, function: _Function) -> str:
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


def _next_value(rule: Rule, name: str, place: int, function: _Function) -> str:
    assigned = rule.then.get(name)
    return f"own[{place}]" if assigned is None else _kept_value(function.value(assigned.root), assigned.root)


def _prescribed(scheme: Scheme, constants: _ConstantTable) -> list[str]:
    lines = ["def prescribed(facts, track, own, n):"]
    for entry in scheme.prescribe:
        function = _Function(constants)
        count = function.value(entry.count.root)
        lines.append(f"    if n < {count if _is_atom(count) else f'({count})'}:")
        lines.append(f"        return {_prescribed_set(entry, _Function(constants))}")
        if entry is not scheme.prescribe[-1]:
            lines.append(f"    n -= {_Function(constants).value(entry.count.root)}")
    lines.append("    return None")
    return lines


def _prescribed_set(entry: PrescribedEntry, function: _Function) -> str:
    def written(expression: Expression | None) -> str:
        return "None" if expression is None else function.value(expression.root)

    parts = [written(each) for each in (entry.load, entry.reps, entry.rir, entry.seconds)]
    return _tuple([repr(entry.kind), *parts])
