"""Finding rules that can never fire, by simple arguments that are always right and sometimes find nothing.

A rule gets its turn when no rule above it fired, so its condition must be true and theirs false, all at once. Taken
apart into leaves, these contradict each other when two leaves about the same thing do (`set.reps >= 6` and
`set.reps < 5`), or when every way of an ``or`` contradicts the other leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, TypeAlias

from service.engine.language.comparisons import CONTRARY, HOLDS, MIRRORED
from service.engine.language.tree_queries import text_of
from service.engine.language.value_ranges import Limit
from service.engine.ruleset.typed_tree import Comparison, Constant, LetName, Logic, Node, Not


class _Leaf(NamedTuple):
    """``subject operator other``; a leaf that is no comparison is one of its text with ``true``."""

    subject: str
    operator: str
    other: str
    number: Decimal | None = None
    """The value of ``other``, where it is a number."""
    whole: bool = False
    """Whether the subject takes whole numbers only."""


class _Any(NamedTuple):
    """At least one of the parts is true: none of none is."""

    parts: tuple[_Condition, ...]


class _All(NamedTuple):
    """Every one of the parts is true."""

    parts: tuple[_Condition, ...]


_Condition: TypeAlias = "_Leaf | _Any | _All"


def never_true(condition: Node, within: Iterable[Limit] = ()) -> bool:
    """Whether the condition contradicts itself, or what the limits of its names leave."""
    return _contradictory([*_leaves_of(within), _taken_apart(condition, holds=True)])


def always_true(condition: Node, within: Iterable[Limit] = ()) -> bool:
    """Whether the condition asks nothing."""
    return _contradictory([*_leaves_of(within), _taken_apart(condition, holds=False)])


def winner_above(condition: Node, earlier: Sequence[Node], within: Iterable[Limit] = ()) -> int | None:
    """The place in ``earlier`` of the condition that leaves nothing for this one; None when it may still be asked."""
    own = [*_leaves_of(within), _taken_apart(condition, holds=True)]
    above = [_taken_apart(other, holds=False) for other in earlier]
    if not _contradictory([*own, *above]):
        return None
    return next(place for place in range(len(earlier)) if _contradictory([*own, *above[: place + 1]]))


def _leaves_of(within: Iterable[Limit]) -> Iterator[_Leaf]:
    for limit in within:
        for operator, end in ((">=", limit.low), ("<=", limit.high)):
            if end is not None:
                yield _Leaf(limit.subject, operator, str(end), end, limit.whole)


def _taken_apart(node: Node, *, holds: bool) -> _Condition:
    """The condition, or its contrary, as leaves under ``and`` and ``or``; ``let`` names are opened."""
    match node:
        case Not():
            return _taken_apart(node.operand, holds=not holds)
        case LetName():
            return _taken_apart(node.value, holds=holds)
        case Logic():
            parts = tuple(_taken_apart(operand, holds=holds) for operand in node.operands)
            return _All(parts) if (node.operator == "and") == holds else _Any(parts)
        case Constant():
            return _All(()) if node.value is holds else _Any(())
        case Comparison():
            return _leaf(node.left, node.operator if holds else CONTRARY[node.operator], node.right)
    return _Leaf(text_of(node), "==" if holds else "!=", "true")


def _leaf(left: Node, operator: str, right: Node) -> _Condition:
    one, other = text_of(left), text_of(right)
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _All(()) if HOLDS[operator](left.value, right.value) else _Any(())
    if one == other:
        return _All(()) if HOLDS[operator](0, 0) else _Any(())
    if isinstance(left, Constant) or (one > other and not isinstance(right, Constant)):
        left, operator, right, one, other = right, MIRRORED[operator], left, other, one
    number = Decimal(right.value) if isinstance(right, Constant) else None
    return _Leaf(one, operator, other, number, left.type == "int")


def _contradictory(parts: Iterable[_Condition]) -> bool:
    """Whether no moment can make all of ``parts`` true, as far as this argument tells."""
    flat = list(_conjuncts(parts))
    leaves = [part for part in flat if isinstance(part, _Leaf)]
    if _leaves_contradict(leaves):
        return True
    choices = [part for part in flat if isinstance(part, _Any)]
    return any(
        all(
            _leaves_contradict([*leaves, *(leaf for leaf in _conjuncts([way]) if isinstance(leaf, _Leaf))])
            for way in choice.parts
        )
        for choice in choices
    )


def _conjuncts(parts: Iterable[_Condition]) -> Iterator[_Leaf | _Any]:
    for part in parts:
        if isinstance(part, _All):
            yield from _conjuncts(part.parts)
        else:
            yield part


def _leaves_contradict(leaves: Iterable[_Leaf]) -> bool:
    by_subject: dict[str, set[_Leaf]] = defaultdict(set)
    for leaf in leaves:
        by_subject[leaf.subject].add(leaf)
    return any(_exclude(one, other) for group in by_subject.values() for one, other in combinations(group, 2))


def _exclude(one: _Leaf, other: _Leaf) -> bool:
    """Whether two leaves about the same subject cannot both be true."""
    if one.other == other.other:
        return not any(HOLDS[one.operator](sign, 0) and HOLDS[other.operator](sign, 0) for sign in (-1, 0, 1))
    first, second = one.number, other.number
    if first is None or second is None:
        return False
    step = Decimal(1) if one.whole and first % 1 == second % 1 == 0 else abs(first - second) / 2
    low, high = min(first, second), max(first, second)
    telling = (low - 1, low, low + step, high, high + 1)
    return not any(HOLDS[one.operator](value, first) and HOLDS[other.operator](value, second) for value in telling)
