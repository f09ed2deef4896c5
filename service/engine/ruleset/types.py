"""The types of the rule language: what their values are and how they are shown.

At run time a ``bool`` is a bool, an ``int`` an int, ``number``, ``load`` and ``percent`` are Decimals (a load in the
working unit), a ``range`` is a pair of ints and a ``word`` a str. A list (``rows``) is a sequence of tuples, and a
``row`` one of them; what its places hold, its `Column`s say.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

from service.domain.exercises import Measure
from service.domain.loads import Unit, canonical

Type: TypeAlias = Literal["bool", "int", "number", "load", "percent", "range", "word", "rows", "row"]

VALUES: tuple[Type, ...] = ("bool", "int", "number", "load", "percent", "range")
"""The types of what a scheme may keep, and of the columns of a table."""

DESCRIPTIONS: dict[Type, str] = {
    "bool": "a condition",
    "int": "a whole number",
    "number": "a number",
    "load": "a load",
    "percent": "a percentage",
    "range": "a range",
    "word": "a word",
    "rows": "a list",
    "row": "a row of a list",
}


MAXIMUM_INT = 1_000_000
"""No whole number in a rule or its state goes beyond this, either way."""

Limits: TypeAlias = tuple[int, int]
"""The least and the most that a number may be."""

NATURAL: Limits = (0, MAXIMUM_INT)


class Column(NamedTuple):
    """What a place of every row of a list holds."""

    name: str
    type: Type
    place: int
    optional: bool = False
    """Whether it may be unknown, so that a rule must ask ``known()`` first."""
    words: tuple[str, ...] = ()
    """Those that a word may be."""
    unit: str = ""
    """Of a number, in a list of ours."""
    limits: Limits = NATURAL
    """Of a number, or of both ends of a range, in a list of ours."""
    measure: Measure | None = None
    """What a scheme must measure to read it; None: either."""


def shape_of(columns: tuple[Column, ...]) -> str:
    """The names of columns, for messages."""
    return ", ".join(column.name for column in columns)


_PROSE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_HUNDREDTH = Decimal("0.01")


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
        shown = canonical(value.quantize(_HUNDREDTH, context=_PROSE))
        return f"{shown} {unit}" if type_ == "load" else f"{shown} %" if type_ == "percent" else shown
    return str(value)


def in_json(value: Any, type_: str, unit: Unit, columns: tuple[Column, ...] = ()) -> Any:
    """Write a value for a derivation: exact decimals as strings, loads with their unit; None for an unknown fact.

    A row becomes an object, a list a list of them; ``columns`` are theirs.
    """
    if type_ == "rows" and value is not None:
        return [in_json(row, "row", unit, columns) for row in value]
    if type_ == "row" and value is not None:
        return {column.name: in_json(value[column.place], column.type, unit) for column in columns}
    if isinstance(value, Decimal):
        exact = canonical(value)
        return {"value": exact, "unit": unit} if type_ == "load" else exact
    if isinstance(value, tuple):
        return {"min": value[0], "max": value[1]}
    return value
