"""The solver's answers: a case in which conditions hold, the plainest that can be had, and what is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

import z3

from service.domain.loads import CONTEXT, Unit
from service.engine.language.evaluation import Constants, evaluate
from service.engine.language.types import in_words
from service.engine.model import Rule, Scheme
from service.proofs.translation import constant
from service.proofs.world import World

MILLISECONDS: Final = 10_000
"""For one question; a question that takes longer is undecided, and a proof with one is no proof."""

_UNIT: Final[Unit] = "lb"


class Undecided(Exception):
    """The solver could not tell."""


def find(world: World, conditions: Sequence[Any], *, plain: bool = True) -> Mapping[str, Any] | None:
    """A case in which all conditions hold; None when there is none. Raises `Undecided`."""
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    solver.add(*world.assumptions, *conditions)
    answer = solver.check()
    if answer == z3.unsat:
        return None
    if answer != z3.sat:
        raise Undecided
    model = solver.model()
    if plain:
        solver.set("timeout", MILLISECONDS // 20)
        for wish in _wishes(world):
            solver.push()
            solver.add(wish)
            if solver.check() == z3.sat:
                model = solver.model()
            else:
                solver.pop()
    return world.case(model)


def _wishes(world: World) -> Iterator[Any]:
    """What makes a case easy to read: defaults, round loads, small numbers."""
    for name, parameter in world.scheme.parameters.items():
        if name in world.types:
            default = parameter.default[_UNIT] if parameter.type == "load" else parameter.default
            yield _equal(world.unknowns()[name], default)
    for name, value in world.unknowns().items():
        if name in world.scheme.parameters:
            continue
        match world.types.get(name):
            case None:
                yield z3.Not(value)
            case "bool":
                yield z3.Not(value)
            case "load":
                if world.scheme.lever in world.types:
                    yield value == world.lever()
                yield from (value == load for load in (100, 50, 5, 0))
                yield value == z3.ToReal(z3.ToInt(value))
            case "range":
                yield _equal(value, (4, 6))
            case _:
                yield from (value == amount for amount in (0, 1, 2, 5))
                yield value <= 30


def _equal(value: Any, wanted: Any) -> Any:
    if isinstance(value, tuple):
        return z3.And(*(end == want for end, want in zip(value, wanted, strict=True)))
    return value == constant(wanted)


def fires(rules: Sequence[Rule], place: int, case: Mapping[str, Any]) -> bool:
    """Whether the evaluator, too, has this rule fire in a case, and none above it."""
    where = Constants(case)
    with localcontext(CONTEXT):
        held = [rule.when is None or evaluate(rule.when.root, where) for rule in rules[: place + 1]]
    return held == [False] * place + [True]


def told(scheme: Scheme, world: World, case: Mapping[str, Any]) -> str:
    """A case in a coach's words: the parameters, what is remembered, what is performed and known."""
    parts = [f"{name} = {in_words(_as_shown(case[name]), type_, _UNIT)}" for name, type_ in world.types.items()]
    settings = [part for part, name in zip(parts, world.types, strict=True) if name in scheme.parameters]
    moment = [part for part, name in zip(parts, world.types, strict=True) if name not in scheme.parameters]
    with_ = f"with the parameters {', '.join(settings)}" if settings else "with any parameters"
    return f"{with_}; {', '.join(moment)}" if moment else with_


def _as_shown(value: Any) -> Any:
    return Decimal(value) if isinstance(value, Decimal) else value
