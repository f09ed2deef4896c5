"""What is claimed of a scheme, and how each claim comes out with the rows that its tables have in one setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import z3

from service.domain.errors import RuleError
from service.engine.language.functions import FUNCTIONS
from service.engine.language.tree_queries import walk
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.facts.sets import PERFORMED
from service.engine.ruleset.places import Position
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Call, Expression
from service.proofs.cases import Undecided, find, fires, told, value_in, value_in_words
from service.proofs.prescribed import rows_of
from service.proofs.solver_values import ends_of
from service.proofs.translation import Translation
from service.proofs.world import Setting, World

_SESSION: Final = ("session.top_load", "session.prescribed_load")
ANCHORS: Final[Mapping[Trigger, tuple[str, ...]]] = {
    Trigger.AFTER_SET: ("set.load", "prescribed.load"),
    Trigger.AFTER_EXERCISE: _SESSION,
    Trigger.AFTER_SESSION: _SESSION,
}
"""The loads performed and prescribed that a change is measured from, beside the lever before: that of a ``load``, and
others where the bounds say so. Where a rule reads the sets of the session, each of those too."""


class Claim(NamedTuple):
    """A claim and the finding against it, if there is one."""

    name: str
    finding: RuleError | None
    somewhere: bool = False
    """Whether it is enough that it holds in one setting."""
    unproven: Literal["left open", "not asked"] | None = None
    """Left open where the solver could not tell, not asked where a shorter session has broken the law already."""

    @property
    def rank(self) -> int:
        """How far from proven: 0 is proven, 3 refuted."""
        return 3 if self.finding is not None else (None, "left open", "not asked").index(self.unproven)


def claims(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    """Every claim about a scheme, in the same order for each setting."""
    yield from _ranges_hold_at_the_start(scheme, setting)
    yield from _starts_at_no_negative_load(scheme, setting)
    for trigger, rules in scheme.rules.items():
        for place in range(len(rules)):
            yield from _RuleClaims(scheme, setting, trigger, place).all()
    if scheme.role == "progression":
        yield _prescribes_something(scheme, setting)
        yield from _prescribes_no_negative_load(scheme, setting)
    if scheme.adjust is not None:
        yield from _adjusts_within_reason(scheme, setting)


class _RuleClaims:
    """The claims about one rule."""

    def __init__(self, scheme: Scheme, setting: Setting, trigger: Trigger, place: int) -> None:
        self._scheme = scheme
        self._setting = setting
        self._trigger = trigger
        self._rules = scheme.rules[trigger]
        self._place = place
        self._rule = self._rules[place]

    def all(self) -> Iterator[Claim]:
        """Every claim."""
        yield self._fires()
        for name, assigned in self._rule.then.items():
            if assigned.type == "load":
                yield self._not_negative(name, assigned)
        lever = self._rule.then.get(self._scheme.lever)
        if lever is not None:
            yield from self._bounded(lever)
        for variable in self._scheme.state:
            kept = self._rule.then.get(variable.name)
            if kept is not None:
                yield from self._in_range(variable.name, kept, variable.low, variable.high)

    def _world(self, *, negative: bool) -> tuple[World, Translation, list[Any]]:
        """A world in which this rule fires and none above it did."""
        world = World(self._scheme, self._setting, negative=negative and not estimates(self._scheme))
        translation = Translation(world)
        above = [z3.Not(translation.value(rule.when.root)) for rule in self._rules[: self._place] if rule.when]
        own = [] if self._rule.when is None else [translation.value(self._rule.when.root)]
        return world, translation, [*above, *own]

    def _fires(self) -> Claim:
        world, _, conditions = self._world(negative=True)
        assume_ranges(world)
        at = self._rule.when or Position(self._rule.line, 1)

        def wrong() -> str | None:
            for plain in (False, True):
                case = find(world, conditions, plain=plain)
                if case is None:
                    return (
                        f"{self._rule.name} can never fire: no parameters and no training make its condition true "
                        "where those above it are false."
                    )
                if fires(self._rules, self._place, case):
                    return None
            raise Undecided

        return _claim(f"{self._rule.name} can fire", self._rule.file, at, wrong, somewhere=True)

    def _not_negative(self, name: str, assigned: Expression) -> Claim:
        world, translation, conditions = self._world(negative=False)
        violation = [*conditions, translation.value(assigned.root) < 0]
        return self._never(
            f"{self._rule.name} leaves {name} at 0 or more", world, violation, assigned, self._came_to(name, assigned)
        )

    def _bounded(self, lever: Expression) -> Iterator[Claim]:
        bounds = self._scheme.bounds
        if bounds is None:
            message = (
                f"{self._rule.name} sets {self._scheme.lever}, but the scheme does not say by how much a trigger may "
                "change it; add bounds: {up: ..., down: ...} below its rules."
            )
            finding = RuleError(self._rule.file, lever.at.line, lever.at.column, message)
            yield Claim(f"{self._rule.name} keeps within bounds", finding)
            return
        for side, bound in (("up", bounds.up), ("down", bounds.down)):
            world, translation, conditions = self._world(negative=True)
            after = translation.value(lever.root)
            most = z3.RealVal(0) if bound is None else translation.value(bound.root)
            beyond = [
                z3.Implies(there, after > anchor + share if side == "up" else after < anchor - share)
                for there, anchor in self._anchors(world)
                # A bound that names the lever, a share of it, is taken of the load that the change is measured from.
                for share in [z3.substitute(most, (world.lever(), anchor))]
            ]
            text = "0" if bound is None else bound.text
            yield self._never(
                f"{self._rule.name} moves {self._scheme.lever} {side} by at most {text}",
                world,
                [*conditions, *beyond],
                lever,
                self._moved(lever, side, bound),
            )

    def _anchors(self, world: World) -> list[tuple[Any, Any]]:
        """Loads that a change is measured from, each with whether it is there."""
        always = z3.BoolVal(val=True)
        anchors = [(always, world.lever())]
        bounds = self._scheme.bounds
        if bounds is not None and bounds.performed:
            anchors += [(always, world.fact(FACTS[name])) for name in ANCHORS.get(self._trigger, ())]
            loads = [column for column in PERFORMED if column.type == "load"]
            for sets in world.lists:
                anchors += [(active, row.cell(column)) for active, row in sets.active() for column in loads]
        return anchors

    def _in_range(
        self, name: str, kept: Expression, low: Expression | None, high: Expression | None
    ) -> Iterator[Claim]:
        for end, sign in ((low, "under"), (high, "over")):
            if end is not None:
                world, translation, conditions = self._world(negative=True)
                yield self._never(
                    f"{self._rule.name} does not take {name} {sign} {end.text}",
                    world,
                    [*conditions, _outside(translation, kept, end, sign)],
                    kept,
                    self._came_to(name, kept, f", {sign} the {end.text} declared for it"),
                )

    def _never(
        self,
        claim: str,
        world: World,
        violation: Sequence[Any],
        at: Expression,
        message: Callable[[Mapping[str, Any]], str],
    ) -> Claim:
        assume_ranges(world)

        def wrong() -> str | None:
            case = find(world, violation)
            if case is None:
                return None
            if not fires(self._rules, self._place, case):
                raise Undecided
            return f"{message(case)}: {told(world, case)}."

        return _claim(claim, self._rule.file, at, wrong)

    def _came_to(self, name: str, assigned: Expression, more: str = "") -> Callable[[Mapping[str, Any]], str]:
        unit = self._setting.unit
        return lambda case: f"{self._rule.name} can make {name} {value_in_words(assigned, case, unit)}{more}"

    def _moved(self, lever: Expression, side: str, bound: Expression | None) -> Callable[[Mapping[str, Any]], str]:
        unit = self._setting.unit

        def message(case: Mapping[str, Any]) -> str:
            most = "nothing" if bound is None else f"{bound.text} ({value_in_words(bound, case, unit)})"
            came_to = f"{self._rule.name} can take {self._scheme.lever} to {value_in_words(lever, case, unit)}"
            if bound is not None and value_in(bound, case) < 0:  # a share of assistance, which is below 0
                share = f"write abs({self._scheme.lever}) where a share of it is meant"
                return f"{came_to}, where {side}: {most} is below 0 and allows nothing; {share}"
            return f"{came_to}, where bounds allow {most} {side}"

        return message


def estimates(scheme: Scheme) -> bool:
    """Whether rules estimate one-rep maxes, which mean nothing where the load is assistance."""
    rules = [rule for rules in scheme.rules.values() for rule in rules]
    expressions = [each for rule in rules for each in (rule.when, *rule.then.values()) if each is not None]
    nodes = (node for expression in expressions for node in walk(expression.root))
    return any(isinstance(node, Call) and FUNCTIONS[node.function].estimates for node in nodes)


def _outside(translation: Translation, kept: Expression, end: Expression, sign: str) -> Any:
    value, limit = translation.value(kept.root), translation.value(end.root)
    if isinstance(value, tuple):
        value = value[0] if sign == "under" else value[1]
    return value < limit if sign == "under" else value > limit


def assume_ranges(world: World) -> None:
    """State keeps to its declared range before the rule: what the induction stands on."""
    translation = Translation(world)
    for place, variable in enumerate(world.scheme.state):
        if variable.name in world.types:
            least, most = ends_of(world.state(place))
            if variable.low is not None:
                world.assume(least >= translation.value(variable.low.root))
            if variable.high is not None:
                world.assume(most <= translation.value(variable.high.root))


def _ranges_hold_at_the_start(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    for variable in scheme.state:
        for end, sign in ((variable.low, "under"), (variable.high, "over")):
            if end is not None:
                world = World(scheme, setting, negative=True)
                violation = [_outside(Translation(world), variable.initial, end, sign)]
                message = f"{variable.name} can start {sign} the {end.text} declared for it"
                claim = f"{variable.name} does not start {sign} {end.text}"
                yield _never(claim, world, violation, variable.initial, message)


def _starts_at_no_negative_load(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    starts = [
        *((scheme.lever, each) for each in scheme.lever_initial),
        *([(scheme.lever, scheme.first_set)] if scheme.first_set else []),
        *((each.name, each.initial) for each in scheme.state),
    ]
    for name, initial in starts:
        if initial.type == "load":
            world = World(scheme, setting, negative=False)
            violation = [Translation(world).value(initial.root) < 0]
            yield _never(
                f"{name} starts at 0 or more: {initial.text}", world, violation, initial, f"{name} can start below 0"
            )


def _prescribes_something(scheme: Scheme, setting: Setting) -> Claim:
    world = World(scheme, setting, negative=True)
    ways = [z3.And(conditions) for entry in scheme.prescribe for _, conditions in rows_of(entry, world)]
    assume_ranges(world)

    def wrong() -> str | None:
        nothing = "no parameters make this scheme prescribe a set, so no programme can use it."
        return nothing if find(world, [z3.Or(ways)], plain=False) is None else None

    return _claim("something is prescribed", scheme.file, scheme.prescribe[0].count, wrong, somewhere=True)


def _prescribes_no_negative_load(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    for number, entry in enumerate(scheme.prescribe, 1):
        world = World(scheme, setting, negative=False)
        ways = [z3.And(*conditions, inside.value(entry.load.root) < 0) for inside, conditions in rows_of(entry, world)]
        assume_ranges(world)
        claim = f"line {number} of prescribe is at 0 or more"
        yield _never(claim, world, [z3.Or(ways)], entry.load, "this can prescribe a load below 0")


def _adjusts_within_reason(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    adjust = scheme.adjust
    for name, share in (("load", adjust.load), ("sets", adjust.sets)) if adjust else ():
        world = World(scheme, setting, negative=True)
        translation = Translation(world)
        value = translation.value(share.root)
        violation = [translation.value(adjust.when.root), z3.Or(value < 0, value > 100)] if adjust else []
        assume_ranges(world)
        claim = f"adjust leaves 0 to 100 % of the {name}"
        yield _never(claim, world, violation, share, f"adjust can leave less than no {name}, or more than all")


def _never(claim: str, world: World, violation: Sequence[Any], at: Expression, message: str) -> Claim:
    def wrong() -> str | None:
        case = find(world, violation)
        return None if case is None else f"{message}: {told(world, case)}."

    return _claim(claim, world.scheme.file, at, wrong)


def _claim(
    name: str, file: str, at: Expression | Position, wrong: Callable[[], str | None], *, somewhere: bool = False
) -> Claim:
    try:
        message = wrong()
    except Undecided:
        message = f"the solver could not decide whether this holds: {name}. Say it in simpler terms."
    (line, column), width = (at, 0) if isinstance(at, Position) else (at.at, len(at.text))
    return Claim(name, None if message is None else RuleError(file, line, column, message, width), somewhere)
