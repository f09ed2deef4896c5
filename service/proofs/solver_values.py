"""Values of the engine in the solver, and back."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

import z3

from service.domain.loads import CONTEXT
from service.engine.ruleset.types import Type

_CODES: Final[dict[str, int]] = {}
OTHER: Final = "other"
"""Stands for any word that no rule names."""


def code(word: str) -> int:
    """The number that stands for a word."""
    return _CODES.setdefault(word, len(_CODES))


def ends_of(value: Any) -> tuple[Any, Any]:
    """The least and the most of what is one value, or a range."""
    return value if isinstance(value, tuple) else (value, value)


def constant(value: Any) -> Any:
    """A value of the engine as one of the solver, exact; a range is a pair."""
    if isinstance(value, tuple):
        return tuple(map(constant, value))
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, str):
        return z3.IntVal(code(value))
    if isinstance(value, Fraction):
        return z3.RealVal(value)
    return z3.IntVal(value) if isinstance(value, int) else z3.RealVal(str(value))


def concrete(model: Any, value: Any, type_: Type) -> Any:
    """What a model says of an unknown, as a value of the engine; an irrational one to 20 digits."""
    if isinstance(value, tuple):
        return tuple(concrete(model, end, "int") for end in value)
    found = model.eval(value, model_completion=True)
    if z3.is_bool(found):
        return z3.is_true(found)
    if type_ == "word":
        return {number: word for word, number in _CODES.items()}.get(found.as_long(), OTHER)
    if z3.is_int_value(found):
        return found.as_long()
    if z3.is_algebraic_value(found):
        found = found.approx(20)
    with localcontext(CONTEXT):
        return Decimal(found.numerator_as_long()) / Decimal(found.denominator_as_long())


def as_it_is(load: Decimal) -> Decimal:
    """What proofs make of `round_load`: they know nobody's plates."""
    return load
