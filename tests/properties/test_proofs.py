"""A formula of the solver and the evaluator say the same of every expression; what is assumed of facts is so."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import z3
from hypothesis import given
from hypothesis import strategies as st

from service.engine.language.checking import Checker
from service.engine.language.evaluation import Constants, evaluate
from service.engine.language.expressions import name_of, names
from service.engine.model import Trigger
from service.proofs.translation import Translation, constant
from service.proofs.world import World
from tests.properties.test_expressions import TEXTS, scheme_of, source
from tests.properties.test_expressions import names as declared_names

EXACT = Context(prec=300)
LOADS = st.integers(-40, 40).map(lambda times: Decimal(270 * times))
"""Multiples of 30 * 30 * 30 hundredths: three estimates of one-rep maxes within each other come out even."""
FINITE = st.sampled_from([1, 2, 4, 5, 8, 10])
"""What divides every decimal evenly."""
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(0, 30),
    "number": st.sampled_from([Decimal("0.5"), Decimal(2), Decimal("1.25")]),
    "percent": st.integers(0, 60).map(Decimal),
    "range": st.tuples(st.integers(0, 15), st.integers(0, 15)).map(lambda ends: (min(ends), max(ends))),
    "bool": st.booleans(),
    "load": LOADS,
}
DIVISORS = {"step": FINITE.map(Decimal), "tries": FINITE | st.just(0), "count": FINITE}


def in_solver(value: Any) -> Any:
    return tuple(map(constant, value)) if isinstance(value, tuple) else constant(value)


def of_solver(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(of_solver, value))
    value = z3.simplify(value)
    if z3.is_bool(value):
        assert z3.is_true(value) or z3.is_false(value), value
        return z3.is_true(value)
    number = value.as_fraction() if z3.is_rational_value(value) else value.as_long()
    return Fraction(number)


def exactly(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(exactly, value))
    return value if isinstance(value, bool) else Fraction(value)


def given_values(world: World, case: dict[str, Any]) -> list[tuple[Any, Any]]:
    pairs = []
    for name, unknown in world.unknowns().items():
        if name.startswith("known("):
            pairs.append((unknown, constant(case[name[6:-1]] is not None)))
        elif case[name] is not None:
            value = in_solver(case[name])
            pairs += zip(unknown, value, strict=True) if isinstance(unknown, tuple) else [(unknown, value)]
    return pairs


@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_a_formula_comes_to_what_the_evaluator_says(type_: Any, data: st.DataObject) -> None:
    expression = Checker(declared_names(), Trigger.AFTER_SET).expression(source(data.draw(TEXTS[type_])), type_)
    case = {
        name_of(name): data.draw(DIVISORS.get(name_of(name), VALUES[name.type]))
        for name in names(expression.root)
        if name_of(name) not in ("usual", "estimate", "at_hand", "gap")
    }
    for name in ("set.rir", "baseline.load", "exercise.increase"):
        if name in case and data.draw(st.booleans()):
            case[name] = None
    world = World(scheme_of([], {}, "load"), negative=True)
    formula = Translation(world).value(expression.root)
    parts = formula if isinstance(formula, tuple) else (formula,)
    said = tuple(of_solver(z3.substitute(part, *given_values(world, case))) for part in parts)
    with localcontext(EXACT):
        value = exactly(evaluate(expression.root, Constants(case)))
    assert (value if isinstance(value, tuple) else (value,)) == said
