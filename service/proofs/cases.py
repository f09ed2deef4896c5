"""The solver's answers: a case in which conditions hold, the plainest that can be had, and what is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import localcontext
from typing import Any, Final

import z3

from service.domain.loads import CONTEXT, Unit
from service.engine.language.interpreter import Constants, evaluate
from service.engine.ruleset.scheme import Rule
from service.engine.ruleset.typed_tree import Expression
from service.engine.ruleset.types import in_words
from service.proofs.solver_values import as_it_is, code, constant
from service.proofs.world import World

STEPS: Final = 200_000_000
"""Of the solver, for one question: ten times what the dearest of the library takes. Steps are counted, not seconds, so
that a busy machine comes to the same answer. A question that takes more is undecided, and that is no proof."""

_WISH: Final = 2_000_000
_MOST_WISHES: Final = 150


class Undecided(Exception):
    """The solver could not tell: a signal that `service.proofs.claims` turns into a finding."""


def find(world: World, conditions: Sequence[Any], *, plain: bool = True) -> Mapping[str, Any] | None:
    """A case in which all conditions hold; None when there is none. Raises `Undecided`."""
    model = model_of([*world.assumptions, *conditions], wishes(world) if plain else ())
    return None if model is None else world.case(model)


def model_of(conditions: Sequence[Any], wanted: Iterable[Any] = (), steps: int = STEPS) -> Any | None:
    """A model of all conditions, and of the wishes that it can fulfil, one after the other; None when there is none.

    Raises `Undecided`.
    """
    solver = z3.Solver()
    solver.set("rlimit", steps)
    solver.add(*conditions)
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise Undecided
    model = solver.model()
    solver.set("rlimit", _WISH)
    for _, wish in zip(range(_MOST_WISHES), wanted, strict=False):
        solver.push()
        solver.add(wish)
        if solver.check() == z3.sat:
            model = solver.model()
        else:
            solver.pop()
    return model


def wishes(world: World) -> Iterator[Any]:
    """What makes a case easy to read: defaults, few sets, round and like loads, small numbers."""
    unknowns = world.unknowns()
    for name, parameter in world.scheme.parameters.items():
        if name in world.types:
            unit = world.setting.unit
            yield equal(unknowns[name], parameter.default[unit] if parameter.type == "load" else parameter.default)
    for name, value in unknowns.items():
        if name not in world.scheme.parameters:
            yield from _plain(world, name, value)


def _plain(world: World, name: str, value: Any) -> Iterator[Any]:
    match world.types.get(name):
        case None if z3.is_bool(value):
            yield z3.Not(value)
        case "bool":
            yield z3.Not(value)
        case "load":
            if world.scheme.lever in world.types:
                yield value == world.lever()
            yield from (value == load for load in (100, 50, 5, 0))
            yield value == z3.ToReal(z3.ToInt(value))
        case "range":
            yield equal(value, (4, 6))
        case "word":
            yield value == code("work")
        case _:
            yield from (value == amount for amount in (0, 1, 2, 5))
            yield value <= 30


def equal(value: Any, wanted: Any) -> Any:
    """That an unknown is a value of the engine."""
    if isinstance(value, tuple):
        return z3.And(*(end == want for end, want in zip(value, wanted, strict=True)))
    return value == constant(wanted)


def fires(rules: Sequence[Rule], place: int, case: Mapping[str, Any]) -> bool:
    """Whether the evaluator, too, has this rule fire in a case, and none above it."""
    held = [rule.when is None or value_in(rule.when, case) for rule in rules[: place + 1]]
    return held == [False] * place + [True]


def value_in(expression: Expression, case: Mapping[str, Any]) -> Any:
    """What the evaluator makes of an expression in a case; loads are taken as they are, not as plates allow."""
    with localcontext(CONTEXT):
        return evaluate(expression.root, Constants(case, round=as_it_is))


def value_in_words(expression: Expression, case: Mapping[str, Any], unit: Unit) -> str:
    """The same in words."""
    return in_words(value_in(expression, case), expression.type, unit)


def told(world: World, case: Mapping[str, Any]) -> str:
    """A case in a coach's words: the parameters, what is remembered, what is performed and known."""
    scheme, setting = world.scheme, world.setting
    sets = [name for name, value in case.items() if isinstance(value, list)]
    names = [name for name in world.types if not any(name.startswith(f"{each}[") for each in sets)]
    parts = {name: f"{name} = {in_words(case[name], world.types[name], setting.unit)}" for name in names}
    settings = [parts[name] for name in scheme.parameters if name in parts]
    moment = [part for name, part in parts.items() if name not in scheme.parameters]
    moment += [f"{name} = {_listed(world, case, name)}" for name in sets]
    given = f"with the parameters {', '.join(settings)}" if settings else "with any parameters"
    rows = f" and the rows of {setting.where}" if setting.where else ""
    return f"{given}{rows}; {', '.join(moment)}" if moment else f"{given}{rows}"


def _listed(world: World, case: Mapping[str, Any], name: str) -> str:
    """The sets of a list, of each what was read: ``(load 100 lb, reps 5)``."""
    rows = []
    for number in range(1, len(case[name]) + 1):
        start = f"{name}[{number}]."
        cells = [each for each in world.types if each.startswith(start)]
        values = [
            f"{cell.removeprefix(start)} {in_words(case[cell], world.types[cell], world.setting.unit)}"
            for cell in cells
        ]
        rows.append(f"({', '.join(values)})" if values else "a set")
    return ", ".join(rows)
