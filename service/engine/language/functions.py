"""The functions of the rule language: one table, from which checker, generator, evaluator and reference all read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from service.engine.language.types import Type

Signature: TypeAlias = Type | Literal["alike", "fact"]
"""A parameter's type; ``alike``: a whole number, number, load or percentage, all of them the same;
``fact``: the name of a fact that may be unknown."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that rules may call."""

    name: str
    parameters: tuple[tuple[str, Signature], ...]
    result: Type | Literal["alike"]
    formula: str
    source: str
    """Where the formula comes from; empty where it is plain arithmetic."""
    compute: Callable[..., Any] | None
    """What the tracing evaluator does; None for what is not a function of values."""
    python: str
    """The same as a Python expression over ``{0}``, ``{1}``..., each used once; empty for what the generator
    writes itself."""
    variadic: bool = False
    """Whether the last parameter may be repeated."""


def _range(low: int, high: int) -> tuple[int, int]:
    return (low, max(high, low))


def _percent_of(percent: Decimal, load: Decimal) -> Decimal:
    return percent * load / 100


def _e1rm(load: Decimal, reps: int) -> Decimal:
    return load * (30 + reps) / 30


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function(
            "known",
            (("fact", "fact"),),
            "bool",
            "whether a fact that may be missing is there",
            "",
            None,
            "",
        ),
        Function(
            "min",
            (("a", "alike"), ("b", "alike")),
            "alike",
            "the smallest of two or more; of equals the first",
            "",
            min,
            "",
            variadic=True,
        ),
        Function(
            "max",
            (("a", "alike"), ("b", "alike")),
            "alike",
            "the largest of two or more; of equals the first",
            "",
            max,
            "",
            variadic=True,
        ),
        Function("abs", (("a", "alike"),), "alike", "a without its sign", "", abs, "abs({0})"),
        Function(
            "range",
            (("low", "int"), ("high", "int")),
            "range",
            "from low to high; just low where high is less",
            "",
            _range,
            "",
        ),
        Function(
            "percent_of",
            (("percent", "percent"), ("load", "load")),
            "load",
            "percent * load / 100",
            "",
            _percent_of,
            "{0} * {1} / 100",
        ),
        Function(
            "e1rm",
            (("load", "load"), ("reps", "int")),
            "load",
            "load * (30 + reps) / 30, the one-rep max estimated from a set",
            "Epley B. Poundage chart. Boyd Epley Workout. Lincoln, NE: Body Enterprises, 1985.",
            _e1rm,
            "{0} * (30 + {1}) / 30",
        ),
    )
}
