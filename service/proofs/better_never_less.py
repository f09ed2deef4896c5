"""Better never prescribes less: the law about two performances of one session, and what is excepted from it.

Two performances of the same scheme, parameters and state, of the same number of sets, no set under the load that was
asked for it: where each set of one has at least the other's load, repetitions and reserve, no line that is prescribed
next after it is lighter without asking for more repetitions, the load or training max is not lowered unless the other
lowers it too, and is raised if the other raises it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import islice, product
from typing import Any, Final

import z3

from service.domain.errors import RuleError
from service.engine.language.compiler import facts_read
from service.engine.ruleset.scheme import LawException, Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.proofs.assumptions import SETS_PROVEN
from service.proofs.cases import Undecided, equal, model_of, wishes
from service.proofs.claims import Claim, assume_ranges, estimates
from service.proofs.formulas import FORMULAS
from service.proofs.performances import COLUMN, COUNTED, SESSION_TRIGGERS, Performance
from service.proofs.prescribed import lines
from service.proofs.retold import Retold, retold
from service.proofs.world import Setting, World

LAW: Final = "better-never-less"
MOST_SETS_FOLLOWED: Final = 3
"""Sets of a session whose rules are asked after each set; longer sessions of these are searched, not proven."""

MOST_SETS_TO_A_SESSION: Final = 12

STEPS: Final = 12_000_000
"""Of the solver for one pair: a few seconds. What takes more is left open and searched."""

FEW_STEPS: Final = 2_000_000
"""Of the solver for all rules at once, which is the shorter way where it gets through."""

HABIT: Final = "habit."
"""How the facts begin that a session changes when it ends."""

MOST_WISHES: Final = 50
"""For a plainer pair; each may cost a second."""


class Pair:
    """Two performances of a session, of which the second is at least as good as the first in every set."""

    def __init__(self, scheme: Scheme, setting: Setting, most_sets: int) -> None:
        negative = not estimates(scheme) and scheme.lever != "training_max"
        self.scheme = scheme
        self.setting = setting
        self.less, self.more = (
            Performance(scheme, setting, side, negative=negative, most_sets=most_sets) for side in ("less", "more")
        )
        self._next = list(zip(self.less.prescribed_next(), self.more.prescribed_next(), strict=True))
        self._plainer: dict[Any, Any] = {}
        """Conditions without products, by the conditions."""
        self.assumptions = [
            *self.less.assumptions, *self.more.assumptions,
            *self.less.as_asked, *self.more.as_asked,
            *self._better(), *self._follows(),
        ]  # fmt: skip

    def _better(self) -> Iterator[Any]:
        """Each set has at least the other's load, repetitions and reserve, and so has what is counted of them."""
        for active, less, more in self._sets():
            for name in self._read:
                yield z3.Implies(active, more.cell(COLUMN[name]) >= less.cell(COLUMN[name]))
        more_counted = self.more.counted
        for name, less in self.less.counted.items():
            yield more_counted[name] >= less if COUNTED[name] else more_counted[name] <= less

    def _follows(self) -> Iterator[Any]:
        """What the solver would find out set by set, of ten sets in minutes: the best of better sets is no worse."""
        for less, more in zip(self.less.compared, self.more.compared, strict=True):
            yield more.no_less_than(less)

    @property
    def _read(self) -> list[str]:
        """What is compared of each set; a reserve where a rule asks for it, who tells it in both or in neither."""
        return ["load", "reps", *(["rir"] if any(name.endswith(".rir") for name in self.less.types) else [])]

    def _sets(self) -> Iterator[tuple[Any, Any, Any]]:
        pairs = zip(self.less.sets.active(), self.more.sets.active(), strict=True)
        return ((active, less, more) for (active, less), (_, more) in pairs)

    def _without_products(self, conditions: list[Any]) -> list[Any]:
        """The same with each estimate as any load that grows with the set: what is never true of these never is.

        An estimate is a product of load and repetitions, which the solver finds hard where sets are many.
        """
        instead, grow = self._estimates
        for condition in conditions:
            if condition not in self._plainer:
                self._plainer[condition] = z3.substitute(condition, *instead)
        return [*grow, *(self._plainer[condition] for condition in conditions)]

    @cached_property
    def _estimates(self) -> tuple[list[tuple[Any, Any]], list[Any]]:
        """Each set's estimate with the load that stands for it, and how these loads hang together."""
        estimate, load, reps = FORMULAS["e1rm"], COLUMN["load"], COLUMN["reps"]
        instead, grow = [], []
        for number, (_, *rows) in enumerate(self._sets()):
            less, more = (z3.Real(f"estimate {side} {number}") for side in ("less", "more"))
            instead += [
                (estimate(row.cell(load), row.cell(reps)), value) for row, value in zip(rows, (less, more), strict=True)
            ]
            grow.append(more >= less)
        return instead, grow

    def broken(self) -> Any:
        """The better performance leads to less."""
        lighter = [
            z3.And(
                less.sets >= 1,
                more.sets >= 1,
                more.load < less.load,
                more.amount[0] <= less.amount[0],
                more.amount[1] <= less.amount[1],
            )
            for less, more in self._next
        ]
        before = self.less.before.lever
        less, more = self.less.after.lever, self.more.after.lever
        lowered = z3.And(more < before, less >= before)
        not_raised = z3.And(less > before, more <= before)
        return z3.Or(*lighter, lowered, not_raised, *([] if self._next else [more < less]))

    def fires(self, rule: Rule) -> Any:
        """A rule fires in one of the two."""
        return z3.Or([each.fired for side in (self.less, self.more) for each in side.firings if each.rule is rule])

    def find(self, conditions: list[Any], *, plain: bool = True, steps: int = STEPS) -> tuple[Retold, Retold] | None:
        """Two performances of which conditions are true, replayed by the evaluator; None when there are none."""
        conditions = [*self.assumptions, *conditions]
        if estimates(self.scheme) and model_of(self._without_products(conditions), (), steps) is None:
            return None
        model = model_of(conditions, islice(self._wishes(), MOST_WISHES) if plain else (), steps)
        if model is None:
            return None
        less, more = (retold(side, side.case(model)) for side in (self.less, self.more))
        return less, more

    def find_by_rules(self, conditions: list[Any]) -> tuple[Retold, Retold] | None:
        """The same; if that is not plain at once, for each two rules that may fire last by themselves."""
        undecided = None
        with suppress(Undecided):
            return self.find(conditions, steps=FEW_STEPS)
        for ways in product(self.less.ways, self.more.ways):
            try:
                found = self.find([*conditions, *ways])
            except Undecided as error:
                undecided = error
            else:
                if found is not None:
                    return found
        if undecided is not None:
            raise undecided
        return None

    def _wishes(self) -> Iterator[Any]:
        """First as few sets as can be, then two performances that differ in little."""
        for most in (1, 2, 3):
            yield self.less.sets.length <= most
        for _, less, more in self._sets():
            for name in self._read:
                yield more.cell(COLUMN[name]) == less.cell(COLUMN[name])
            yield less.cell(COLUMN["load"]) == less.cell(COLUMN["prescribed.load"])
            yield less.cell(COLUMN["reps"]) == 5
            yield more.cell(COLUMN["reps"]) <= 20
        yield from wishes(self.less)
        yield from wishes(self.more)


def better_never_less(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    """The law, that every rule fires in a session as it is prescribed, and that each exception excuses something."""
    rules = [rule for trigger in SESSION_TRIGGERS for rule in scheme.rules.get(trigger, ())]
    if not rules:
        return
    if any(name.startswith(HABIT) for name in facts_read(scheme)):
        # What is prescribed next reads a habit that the session itself changes, which no formula here follows.
        yield Claim("better never prescribes less, where habits change with the session", None, unproven="left open")
        return
    pairs = [Pair(scheme, setting, sets) for sets in sizes(scheme, setting)]
    excepted = [rule for rule in rules if rule.exception is not None]
    broken = False
    for (
        pair
    ) in pairs:  # a session that is longer than one that breaks the law would only tell the same at greater length
        claim = Claim(_named(pair), None, unproven="not asked") if broken else _law(pair, excepted)
        broken = broken or claim.finding is not None
        yield claim
    for rule in rules:
        yield _fires_as_prescribed(pairs, rule)
    for rule in excepted:
        yield _excuses_something(pairs, rule)


def sizes(scheme: Scheme, setting: Setting) -> list[int]:
    """How many sets a session is followed for: each number by itself where rules are asked after each set.

    Else up to as many as any of the setting's tables, with the usual parameters, makes a session of.
    """
    if Trigger.AFTER_SET in scheme.rules:
        return list(range(1, MOST_SETS_FOLLOWED + 1))
    world = World(scheme, setting, negative=True)
    asked = z3.Sum([line.sets for line in lines(scheme, world)]) if scheme.prescribe else z3.IntVal(1)
    assume_ranges(world)
    usual = [
        equal(world.parameter(name), parameter.default)
        for name, parameter in scheme.parameters.items()
        if parameter.type not in ("rows", "load", "word")
    ]
    longest = SETS_PROVEN
    while longest < MOST_SETS_TO_A_SESSION and model_of([*world.assumptions, *usual, asked > longest]) is not None:
        longest += 1
    return [longest]


def _law(pair: Pair, excepted: list[Rule]) -> Claim:
    name, scheme = _named(pair), pair.scheme
    none_excepted = [z3.Not(pair.fires(rule)) for rule in excepted]
    try:
        found = pair.find_by_rules([pair.broken(), *none_excepted])
        if found is None:
            return Claim(name, None)
        less, more = found
        if not more.is_less_than(less):
            return Claim(name, None, unproven="left open")
    except Undecided:
        return Claim(name, None, unproven="left open")
    at = more.last_rule or less.last_rule
    line = 1 if at is None else at.line
    message = (
        f"a better performance leads to less: {less.given}. "
        f"With {less.performed}: {less.what_follows}. With {more.performed}: {more.what_follows}."
    )
    return Claim(name, RuleError(scheme.file, line, 1, message))


def _named(pair: Pair) -> str:
    """Alike in all settings of a scheme, whose tables may make sessions of different lengths."""
    sets = pair.less.most_sets
    if Trigger.AFTER_SET in pair.scheme.rules:
        return f"better never prescribes less, in a session of {sets} set{'s'[: sets > 1]}"
    return f"better never prescribes less, in a session of as many sets as are usual, or {SETS_PROVEN}"


def _fires_as_prescribed(pairs: list[Pair], rule: Rule) -> Claim:
    """So that the law is not true of a rule only because no session reaches it."""
    name = f"{rule.name} fires in a session as it is prescribed"
    is_open = False
    for pair in pairs:
        side = pair.less
        fired = z3.Or([each.fired for each in side.firings if each.rule is rule])
        try:
            if model_of([*side.assumptions, fired], (), STEPS) is not None:
                return Claim(name, None, somewhere=True)
        except Undecided:
            is_open = True
    if is_open:
        return Claim(name, None, somewhere=True, unproven="left open")
    message = (
        f"{rule.name} fires in no session whose sets are prescribed as this scheme prescribes them, so nothing is "
        "proven of it there."
    )
    return Claim(name, RuleError(rule.file, rule.line, 1, message), somewhere=True)


def _excuses_something(pairs: list[Pair], rule: Rule) -> Claim:
    exception = rule.exception
    assert exception is not None  # noqa: S101 - asked of excepted rules only
    name = f"the exception of {rule.name} excuses something"
    for pair in pairs:
        try:
            if pair.find([pair.broken(), pair.fires(rule)], plain=False) is not None:
                return Claim(name, None, somewhere=True)
        except Undecided:
            return Claim(name, None, somewhere=True, unproven="left open")
    message = f"this exception excuses nothing: {rule.name} keeps the law that better never prescribes less; delete it."
    return Claim(name, _at(rule, exception, message), somewhere=True)


def _at(rule: Rule, exception: LawException, message: str) -> RuleError:
    return RuleError(rule.file, exception.at.line, exception.at.column, message)
