"""What is proven of a scheme, and the findings where it is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

import z3

from service.domain.errors import RuleError
from service.domain.loads import CONTEXT
from service.engine.facts import FACTS
from service.engine.files.reading import Position
from service.engine.language.evaluation import Constants, evaluate
from service.engine.language.expressions import Expression
from service.engine.language.types import in_words
from service.engine.model import Rule, Scheme, Trigger
from service.proofs.cases import Undecided, find, fires, told
from service.proofs.translation import Translation
from service.proofs.world import World

ANCHORS: Final = {
    "after set": ("set.load", "prescribed.load"),
    "after session": ("session.top_load", "session.prescribed_load"),
}
"""The loads performed and prescribed that a change of ``load`` is measured from, beside the lever before."""


class Proof(NamedTuple):
    """How a claim came out: proven, or a finding against it."""

    claim: str
    finding: RuleError | None = None


def prove(scheme: Scheme) -> Iterator[Proof]:
    """Prove every claim about a scheme, one after the other."""
    yield from _ranges_hold_at_the_start(scheme)
    yield from _starts_at_no_negative_load(scheme)
    for trigger, rules in scheme.rules.items():
        for place in range(len(rules)):
            yield from _RuleProofs(scheme, trigger, place).all()
    if scheme.role == "progression":
        yield from _prescribes_something(scheme)
        yield from _prescribes_no_negative_load(scheme)


class _RuleProofs:
    """The claims about one rule."""

    def __init__(self, scheme: Scheme, trigger: Trigger, place: int) -> None:
        self._scheme = scheme
        self._trigger = trigger
        self._rules = scheme.rules[trigger]
        self._place = place
        self._rule = self._rules[place]
        self._lever = self._rule.then.get(scheme.lever)

    def all(self) -> Iterator[Proof]:
        """Every claim."""
        yield self._fires()
        for name, assigned in self._rule.then.items():
            if assigned.type == "load":
                yield self._not_negative(name, assigned)
        if self._lever is not None:
            yield from self._bounded(self._lever)
        for variable in self._scheme.state:
            kept = self._rule.then.get(variable.name)
            if kept is not None:
                yield from self._in_range(variable.name, kept, variable.low, variable.high)

    def _when(self, translation: Translation) -> list[Any]:
        """This rule fires and none above it did."""
        above = [z3.Not(translation.value(rule.when.root)) for rule in self._rules[: self._place] if rule.when]
        own = [] if self._rule.when is None else [translation.value(self._rule.when.root)]
        return [*above, *own]

    def _fires(self) -> Proof:
        world = World(self._scheme, negative=True)
        conditions = self._when(Translation(world))
        _assume_ranges(world)
        claim = f"{self._rule.name} can fire"
        at = Position(self._rule.line, 1) if self._rule.when is None else self._rule.when.at

        def wrong() -> str | None:
            case = find(world, conditions, plain=False)
            if case is not None and fires(self._rules, self._place, case):
                return None
            case = find(world, conditions)
            if case is None:
                return (
                    f"{self._rule.name} can never fire: no parameters and no training make its condition true "
                    "where those above it are false."
                )
            if not fires(self._rules, self._place, case):
                raise Undecided
            return None

        return _proof(claim, self._rule.file, at, wrong)

    def _not_negative(self, name: str, assigned: Expression) -> Proof:
        world = World(self._scheme, negative=False)
        translation = Translation(world)
        after = translation.value(assigned.root)
        conditions = [*self._when(translation), after < 0]
        return self._universal(
            f"{self._rule.name} leaves {name} at 0 or more", world, conditions, assigned, self._came_to(name, assigned)
        )

    def _bounded(self, lever: Expression) -> Iterator[Proof]:
        bounds = self._scheme.bounds
        if bounds is None:
            message = (
                f"{self._rule.name} sets {self._scheme.lever}, but the scheme does not say by how much a trigger may "
                "change it; add bounds: {up: ..., down: ...} below its rules."
            )
            yield Proof(f"{self._rule.name} within bounds", self._error(lever.at, message))
            return
        for side, bound in (("up", bounds.up), ("down", bounds.down)):
            world = World(self._scheme, negative=True)
            translation = Translation(world)
            after = translation.value(lever.root)
            most = z3.RealVal(0) if bound is None else translation.value(bound.root)
            anchors = [world.lever(), *self._anchors(world)]
            beyond = [after > each + most if side == "up" else after < each - most for each in anchors]
            text = "0" if bound is None else bound.text
            yield self._universal(
                f"{self._rule.name} moves the load {side} by at most {text}",
                world,
                [*self._when(translation), *beyond],
                lever,
                self._moved(lever, side, bound),
            )

    def _anchors(self, world: World) -> list[Any]:
        if self._scheme.lever != "load":
            return []
        return [world.fact(FACTS[name]) for name in ANCHORS.get(self._trigger, ())]

    def _in_range(
        self, name: str, kept: Expression, low: Expression | None, high: Expression | None
    ) -> Iterator[Proof]:
        for end, sign in ((low, "under"), (high, "over")):
            if end is None:
                continue
            world = World(self._scheme, negative=True)
            translation = Translation(world)
            conditions = [*self._when(translation), _outside(translation, kept, end, sign)]
            yield self._universal(
                f"{self._rule.name} does not take {name} {sign} {end.text}",
                world,
                conditions,
                kept,
                self._came_to(name, kept, f", {sign} the {end.text} declared for it"),
            )

    def _universal(
        self,
        claim: str,
        world: World,
        violation: Sequence[Any],
        at: Expression,
        message: Callable[[Mapping[str, Any]], str],
    ) -> Proof:
        _assume_ranges(world)

        def wrong() -> str | None:
            case = find(world, violation)
            if case is None:
                return None
            if not fires(self._rules, self._place, case):
                raise Undecided
            return f"{message(case)}: {told(self._scheme, world, case)}."

        return _proof(claim, self._rule.file, at.at, wrong)

    def _came_to(self, name: str, assigned: Expression, more: str = "") -> Callable[[Mapping[str, Any]], str]:
        return lambda case: f"{self._rule.name} can make {name} {_value(assigned, case)}{more}"

    def _moved(self, lever: Expression, side: str, bound: Expression | None) -> Callable[[Mapping[str, Any]], str]:
        def message(case: Mapping[str, Any]) -> str:
            most = "nothing" if bound is None else f"{bound.text} ({_value(bound, case)})"
            return (
                f"{self._rule.name} can take {self._scheme.lever} to {_value(lever, case)}, where bounds allow {most} "
                f"{side}"
            )

        return message

    def _error(self, at: Position, message: str) -> RuleError:
        return RuleError(self._rule.file, at.line, at.column, message)


def _outside(translation: Translation, kept: Expression, end: Expression, sign: str) -> Any:
    value, limit = translation.value(kept.root), translation.value(end.root)
    if isinstance(value, tuple):
        value = value[0] if sign == "under" else value[1]
    return value < limit if sign == "under" else value > limit


def _assume_ranges(world: World) -> None:
    """State keeps to its declared range before the rule: what the induction stands on."""
    translation = Translation(world)
    for place, variable in enumerate(world.scheme.state):
        if variable.name in world.types:
            value = world.state(place)
            ends = value if isinstance(value, tuple) else (value, value)
            if variable.low is not None:
                world.assume(ends[0] >= translation.value(variable.low.root))
            if variable.high is not None:
                world.assume(ends[1] <= translation.value(variable.high.root))


def _ranges_hold_at_the_start(scheme: Scheme) -> Iterator[Proof]:
    for variable in scheme.state:
        for end, sign in ((variable.low, "under"), (variable.high, "over")):
            if end is not None:
                world = World(scheme, negative=True)
                violation = [_outside(Translation(world), variable.initial, end, sign)]
                message = f"{variable.name} can start {sign} the {end.text} declared for it"
                claim = f"{variable.name} does not start {sign} {end.text}"
                yield _never(claim, world, violation, variable.initial, message)


def _starts_at_no_negative_load(scheme: Scheme) -> Iterator[Proof]:
    starts = [(scheme.lever, initial) for initial in scheme.lever_initial]
    starts += [(each.name, each.initial) for each in scheme.state]
    for name, initial in starts:
        if initial.type == "load":
            world = World(scheme, negative=False)
            violation = [Translation(world).value(initial.root) < 0]
            yield _never(f"{name} starts at 0 or more", world, violation, initial, f"{name} can start below 0")


def _prescribes_something(scheme: Scheme) -> Iterator[Proof]:
    world = World(scheme, negative=True)
    translation = Translation(world)
    conditions = [z3.Or([translation.value(entry.count.root) >= 1 for entry in scheme.prescribe])]
    _assume_ranges(world)

    def wrong() -> str | None:
        nothing = "no parameters make this scheme prescribe a set: each count is 0 or less, so no programme can use it."
        return nothing if find(world, conditions, plain=False) is None else None

    yield _proof("prescribes something", scheme.file, scheme.prescribe[0].count.at, wrong)


def _prescribes_no_negative_load(scheme: Scheme) -> Iterator[Proof]:
    for number, entry in enumerate(scheme.prescribe, 1):
        world = World(scheme, negative=False)
        translation = Translation(world)
        violation = [translation.value(entry.load.root) < 0, translation.value(entry.count.root) >= 1]
        _assume_ranges(world)
        claim = f"line {number} of prescribe is at 0 or more"
        yield _never(claim, world, violation, entry.load, "this can prescribe a load below 0")


def _never(claim: str, world: World, violation: Sequence[Any], at: Expression, message: str) -> Proof:
    def wrong() -> str | None:
        case = find(world, violation)
        return None if case is None else f"{message}: {told(world.scheme, world, case)}."

    return _proof(claim, world.scheme.file, at.at, wrong)


def _proof(claim: str, file: str, at: Position, wrong: Callable[[], str | None]) -> Proof:
    try:
        message = wrong()
    except Undecided:
        message = f"the solver could not decide whether {claim}; say it in simpler terms."
    return Proof(claim, None if message is None else RuleError(file, at.line, at.column, message))


def _value(expression: Expression, case: Mapping[str, Any]) -> str:
    with localcontext(CONTEXT):
        value: Decimal | Any = evaluate(expression.root, Constants(case))
    return in_words(value, expression.type, "lb")


__all__ = ["Proof", "Rule", "prove"]
