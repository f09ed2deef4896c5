"""What the proofs assume beside what each fact declares of its values: how large loads get, how facts hang together.

Loads reach below 0, as assistance does, but for two kinds of claims: that none becomes negative, and those about
schemes that estimate one-rep maxes, which mean nothing of assistance. Decimals are taken as
exact reals: the rounding to 28 digits is disregarded, and so is the rounding of `round_load` to the lifter's plates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from service.domain.loads import LARGEST

LARGEST_LOAD: Final = max(LARGEST.values())
SETS_PROVEN: Final = 6
"""Lists of sets are proven about up to this length; parameters and tables are not bounded by it."""

_LAST: Final = (("load", "set.load"), ("reps", "set.reps"), ("reps", "set.seconds"), ("kind", "set.kind"))


def relations(values: Mapping[str, Any], implies: Any) -> list[Any]:
    """How the facts at a trigger hang together, of those that a scheme reads (``values`` by name).

    No set is heavier than the heaviest of the session; the set just performed is the last of those that fill places,
    or has a higher number than they and is extra; a lighter session that waits for a second is lighter than the habit.
    """
    related = []
    top, done = values.get("session.top_load"), values.get("set.load")
    if top is not None:
        loads = [value for name, value in values.items() if re.fullmatch(r"performed\[\d+\]\.load", name)]
        related += [top >= load for load in loads]
    if top is not None and done is not None:
        related.append(top >= done)
        if {"session.top_reps", "set.reps"} <= values.keys():
            related.append(implies(top == done, values["session.top_reps"] >= values["set.reps"]))
    if {"session.sets", "set.index"} <= values.keys():
        related.append(values["session.sets"] >= values["set.index"])
    if {"habit.load", "habit.lighter_load"} <= values.keys():
        related.append(values["habit.lighter_load"] < values["habit.load"])
    related += _about_the_set_at_hand(values, implies)
    return related


def _about_the_set_at_hand(values: Mapping[str, Any], implies: Any) -> list[Any]:
    """How the set just performed and the sets that fill places hang together."""
    rows, index = values.get("rows(performed)"), values.get("set.index")
    if rows is None or index is None:
        return []
    related = [index >= rows]
    for column, fact in _LAST:
        for number in range(1, SETS_PROVEN + 1):
            cell = values.get(f"performed[{number}].{column}")
            if cell is not None and fact in values:
                related.append(implies(rows == number, implies(index == number, cell == values[fact])))
    return related
