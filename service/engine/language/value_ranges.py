"""What values a name may have at all: what checker and proofs know of facts and parameters without being told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from service.engine.language.tree_queries import name_of, names
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.typed_tree import FactName, Node, ParameterName


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
                least, most = name.fact.limits
                ends = Decimal(least), Decimal(most)
            case ParameterName(type="int" | "number" | "percent" | "range"):
                ends = parameters[name.name].low, parameters[name.name].high
            case _:
                continue
        text = name_of(name)
        subjects = (f"{text}.min", f"{text}.max") if name.type == "range" else (text,)
        yield from (Limit(subject, *ends, name.type in ("int", "range")) for subject in subjects)
