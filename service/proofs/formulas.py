"""The functions of the rule language as formulas of the solver; the same arithmetic as in `functions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import z3


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


FORMULAS: Final[dict[str, Callable[..., Any]]] = {
    "min": smallest,
    "max": largest,
    "abs": lambda value: z3.If(value >= 0, value, -value),
    "range": lambda low, high: (low, _larger(low, high)),
    "percent_of": lambda percent, load: percent * load / 100,
    "e1rm": lambda load, reps: load * (30 + reps) / 30,
}
"""By name. A function that is not here stands for any value of its type, the same for the same arguments: that proves
less, never too much."""
