"""Of the rules that fired at one trigger: which may move the lever."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.engine.replay.arbitration import Move, losers
from service.engine.ruleset.triggers import Role

P: Role = "progression"
D: Role = "deload"


def lost(*moves: tuple[Role, int], deloaded: bool = False) -> set[int]:
    """Which of the moves lose where the lever was at 100."""
    return set(losers(Decimal(100), deloaded=deloaded, moves=[Move(role, Decimal(to)) for role, to in moves]))


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], set()),
        ([(P, 105)], set()),
        ([(P, 105), (D, 90)], {0}),  # a cut beats a raise
        ([(P, 95), (D, 90)], {0}),  # the largest cut wins
        ([(P, 85), (D, 90)], {1}),  # also when it is the progression's
        ([(D, 90), (D, 80)], {0}),
        ([(D, 90), (D, 90)], {1}),  # of two equal ones the first
        ([(P, 100), (D, 90)], set()),  # what leaves the lever alone always applies
        ([(P, 105), (D, 100)], set()),
        ([(P, 100), (D, 100)], set()),
    ],
)
def test_who_loses(moves: list[tuple[Role, int]], expected: set[int]) -> None:
    assert lost(*moves) == expected


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([(D, 90)], {0}),  # 10 % once, never 19 %
        ([(D, 90), (D, 80)], {0, 1}),
        ([(P, 95)], set()),  # 235 x 3, 230 x 3 leads to 225
        ([(P, 95), (D, 80)], {1}),
        ([(P, 105), (D, 80)], {1}),
        ([(D, 100)], set()),  # bookkeeping of a deload that cuts nothing
    ],
)
def test_after_a_deload_no_other_follows_but_a_progression_may_lower(
    moves: list[tuple[Role, int]], expected: set[int]
) -> None:
    assert lost(*moves, deloaded=True) == expected


def test_a_lever_under_zero_is_compared_by_number() -> None:
    moves = [Move(P, Decimal(-15)), Move(D, Decimal(-22))]
    assert losers(Decimal(-20), deloaded=False, moves=moves) == {0}
