"""A session asked with another load, once: the heaviest sets with it, the others at the share of it that they have.

Loads are in the working unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from service.engine.ruleset.bound_scheme import RawSet


def with_load(sets: Sequence[RawSet], load: Decimal) -> tuple[RawSet, ...]:
    """The sets of a session with another load; those without a load of their own are asked with it."""
    heaviest = max((each.load for each in sets if each.load is not None), default=load)
    return tuple(
        each._replace(load=load if each.load in (None, heaviest) else _in_place(each.load, load, heaviest))
        for each in sets
    )


def _in_place(asked: Decimal, load: Decimal, heaviest: Decimal) -> Decimal:
    """What takes the place of a lighter set's load where ``load`` takes that of the heaviest.

    Where one of the two is no weight (assistance, or nothing), a share of it says nothing: the difference stays.
    """
    return load * asked / heaviest if heaviest > 0 and load > 0 else load + asked - heaviest
