"""What a condition that held, or did not, proves about what is evaluated after it.

Two things need proof: that a fact which may be missing is known before it is used, and that a divisor is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import TypeAlias

from service.engine.language.comparisons import HOLDS, MIRRORED
from service.engine.language.functions import FUNCTIONS
from service.engine.language.tree_queries import text_of
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.typed_tree import (
    Bound,
    Call,
    Comparison,
    Constant,
    Known,
    LetName,
    Logic,
    Negation,
    Node,
    Not,
    ParameterName,
    ToNumber,
)

Proofs: TypeAlias = frozenset[tuple[str, str]]
"""Pairs of ``known`` or ``nonzero`` and the canonical text of what is so."""

NOTHING: Proofs = frozenset()


def proven(node: Node, *, holds: bool) -> Proofs:  # noqa: PLR0911 - one line a kind of condition
    """What follows when the condition ``node`` is true (``holds``) or false."""
    match node:
        case Known():
            return frozenset({("known", text_of(node.fact))}) if holds else NOTHING
        case Not():
            return proven(node.operand, holds=not holds)
        case LetName():
            return proven(node.value, holds=holds)
        case Logic():
            parts = [proven(operand, holds=holds) for operand in node.operands]
            every = (node.operator == "and") == holds
            return reduce(frozenset.union if every else frozenset.intersection, parts)
        case Comparison(right=Constant(value=int() | Decimal() as value)):
            return _not_zero(node.left, node.operator, value, holds=holds)
        case Comparison(left=Constant(value=int() | Decimal() as value)):
            return _not_zero(node.right, MIRRORED[node.operator], value, holds=holds)
    return NOTHING


def _not_zero(operand: Node, operator: str, value: object, *, holds: bool) -> Proofs:
    zero_passes = HOLDS[operator](0, value)
    return NOTHING if zero_passes == holds else frozenset({("nonzero", text_of(operand))})


def _is_above_zero(node: Node, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a value is a number or parameter above 0, or a function that is: what makes a largest one so."""
    match node:
        case Constant(value=int() | Decimal() as value):
            return value > 0
        case ToNumber():
            return _is_above_zero(node.operand, parameters)
        case Call():
            return FUNCTIONS[node.function].above_zero
        case ParameterName():
            low = parameters[node.name].low
            return low is not None and low > 0
    return False


def is_never_zero(node: Node, proofs: Proofs, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a divisor is a number other than 0, a parameter that starts above 0, or proven by a condition."""
    match node:
        case Constant():
            return node.value != 0
        case LetName() | ToNumber() | Negation():
            inner = node.value if isinstance(node, LetName) else node.operand
            if is_never_zero(inner, proofs, parameters):
                return True
        case Call() if FUNCTIONS[node.function].above_zero:
            return True
        case Call(function="max"):
            if any(_is_above_zero(argument, parameters) for argument in node.arguments):
                return True
        case ParameterName() | Bound(range=ParameterName()):
            name = node.name if isinstance(node, ParameterName) else text_of(node.range)
            low = parameters[name].low
            if low is not None and low > 0:
                return True
    return ("nonzero", text_of(node)) in proofs
