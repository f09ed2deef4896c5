"""What the operators of the rule language take and give, and the sentences for what they do not take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from service.engine.ruleset.typed_tree import Constant, Node, ToNumber
from service.engine.ruleset.types import DESCRIPTIONS, Type

NUMERIC: frozenset[Type] = frozenset({"int", "number"})
MEASURES: frozenset[Type] = frozenset({"int", "number", "load", "percent"})
"""The types that one can calculate with and put in order."""


def converted(node: Node, expected: Type) -> Node | None:
    """A whole number as a number, a plain number as a percentage, 0 as a load; None for anything else."""
    if isinstance(node, Constant) and node.type in NUMERIC:
        plain = Decimal(node.value)
        if expected in ("number", "percent") or (expected == "load" and plain == 0):
            return Constant(expected, node.at, plain)
    if expected == "number" and node.type == "int":
        return ToNumber("number", node.at, node)
    return None


def alike(left: Node, right: Node) -> tuple[Node, Node] | None:
    """Both as values of one type, where that can be."""
    if left.type == right.type:
        return left, right
    as_right = converted(left, right.type)
    if as_right is not None:
        return as_right, right
    as_left = converted(right, left.type)
    return None if as_left is None else (left, as_left)


def product(left: Type, right: Type) -> Type | None:
    """The type of a product; None where there is none: only one of two may be more than a number."""
    if left in NUMERIC and right in NUMERIC:
        return "int" if left == right == "int" else "number"
    if left in NUMERIC or right in NUMERIC:
        return right if left in NUMERIC else left
    return None


def quotient(left: Type, right: Type) -> Type | None:
    """The type of a quotient; like by like is a number."""
    if left == right or {left, right} <= NUMERIC:
        return "number"
    return left if right in NUMERIC else None


def unlike(texts: Sequence[str], nodes: Sequence[Node], done: str) -> str:
    """Say of what type two operands are, and that this cannot be done with them."""
    first, second = (f"{text} is {DESCRIPTIONS[node.type]}" for text, node in zip(texts, nodes, strict=True))
    said = f"{first} and {second}: they cannot be {done}."
    kinds = {node.type for node in nodes}
    if "load" in kinds and kinds & NUMERIC:
        return f"{said} A load needs a unit: declare it under params with a kg and a lb value and use its name."
    if kinds == {"load", "percent"}:
        return f"{said} Write percent_of(percentage, load) for the share of a load."
    if "range" in kinds:
        return f"{said} Take one end of the range, .min or .max."
    return said
