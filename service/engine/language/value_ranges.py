"""What values a name may have at all: what checker and proofs know of facts and parameters without being told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.limits import MOST_REPS, MOST_SECONDS
from service.engine.language.tree_queries import name_of, names
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.typed_tree import FactName, Node, ParameterName
from service.engine.ruleset.types import MAXIMUM_INT

FACT_LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "set.reps": (0, MOST_REPS),
    "set.seconds": (0, MOST_SECONDS),
    "set.rir": (0, 10),
    "set.index": (1, MAXIMUM_INT),
    "prescribed.reps": (0, MAXIMUM_INT),
    "prescribed.sets": (0, MAXIMUM_INT),
    "session.sets": (1, MAXIMUM_INT),
    "session.top_reps": (0, MOST_SECONDS),
    "other_side.reps": (0, MOST_REPS),
    "other_side.rir": (0, 10),
    "programme.week": (1, MAXIMUM_INT),
    "programme.cycle": (1, MAXIMUM_INT),
    "programme.day": (0, MAXIMUM_INT),
    "exercise.reps": (1, MOST_REPS),
}
"""By fact; the ends of a range, both. Other whole numbers and numbers that are facts are from 0 to `MAXIMUM_INT`."""


class Limit(NamedTuple):
    """The least and the most that something may be; None where nobody says."""

    subject: str
    low: Decimal | None
    high: Decimal | None
    whole: bool


def limits(node: Node, parameters: Mapping[str, Parameter]) -> Iterator[Limit]:
    """The limits of the numbers that are named under ``node``, of ranges for each end; of loads there are none."""
    for name in dict.fromkeys(names(node)):
        ends: tuple[Decimal | None, Decimal | None]
        match name:
            case FactName(type="int" | "number" | "range"):
                least, most = FACT_LIMITS.get(name.fact.name, (0, MAXIMUM_INT))
                ends = Decimal(least), Decimal(most)
            case ParameterName(type="int" | "number" | "percent" | "range"):
                ends = parameters[name.name].low, parameters[name.name].high
            case _:
                continue
        text = name_of(name)
        subjects = (f"{text}.min", f"{text}.max") if name.type == "range" else (text,)
        yield from (Limit(subject, *ends, name.type in ("int", "range")) for subject in subjects)
