"""Which of the rules that fired at one trigger may move the lever."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from service.engine.model import Role


class Move(NamedTuple):
    """What a fired rule would make of the lever."""

    role: Role
    lever: Decimal


def losers(before: Decimal, *, deloaded: bool, moves: Sequence[Move]) -> frozenset[int]:
    """The places in ``moves`` of those that must apply nothing.

    Compared by number with the lever before the trigger: a cut beats a raise, the largest cut wins, the earlier of two
    equal ones. A deload that follows a deload without a session of the track between them loses always; a
    progression's own cut is never held back. Rules that do not move the lever lose never.
    """
    moving = [place for place, move in enumerate(moves) if move.lever != before]
    held_back = frozenset(place for place in moving if deloaded and moves[place].role == "deload")
    contenders = [place for place in moving if place not in held_back]
    if not contenders:
        return held_back
    winner = min(contenders, key=lambda place: moves[place].lever)
    return held_back | (frozenset(contenders) - {winner})
