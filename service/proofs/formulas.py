"""The functions of the rule language as formulas of the solver: the same arithmetic as they compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import reduce
from typing import Any, Final

import z3

from service.domain.loads import CONTEXT
from service.engine.language.functions import FUNCTIONS
from service.engine.language.one_rep_max import ESTIMATED_REPS


def as_real(value: Any) -> Any:
    """A number as a Real."""
    return z3.ToReal(value) if value.is_int() else value


def _smaller(one: Any, other: Any) -> Any:
    return z3.If(one <= other, one, other)


def _larger(one: Any, other: Any) -> Any:
    return z3.If(one >= other, one, other)


def smallest(*values: Any) -> Any:
    """The smallest of the values."""
    return reduce(_smaller, values)


def largest(*values: Any) -> Any:
    """The largest of the values."""
    return reduce(_larger, values)


def _next_above(loads: Sequence[tuple[Any, ...]], load: Any, most: Any) -> Any:
    """Of a list there is, row by row, whether the list reaches so far and what the function reads."""
    least = most
    for active, each in loads:
        least = z3.If(z3.And(active, each > load, each < least), each, least)
    return least


def _load_reached(sets: Sequence[tuple[Any, ...]], reps: Any, count: Any, otherwise: Any) -> Any:
    """The count-th heaviest is the heaviest that so many of the sets reach."""
    rows = [(z3.And(active, done >= reps), load) for active, load, done in sets]
    found, heaviest = z3.BoolVal(val=False), otherwise
    for counts, load in rows:
        reached = z3.Sum([z3.If(z3.And(also, other >= load), 1, 0) for also, other in rows])
        fits = z3.And(counts, count >= 1, reached >= count)
        heaviest = z3.If(z3.And(fits, z3.Or(z3.Not(found), load > heaviest)), load, heaviest)
        found = z3.Or(found, fits)
    return heaviest


def _remainder(number: Any, divisor: Any) -> Any:
    """As Python's, whose sign is the divisor's."""
    return z3.If(divisor > 0, number % divisor, -((-number) % (-divisor)))


def _rpe_percent(reps: Any, rpe: Any) -> Any:
    left = 10 - rpe + as_real(reps) - 1
    within = largest(left, z3.RealVal(0))
    steep = z3.RealVal("0.347619") * within * within - z3.RealVal("4.60714") * within + z3.RealVal("99.9667")
    flat = z3.RealVal("97.0955") - z3.RealVal("2.64249") * left
    return z3.If(left >= 16, z3.RealVal(50), z3.If(left <= z3.RealVal("2.92"), steep, flat))


def _estimate(name: str) -> Callable[[Any, Any], Any]:
    """A one-rep max is the load times a number for each count of repetitions; no count is under 0."""
    compute = FUNCTIONS[name].compute
    assert compute is not None  # noqa: S101 - each estimate is a function of values
    with localcontext(CONTEXT):
        factors = [z3.RealVal(str(compute(Decimal(1), reps))) for reps in range(ESTIMATED_REPS + 1)]

    def formula(load: Any, reps: Any) -> Any:
        factor = factors[-1]
        for count in reversed(range(ESTIMATED_REPS)):
            factor = z3.If(reps <= count, factors[count], factor)
        return load * factor

    return formula


def _epley(load: Any, reps: Any) -> Any:
    """The estimate that needs no table of factors, which are rounded."""
    counted = smallest(as_real(reps), z3.RealVal(ESTIMATED_REPS))
    return z3.If(reps <= 1, load * as_real(reps), load * (30 + counted) / 30)


FORMULAS: Final[dict[str, Callable[..., Any]]] = {
    "min": smallest,
    "max": largest,
    "abs": lambda value: z3.If(value >= 0, value, -value),
    "range": lambda low, high: (low, _larger(low, high)),
    "percent_of": lambda percent, load: percent * load / 100,
    "e1rm": _epley,
    "rpe_percent": _rpe_percent,
    "floor": z3.ToInt,
    "remainder": _remainder,
    "whole_of": lambda percent, load: load * 100 / percent,
    "lowered": lambda load, by: z3.If(load < 0, load - by, largest(load - by, z3.RealVal(0))),
    "round_load": lambda load: load,
    "in_proportion": lambda load, part, whole: z3.If(whole == 0, part, load * part / whole),
    "next_loadable": lambda load: load,
    "next_above": _next_above,
    "load_reached": _load_reached,
    **{name: _estimate(name) for name, each in FUNCTIONS.items() if each.estimates and name != "e1rm"},
}
"""By name: of every function of values, as a test sees to. Rounding to plates is disregarded."""
