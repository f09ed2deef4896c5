"""The functions of the rule language, each declared once: the one table from which every stage and the proofs read.

To add one, write a `Function`; the proofs want a formula for it too (`service.proofs.formulas`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final, Literal, TypeAlias

from service.engine.ruleset.types import Type

Signature: TypeAlias = Type | Literal["alike", "fact", "list"]
"""A parameter's type; ``alike``: a whole number, number, load or percentage, all of them the same;
``fact``: the name of a fact that may be unknown; ``list``: a table or a fact that is a list."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that rules may call."""

    name: str
    parameters: tuple[tuple[str, Signature], ...]
    result: Type | Literal["alike"]
    formula: str
    phrase: str
    """A call as a sentence names it, with ``{0}``, ``{1}``... for its values; of a variadic one, all are ``{0}``."""
    source: str = ""
    """Where the formula comes from; empty where it is plain arithmetic."""
    compute: Callable[..., Any] | None = None
    """What the interpreter does; None for what is not a function of values alone."""
    python: str = ""
    """The same as a Python expression over ``{0}``, ``{1}``..., each used once; empty for what `FunctionWriter`
    writes itself."""
    helper: str = ""
    """The name under which ``python`` calls ``compute``, where an expression would be long."""
    variadic: bool = False
    """Whether the last parameter may be repeated."""
    phrase_of_more: str = ""
    """The phrase of a variadic one that has more than two values."""
    divisor: int | None = None
    """The place of the parameter that must be certain not to be 0."""
    above_zero: bool = False
    """Whether it always comes to more than 0."""
    of_equipment: str = ""
    """Where the lifter's equipment decides what it comes to, so that it is settled only at a trigger: the name under
    which the values of a trigger have it."""
    columns: tuple[tuple[str, Type], ...] = ()
    """What its list must hold, in the first places of each row."""
    estimates: bool = False
    """Whether it estimates a one-rep max, which means nothing where the load is assistance."""


def _range(low: int, high: int) -> tuple[int, int]:
    return (low, max(high, low))


def _percent_of(percent: Decimal, load: Decimal) -> Decimal:
    return percent * load / 100


def _whole_of(percent: Decimal, load: Decimal) -> Decimal:
    return load * 100 / percent


ESTIMATED_REPS: Final = 12
"""Estimates of a one-rep max count more repetitions as this many: beyond, they say more of endurance than strength."""


def e1rm(load: Decimal, reps: int) -> Decimal:
    """A one-rep max estimated from a set, by Epley's formula; see its entry below."""
    return load * reps if reps <= 1 else load * (30 + min(reps, ESTIMATED_REPS)) / 30


def _lowered(load: Decimal, by: Decimal) -> Decimal:
    return load - by if load < 0 else max(load - by, Decimal(0))


def _brzycki(load: Decimal, reps: int) -> Decimal:
    return load * 36 / (37 - reps)


def _oconner(load: Decimal, reps: int) -> Decimal:
    return load * (40 + reps) / 40


def _lander(load: Decimal, reps: int) -> Decimal:
    return load * 100 / (Decimal("101.3") - Decimal("2.67123") * reps)


def _lombardi(load: Decimal, reps: int) -> Decimal:
    return load * Decimal(reps) ** Decimal("0.1")


def _mayhew(load: Decimal, reps: int) -> Decimal:
    return load * 100 / (Decimal("52.2") + Decimal("41.9") * (Decimal("-0.055") * reps).exp())


def _wathan(load: Decimal, reps: int) -> Decimal:
    return load * 100 / (Decimal("48.8") + Decimal("53.8") * (Decimal("-0.075") * reps).exp())


def _rpe_percent(reps: int, rpe: Decimal) -> Decimal:
    left = 10 - rpe + reps - 1
    if left >= 16:
        return Decimal(50)
    if left <= Decimal("2.92"):
        left = max(left, Decimal(0))
        return Decimal("0.347619") * left * left - Decimal("4.60714") * left + Decimal("99.9667")
    return Decimal("97.0955") - Decimal("2.64249") * left


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


_ESTIMATE: Final = (("load", "load"), ("reps", "int"))
_UP_TO: Final = (
    f"; more than {ESTIMATED_REPS} reps count as {ESTIMATED_REPS}, 1 is the load itself, and 0 prove nothing: 0"
)


_ESTIMATED: Final = "the one-rep max estimated from {0} and {1}"


def _estimate(compute: Callable[[Decimal, int], Decimal], formula: str, source: str) -> Function:
    """One more formula for the one-rep max, for 2 repetitions and more."""
    name = compute.__name__.removeprefix("_")

    def estimated(load: Decimal, reps: int) -> Decimal:
        return load * reps if reps <= 1 else compute(load, min(reps, ESTIMATED_REPS))

    return Function(
        f"e1rm_{name}",
        _ESTIMATE,
        "load",
        f"{formula}{_UP_TO}",
        f"{_ESTIMATED} ({name.capitalize()})",
        source,
        estimated,
        f"{name}({{0}}, {{1}})",
        helper=name,
        estimates=True,
    )


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
        Function(
            "e1rm",
            _ESTIMATE,
            "load",
            f"load * (30 + reps) / 30, the one-rep max estimated from a set{_UP_TO}",
            _ESTIMATED,
            "Epley B. Poundage chart. Boyd Epley Workout. Lincoln, NE: Body Enterprises, 1985.",
            e1rm,
            "e1rm({0}, {1})",
            helper="e1rm",
            estimates=True,
        ),
        _estimate(
            _brzycki,
            "36 * load / (37 - reps)",
            "Brzycki M. Strength testing: predicting a one-rep max from reps-to-fatigue. JOPERD 64(1), 1993, 88-90.",
        ),
        _estimate(
            _oconner,
            "load * (1 + 0.025 * reps)",
            "O'Conner B, Simmons J, O'Shea P. Weight Training Today. St. Paul, MN: West, 1989.",
        ),
        _estimate(
            _lander,
            "100 * load / (101.3 - 2.67123 * reps)",
            "Lander J. Maximums based on reps. NSCA Journal 6(6), 1985, 60-61.",
        ),
        _estimate(
            _lombardi,
            "load * reps to the power of 0.1",
            "Lombardi VP. Beginning Weight Training. Dubuque, IA: W.C. Brown, 1989.",
        ),
        _estimate(
            _mayhew,
            "100 * load / (52.2 + 41.9 * e^(-0.055 * reps))",
            "Mayhew JL et al. Relative muscular endurance performance as a predictor of bench press strength in "
            "college men and women. J. Appl. Sport Sci. Res. 6(4), 1992, 200-206.",
        ),
        _estimate(
            _wathan,
            "100 * load / (48.8 + 53.8 * e^(-0.075 * reps))",
            "Wathan D. Load assignment. In: Essentials of Strength Training and Conditioning. Champaign, IL: Human "
            "Kinetics, 1994, 435-446.",
        ),
        Function(
            "rpe_percent",
            (("reps", "int"), ("rpe", "number")),
            "percent",
            "the share of a one-rep max that so many reps at that RPE are: with x = 10 - rpe + reps - 1, up to 2.92 "
            "0.347619 x^2 - 4.60714 x + 99.9667 (x at least 0), up to 16 97.0955 - 2.64249 x, from 16 on 50",
            "the share of a one-rep max for {0} at an RPE of {1}",
            "OpenPowerlifting's calculator; Liftosaur computes the same.",
            _rpe_percent,
            "rpe_percent({0}, {1})",
            helper="rpe_percent",
            above_zero=True,  # no share is under 50 %
        ),
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
