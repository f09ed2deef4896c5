"""Finding slots whose raises come to nothing: from what was lifted, by no more than half of the equipment's step.

What was lifted can be made, so such a load is rounded back to it, session after session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple, get_args

from service.domain.equipment import Equipment, loading
from service.domain.exercises import Exercise
from service.domain.loads import Unit, canonical
from service.engine.files.empty_cycles import is_settled
from service.engine.language.compiler import bind
from service.engine.language.interpreter import Constants, settled
from service.engine.language.tree_queries import walk
from service.engine.ruleset.programme import SchemeUse
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.typed_tree import Arithmetic, Choice, FactName, LetName, LeverName, Node

_LIFTED: Final = ("set.load", "prescribed.load", "session.top_load", "session.prescribed_load", "performed", "extra")
"""Facts that are loads that could be made."""

_AROUND: Final[Mapping[Unit, Decimal]] = {"kg": Decimal(30), "lb": Decimal(70)}
"""Where steps are looked at: a load that any equipment has near it."""


class SmallStep(NamedTuple):
    """A raise that is rounded away, and from one makeable load to the next."""

    unit: Unit
    raised_by: Decimal
    step: Decimal

    @property
    def sentence(self) -> str:
        """What is wrong, and what to do."""
        step = f"{canonical(self.step)} {self.unit}"
        return (
            f"this raises what was lifted by {canonical(self.raised_by)} {self.unit}, no more than half of the {step} "
            f"to the next load, so it is rounded away: raise by {step}, or from the exact load where the scheme can."
        )


def small_step(
    scheme: Scheme, use: SchemeUse, exercise: Exercise, equipment: Mapping[Unit, Equipment]
) -> SmallStep | None:
    """The first raise of a slot that comes to nothing with its equipment; None where there is none."""
    raises = [
        rule.then[scheme.lever].root
        for rules in scheme.rules.values()
        for rule in rules
        if rule.outcome == "raise" and scheme.lever in rule.then
    ]
    if scheme.lever != "load" or not any(map(_reads_lifted, raises)):
        return None
    for unit in get_args(Unit):
        known = Constants(bind(scheme, use.params, exercise, unit).constants)
        made = loading(exercise.equipment, equipment.get(unit), unit)
        here = made.round(_AROUND[unit])
        following = made.stepped(here, 1)
        for each in raises:
            steps = [_from_lifted(way, known) for way in _ways(each, known)]
            small = [by for by in steps if by is not None and by > 0 and made.round(here + by) == here]
            if following is not None and len(small) == len(steps):
                return SmallStep(unit, small[0], following - here)
    return None


def _from_lifted(way: Node, known: Constants) -> Decimal | None:
    """By how much a new load is more than one that was lifted, where parameters settle that."""
    if isinstance(way, Arithmetic) and way.operator == "+":
        for base, by in ((way.left, way.right), (way.right, way.left)):
            if is_settled(by, known) and all(map(_is_lifted, _ways(base, known))):
                value = settled(by, known)
                return value if isinstance(value, Decimal) else None
    return None


def _ways(node: Node, known: Constants) -> Iterator[Node]:
    """What a node may be, once parameters have chosen."""
    match node:
        case LetName():
            yield from _ways(node.value, known)
        case Choice() if is_settled(node.condition, known):
            yield from _ways(node.chosen if settled(node.condition, known) else node.other, known)
        case Choice():
            yield from _ways(node.chosen, known)
            yield from _ways(node.other, known)
        case _:
            yield node


def _is_lifted(node: Node) -> bool:
    return _reads_lifted(node) and not any(isinstance(each, LeverName) for each in walk(node))


def _reads_lifted(node: Node) -> bool:
    return any(isinstance(each, FactName) and each.fact.name in _LIFTED for each in walk(node))
