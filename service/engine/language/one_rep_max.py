"""The functions of the rule language that estimate a one-rep max, and what share of it a set is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from service.engine.language.function import Function

ESTIMATED_REPS: Final = 12
"""Estimates of a one-rep max count more repetitions as this many: beyond, they say more of endurance than strength."""


def e1rm(load: Decimal, reps: int) -> Decimal:
    """A one-rep max estimated from a set, by Epley's formula; see its entry below."""
    return load * reps if reps <= 1 else load * (30 + min(reps, ESTIMATED_REPS)) / 30


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


ONE_REP_MAX: Final = (
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
)
