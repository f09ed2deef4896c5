"""Loads: exact decimals with a unit, and the one decimal context everything is computed in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Final, Literal, TypeAlias

import msgspec

Unit: TypeAlias = Literal["kg", "lb"]

DEFAULT_UNIT: Final[Unit] = "kg"
"""The unit of a lifter of whom none is known yet."""

CONTEXT = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""The context of all training arithmetic: every machine gets the same digits."""

KILOGRAMS_PER_POUND = Decimal("0.45359237")
"""Exact by the international yard and pound agreement of 1959 (NIST SP 811, appendix B.8)."""

LARGEST: Final[Mapping[Unit, int]] = {"kg": 2000, "lb": 5000}
"""No load is larger, up or down: well beyond what anybody lifts."""

_CONVERTED_PLACES = Decimal("0.0001")
_FEWER_PLACES = (Decimal(1), Decimal("0.1"), Decimal("0.01"), Decimal("0.001"))
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Load(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A load, for example ``Load(Decimal("102.5"), "kg")``; in the log ``["102.5","kg"]``."""

    value: Decimal
    unit: Unit

    def __str__(self) -> str:
        return f"{canonical(self.value)} {self.unit}"

    def in_unit(self, unit: Unit) -> Decimal:
        """The value of this load in ``unit``."""
        return convert(self.value, self.unit, unit)


def canonical(value: Decimal) -> str:
    """Write a decimal in the one way it is written everywhere: no exponent, no trailing zeros, no ``-0``.

    >>> canonical(Decimal("225.0")), canonical(Decimal("1E+2")), canonical(Decimal("-0.00"))
    ('225', '100', '0')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def convert(value: Decimal, source: Unit, target: Unit) -> Decimal:
    """Convert between kilograms and pounds; a converted value is rounded to four places."""
    if source == target:
        return value
    exact = (
        CONTEXT.multiply(value, KILOGRAMS_PER_POUND) if target == "kg" else CONTEXT.divide(value, KILOGRAMS_PER_POUND)
    )
    return exact.quantize(_CONVERTED_PLACES, context=_ROUNDING)


def convert_reversibly(value: Decimal, source: Unit, target: Unit) -> Decimal:
    """Convert what is kept: to the fewest places that lead back to it, at most four.

    So kilograms of four places and pounds of three come back as they were, however often they are converted.

    >>> convert_reversibly(Decimal("90.7185"), "kg", "lb"), convert(Decimal("90.7185"), "kg", "lb")
    (Decimal('200'), Decimal('200.0001'))
    """
    converted = convert(value, source, target)
    kept = value.quantize(_CONVERTED_PLACES, context=_ROUNDING)
    shorter = (converted.quantize(places, context=_ROUNDING) for places in _FEWER_PLACES)
    return next((each for each in shorter if convert(each, target, source) == kept), converted)
