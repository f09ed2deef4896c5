"""Finding rules that can never fire, by simple arguments that are always right and sometimes find nothing.

A condition is taken apart into its ``and``s and ``or``s; one leaf implies another when both compare the same thing
(`set.reps >= 6` implies `set.reps >= 5`) or are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from service.engine.expressions import Comparison, Constant, LetName, Logic, Node, Not, text_of
from service.engine.ordering import CONTRARY, HOLDS, MIRRORED


def never_true(condition: Node) -> bool:
    """Whether the condition contradicts itself."""
    return _contradictory(_conjuncts(_positive(condition, holds=True)))


def always_true(condition: Node) -> bool:
    """Whether the condition asks nothing."""
    return _contradictory(_conjuncts(_positive(condition, holds=False)))


def winner_above(condition: Node, earlier: Sequence[Node]) -> int | None:
    """The place in ``earlier`` of the condition that leaves nothing for this one; None when it may still fire."""
    wanted = _positive(condition, holds=True)
    for place, other in enumerate(earlier):
        if _implies(wanted, _positive(other, holds=True)):
            return place
    left = list(_conjuncts(wanted))
    for place, other in enumerate(earlier):
        left += _conjuncts(_positive(other, holds=False))
        if _contradictory(left):
            return place
    return None


def _positive(node: Node, *, holds: bool) -> Node:
    """The condition, or its contrary, with ``not`` driven down to the leaves and ``let`` names opened."""
    match node:
        case Not():
            return _positive(node.operand, holds=not holds)
        case LetName():
            return _positive(node.value, holds=holds)
        case Logic():
            operator = node.operator if holds else ("or" if node.operator == "and" else "and")
            return replace(
                node, operator=operator, operands=tuple(_positive(each, holds=holds) for each in node.operands)
            )
        case Comparison() if not holds:
            return replace(node, operator=CONTRARY[node.operator])
        case Constant() if not holds:
            return replace(node, value=not node.value)
    return node if holds else Not("bool", node.at, node)


def _conjuncts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Logic) and node.operator == "and":
        return tuple(part for operand in node.operands for part in _conjuncts(operand))
    return (node,)


def _contradictory(parts: Sequence[Node]) -> bool:
    """Whether no moment can make all of ``parts`` true, as far as one leaf or a pair of them tells."""
    if any(isinstance(part, Constant) and part.value is False for part in parts):
        return True
    if any(isinstance(part, Comparison) and _settled(part) is False for part in parts):
        return True
    return any(_implies(one, _positive(other, holds=False)) for one, other in combinations(parts, 2)) or any(
        isinstance(part, Logic) and all(_contradictory(_conjuncts(way)) for way in part.operands) for part in parts
    )


def _settled(node: Comparison) -> bool | None:
    """What a comparison comes to whatever happens; None when it depends."""
    if isinstance(node.left, Constant) and isinstance(node.right, Constant):
        return HOLDS[node.operator](node.left.value, node.right.value)
    if text_of(node.left) == text_of(node.right):
        return HOLDS[node.operator](0, 0)
    return None


def _implies(one: Node, other: Node) -> bool:
    if isinstance(other, Logic) and other.operator == "and":
        return all(_implies(one, part) for part in other.operands)
    if isinstance(one, Logic) and one.operator == "or":
        return all(_implies(part, other) for part in one.operands)
    if isinstance(one, Logic):
        return any(_implies(part, other) for part in one.operands)
    if isinstance(other, Logic):
        return any(_implies(one, part) for part in other.operands)
    if isinstance(one, Comparison) and isinstance(other, Comparison):
        return _comparison_implies(one, other)
    return text_of(one) == text_of(other) or (isinstance(other, Constant) and other.value is True)


def _comparison_implies(one: Comparison, other: Comparison) -> bool:
    if _settled(other) is True:
        return True
    one, other = _number_right(one), _number_right(other)
    if text_of(one.left) != text_of(other.left):
        other = Comparison("bool", other.at, MIRRORED[other.operator], other.right, other.left)
    if text_of(one.left) != text_of(other.left):
        return False
    if text_of(one.right) == text_of(other.right):
        return all(HOLDS[other.operator](sign, 0) for sign in (-1, 0, 1) if HOLDS[one.operator](sign, 0))
    if not isinstance(one.right, Constant) or not isinstance(other.right, Constant):
        return False
    first, second = Decimal(one.right.value), Decimal(other.right.value)
    step = Decimal(1) if one.left.type == "int" and first == int(first) else abs(first - second) / 2
    telling = {first - step, first, first + step, second}
    if one.operator in (">", ">=", "!="):
        telling.add(max(first, second) + 1)
    if one.operator in ("<", "<=", "!="):
        telling.add(min(first, second) - 1)
    return all(HOLDS[other.operator](value, second) for value in telling if HOLDS[one.operator](value, first))


def _number_right(node: Comparison) -> Comparison:
    if isinstance(node.left, Constant):
        return Comparison(node.type, node.at, MIRRORED[node.operator], node.right, node.left)
    return node
