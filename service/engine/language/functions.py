"""The functions of the rule language, each declared once: the one table from which every stage and the proofs read.

To add one, write a `Function`; the proofs want a formula for it too (`service.proofs.formulas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from service.engine.language.function import Function
from service.engine.language.one_rep_max import ONE_REP_MAX


def _range(low: int, high: int) -> tuple[int, int]:
    return (low, max(high, low))


def _percent_of(percent: Decimal, load: Decimal) -> Decimal:
    return percent * load / 100


def _whole_of(percent: Decimal, load: Decimal) -> Decimal:
    return load * 100 / percent


def _lowered(load: Decimal, by: Decimal) -> Decimal:
    return load - by if load < 0 else max(load - by, Decimal(0))


def _floor(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_FLOOR))


def _in_proportion(load: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return load * part / whole if whole else part


def _next_above(loads: Sequence[tuple[Any, ...]], load: Decimal, most: Decimal) -> Decimal:
    return min((row[0] for row in loads if load < row[0] < most), default=most)


def _load_reached(sets: Sequence[tuple[Any, ...]], reps: int, count: int, otherwise: Decimal) -> Decimal:
    fitting = sorted((row[0] for row in sets if row[1] >= reps), reverse=True)
    return fitting[count - 1] if 1 <= count <= len(fitting) else otherwise


def _remainder(number: int, divisor: int) -> int:
    return number % divisor


FUNCTIONS: Final[dict[str, Function]] = {
    function.name: function
    for function in (
        Function(
            "known",
            (("fact", "fact"),),
            "bool",
            "whether a fact that may be missing is there",
            "{0} is known",
        ),
        Function(
            "min",
            (("a", "alike"), ("b", "alike")),
            "alike",
            "the smallest of two or more; of equals the first",
            "the smaller of {0}",
            compute=min,
            variadic=True,
            phrase_of_more="the smallest of {0}",
        ),
        Function(
            "max",
            (("a", "alike"), ("b", "alike")),
            "alike",
            "the largest of two or more; of equals the first",
            "the larger of {0}",
            compute=max,
            variadic=True,
            phrase_of_more="the largest of {0}",
        ),
        Function(
            "abs",
            (("a", "alike"),),
            "alike",
            "a without its sign",
            "{0} without its sign",
            compute=abs,
            python="abs({0})",
        ),
        Function(
            "range",
            (("low", "int"), ("high", "int")),
            "range",
            "from low to high; just low where high is less",
            "{0} to {1}",
            compute=_range,
        ),
        Function(
            "percent_of",
            (("percent", "percent"), ("load", "load")),
            "load",
            "percent * load / 100",
            "{0} of {1}",
            compute=_percent_of,
            python="{0} * {1} / 100",
        ),
        Function(
            "lowered",
            (("load", "load"), ("by", "load")),
            "load",
            "load - by, but from 0 or more not below 0; what is below 0 already, assistance, goes on down",
            "{0} less {1}, never below 0",
            compute=_lowered,
            python="lowered({0}, {1})",
            helper="lowered",
        ),
        Function(
            "whole_of",
            (("percent", "percent"), ("load", "load")),
            "load",
            "load * 100 / percent: what load is that percentage of, which must be certain not to be 0",
            "the load of which {1} is {0}",
            compute=_whole_of,
            python="{1} * 100 / {0}",
            divisor=0,
        ),
        *ONE_REP_MAX,
        Function(
            "round_load",
            (("load", "load"),),
            "load",
            "the load that the lifter's equipment can make for it, as prescriptions are rounded",
            "{0} as the equipment can make it",
            python="facts.round({0}, track)",
            of_equipment="round",
        ),
        Function(
            "in_proportion",
            (("load", "load"), ("part", "load"), ("whole", "load")),
            "load",
            "load * part / whole, so that it is to load what part is to whole; part itself where whole is 0",
            "{0} in the proportion of {1} to {2}",
            compute=_in_proportion,
            python="in_proportion({0}, {1}, {2})",
            helper="in_proportion",
        ),
        Function(
            "next_loadable",
            (("load", "load"),),
            "load",
            "the next heavier load that the lifter's equipment can make; the load itself where it can make none",
            "the next load that the equipment can make above {0}",
            python="facts.next_loadable({0}, track)",
            of_equipment="next_loadable",
        ),
        Function(
            "next_above",
            (("loads", "list"), ("load", "load"), ("most", "load")),
            "load",
            "the lightest load of a list that is heavier than load, but never more than most",
            "the next of {0} above {1}, {2} at most",
            compute=_next_above,
            python="next_above({0}, {1}, {2})",
            helper="next_above",
            columns=(("load", "load"),),
        ),
        Function(
            "load_reached",
            (("sets", "list"), ("reps", "int"), ("count", "int"), ("otherwise", "load")),
            "load",
            "the heaviest load that so many of the sets reach, each with at least so many repetitions: of those sets "
            "the count-th heaviest; otherwise, where there are fewer",
            "the load of the {2} heaviest of {0} with at least {1}, or {3} where there are fewer",
            compute=_load_reached,
            python="load_reached({0}, {1}, {2}, {3})",
            helper="load_reached",
            columns=(("load", "load"), ("reps", "int")),
        ),
        Function(
            "floor",
            (("number", "number"),),
            "int",
            "the largest whole number that is not above it",
            "{0} rounded down",
            compute=_floor,
            python="floor({0})",
            helper="floor",
        ),
        Function(
            "remainder",
            (("number", "int"), ("divisor", "int")),
            "int",
            "what is left of a whole number after dividing by another, which must be certain not to be 0",
            "what is left of {0} divided by {1}",
            compute=_remainder,
            python="{0} % {1}",
            divisor=1,
        ),
        Function(
            "rows",
            (("list", "list"),),
            "int",
            "how many rows a table or a list has",
            "the number of rows of {0}",
            compute=len,
            above_zero=True,  # no list is empty
        ),
        Function(
            "last",
            (("list", "list"),),
            "row",
            "the last row of a table or a list",
            "the last of {0}",
        ),
    )
}

HELPERS: Final = {function.helper: function.compute for function in FUNCTIONS.values() if function.helper}
"""What generated code calls by these names."""
