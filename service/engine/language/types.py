"""The types of the rule language: what their values are and how they are shown.

At run time a ``bool`` is a bool, an ``int`` an int, ``number``, ``load`` and ``percent`` are Decimals (a load in the
working unit) and a ``range`` is a pair of ints.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Literal, TypeAlias

from service.domain.loads import Unit, canonical

Type: TypeAlias = Literal["bool", "int", "number", "load", "percent", "range"]

DESCRIPTIONS: dict[Type, str] = {
    "bool": "a condition",
    "int": "a whole number",
    "number": "a number",
    "load": "a load",
    "percent": "a percentage",
    "range": "a range",
}

MAXIMUM_INT = 1_000_000
"""No whole number in a rule or its state goes beyond this, either way."""

_PROSE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def bounded(value: Any) -> Any:
    """A whole number or range about to be kept as state; OverflowError when it grew beyond any training sense."""
    for number in value if isinstance(value, tuple) else (value,):
        if not -MAXIMUM_INT <= number <= MAXIMUM_INT:
            raise OverflowError(f"a rule made a whole number beyond {MAXIMUM_INT:,}")
    return value


def in_words(value: Any, type_: str, unit: Unit) -> str:
    """Write a value for a person: ``235 lb``, ``4-6``, ``10 %``; decimals to two places at most."""
    if value is None:
        return "unknown"
    if type_ == "bool":
        return "yes" if value else "no"
    if type_ == "range":
        return str(value[0]) if value[0] == value[1] else f"{value[0]}-{value[1]}"
    if isinstance(value, Decimal):
        shown = canonical(value.quantize(Decimal("0.01"), context=_PROSE))
        return f"{shown} {unit}" if type_ == "load" else f"{shown} %" if type_ == "percent" else shown
    return str(value)


def in_json(value: Any, type_: str, unit: Unit) -> Any:
    """Write a value for a derivation: exact decimals as strings, loads with their unit; None for an unknown fact."""
    if isinstance(value, Decimal):
        exact = canonical(value)
        return {"value": exact, "unit": unit} if type_ == "load" else exact
    if isinstance(value, tuple):
        return {"min": value[0], "max": value[1]}
    return value
