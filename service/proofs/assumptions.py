"""What the proofs assume beside the limits of facts: of the values of each type, and how some facts hang together.

Whole numbers and loads without a line of their own are from 0 to the largest that the engine takes, percentages and
other numbers likewise. Loads reach below 0 only where a claim is about exercises with added load. Decimals are taken as
exact reals: the rounding to 28 digits is disregarded, and so is the rounding of `round_load` to the lifter's plates.
"""

from __future__ import annotations

from typing import Any, Final

from service.domain.loads import LARGEST
from service.engine.language.limits import MOST_REPS
from service.engine.language.types import MAXIMUM_INT, Type

LARGEST_LOAD: Final = max(LARGEST.values())
MOST_SETS: Final = 6
"""Lists of sets are proven about up to this length; parameters and tables are not bounded by it."""

TYPE_RANGES: Final[dict[Type, tuple[int, int]]] = {
    "int": (0, MAXIMUM_INT),
    "number": (0, MAXIMUM_INT),
    "percent": (0, 1_000),
    "range": (0, MOST_REPS),
}

POSITIVE: Final = frozenset({"exercise.increase"})
"""Loads that the checker keeps above 0, added load or not."""

NEVER_NEGATIVE: Final = frozenset({"lifter.body_weight"})
"""Loads that cannot be assistance."""


def relations(values: dict[str, Any], implies: Any) -> list[Any]:
    """How the facts at a trigger hang together, of those that a scheme reads (``values`` by name)."""
    related = []
    if {"session.top_load", "set.load"} <= values.keys():
        related.append(values["session.top_load"] >= values["set.load"])
        if {"session.top_reps", "set.reps"} <= values.keys():
            related.append(
                implies(
                    values["session.top_load"] == values["set.load"], values["session.top_reps"] >= values["set.reps"]
                )
            )
    if {"session.sets", "set.index"} <= values.keys():
        related.append(values["session.sets"] >= values["set.index"])
    return related
