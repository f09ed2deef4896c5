"""A session as a formula: any sets of one slot, what the scheme's rules make of them, and what is prescribed next.

What is prescribed for the sets is what ``prescribe`` gives in the state before them, rounding aside. A scheme with
rules ``after set`` is followed set by set, so its session has a fixed number of sets; another's has any number up to
the longest that is considered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import z3

from service.domain.limits import MOST_REPS
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.facts.fact import LEVER, Fact
from service.engine.ruleset.facts.sets import PERFORMED
from service.engine.ruleset.scheme import Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import Column
from service.proofs.claims import assume_ranges
from service.proofs.formulas import largest
from service.proofs.prescribed import Line, lines
from service.proofs.solver_values import constant
from service.proofs.symbolic_lists import SymbolicList, SymbolicRow, chosen
from service.proofs.translation import Translation
from service.proofs.world import Setting, World

SESSION_TRIGGERS: Final = (Trigger.AFTER_SET, Trigger.AFTER_EXERCISE, Trigger.AFTER_SESSION)
"""What a session leads through, in this order."""

COUNTED: Final[Mapping[str, bool]] = {
    "history.failures_in_a_row": False,
    "history.failures_since_change": False,
    "history.sessions_since_record": False,
    "history.best_e1rm": True,
}
"""Facts that the session itself has changed when it is over, and whether more of it is better."""

COLUMN: Final[Mapping[str, Column]] = {column.name: column for column in PERFORMED}
_DONE: Final = re.compile(r"performed\[\d+\]\.(load|reps|rir)")
_ASKED: Final = re.compile(r"performed\[\d+\]\.prescribed\..*")
_LATER: Final = ("programme.", "volume.", "history.")
"""Facts that have moved on when the next session is prescribed; they are the same whatever was performed."""


class Standing(NamedTuple):
    """The lever and the scheme's state at one moment."""

    lever: Any
    state: tuple[Any, ...]


class Firing(NamedTuple):
    """A rule, and the condition under which it fired at one moment of the session."""

    trigger: Trigger
    rule: Rule
    fired: Any


class Extreme(NamedTuple):
    """The least or greatest of what a question answers about the sets: of each, whether it counts, and its value."""

    function: str
    asked: list[tuple[Any, Any]]
    result: Any

    def no_less_than(self, other: Extreme) -> Any:
        """What is so of any two lists: where no value is less, and none counts for less, the extreme is not either."""
        pairs = list(zip(self.asked, other.asked, strict=True))
        if self.function == "max":
            places = [z3.Implies(theirs, z3.And(ours, mine >= its)) for (ours, mine), (theirs, its) in pairs]
        else:
            places = [z3.Implies(ours, z3.And(theirs, mine >= its)) for (ours, mine), (theirs, its) in pairs]
        places.append(self.asked[0][1] >= other.asked[0][1])  # the first is taken whether or not it counts
        return z3.Implies(z3.And(places), self.result >= other.result)


class _Sets(SymbolicList):
    """The sets of a performance, which remember what was asked of them."""

    def __init__(self, rows: Sequence[SymbolicRow], length: Any, compared: list[Extreme]) -> None:
        super().__init__(rows, length)
        self._compared = compared

    def over(self, function: str, question: Callable[[SymbolicRow], tuple[Any, Any]]) -> Any:
        """Ask a question about every row."""
        result = super().over(function, question)
        if function in ("min", "max"):
            answers = [(active, *question(row)) for active, row in self.active()]
            self._compared.append(Extreme(function, [(z3.And(a, counts), v) for a, counts, v in answers], result))
        return result


class Performance(World):
    """A performance of the next session. ``side`` tells two of them apart: in what is not performed they are alike."""

    def __init__(self, scheme: Scheme, setting: Setting, side: str, *, negative: bool, most_sets: int) -> None:
        super().__init__(scheme, setting, negative=negative, most_sets=most_sets)
        self._side = side
        self._by_set = Trigger.AFTER_SET in scheme.rules
        self.firings: list[Firing] = []
        self.compared: list[Extreme] = []
        """Every least and greatest of the sets that was asked for, in the same order for each side."""
        sets = self.performed(FACTS["performed"])
        if self._by_set:
            self.assume(sets.length == most_sets)
        self.sets: SymbolicList = _Sets(sets.rows, sets.length, self.compared)
        self.before = Standing(self.lever(), tuple(self.state(place) for place in range(len(scheme.state))))
        assume_ranges(self)
        self._rows_are_sets()
        self.after = self._session()

    def anything(self, name: str, type_: Any) -> Any:
        """Any value; what is performed is this side's own, and so is what is asked after sets of its own."""
        own = _DONE.fullmatch(name) or name.startswith("counted ") or (self._by_set and _ASKED.fullmatch(name))
        return super().anything(f"{self._side} {name}" if own else name, type_)

    @property
    def as_asked(self) -> list[Any]:
        """No set is lighter than what was asked for it."""
        load, asked = COLUMN["load"], COLUMN["prescribed.load"]
        return [z3.Implies(active, row.cell(load) >= row.cell(asked)) for active, row in self.sets.active()]

    @property
    def ways(self) -> list[Any]:
        """Conditions of which one is true: that a rule fired last in the session, or that none of those did."""
        last = max((each.trigger for each in self.firings), key=SESSION_TRIGGERS.index)
        fired = [each.fired for each in self.firings if each.trigger is last]
        return [*fired, z3.Not(z3.Or(fired))]

    @property
    def counted(self) -> dict[str, Any]:
        """What the session changed of the history, by fact, where a rule reads it."""
        names = {f"counted {name}": name for name in COUNTED}
        return {names[name]: value for name, value in self.unknowns().items() if name in names}

    def prescribed_next(self) -> list[Line]:
        """What is prescribed for the next session."""
        return lines(self.scheme, _View(self, self.after, {}, self.sets, later=True))

    def count(self, fact: Fact) -> Any:
        """A fact of the history once the session is counted in."""
        low, high = (0, 1_000_000) if fact.type == "int" else (0, 5_000)
        return self.unknown(f"counted {fact.name}", fact.type, low, high)

    def later(self, fact: Fact) -> Any:
        """A fact when the next session is prescribed."""
        low, high = (1, 1_000) if fact.name in ("programme.week", "programme.cycle") else (0, 1_000_000)
        return self.unknown(f"next {fact.name}", fact.type, low, high)

    def _rows_are_sets(self) -> None:
        for number, row in enumerate(self.sets.rows, 1):
            self.assume(row.cell(COLUMN["index"]) == number)
            row.cell(COLUMN["load"])
            row.cell(COLUMN["prescribed.load"])
            if self.scheme.measure == "reps":
                self.assume(row.cell(COLUMN["reps"]) <= constant(MOST_REPS))

    def _session(self) -> Standing:
        standing = self.before
        if not self._by_set:
            for number, row in enumerate(self.sets.rows, 1):
                self._ask(row, number, standing)
        for trigger in SESSION_TRIGGERS:
            rules = self.scheme.rules.get(trigger, ())
            if trigger is not Trigger.AFTER_SET:
                standing = self._consider(trigger, rules, standing, self.sets) if rules else standing
                continue
            for number, row in enumerate(self.sets.rows if rules else (), 1):
                self._ask(row, number, standing)
                so_far = _Sets(self.sets.rows[:number], z3.IntVal(number), self.compared)
                standing = self._consider(trigger, rules, standing, so_far)
        return standing

    def _ask(self, row: SymbolicRow, number: int, standing: Standing) -> None:
        """What a set was prescribed as; one beyond all that are prescribed is judged by the last of them."""
        asked = lines(self.scheme, _View(self, standing, {}, self.sets))
        if not asked:
            return
        total = z3.Sum([line.sets for line in asked])
        self.assume(total >= 1)
        place = z3.If(total < number, total, z3.IntVal(number))
        upto = z3.IntVal(0)
        for line in asked:
            mine = z3.And(place > upto, place <= upto + line.sets)
            upto = upto + line.sets
            low, high = row.cell(COLUMN["prescribed.reps"])
            load, kind = row.cell(COLUMN["prescribed.load"]), row.cell(COLUMN["prescribed.kind"])
            given = (load == line.load, low == line.amount[0], high == line.amount[1], kind == line.kind)
            self.assume(z3.Implies(mine, z3.And(given)))

    def _consider(self, trigger: Trigger, rules: Sequence[Rule], before: Standing, sets: SymbolicList) -> Standing:
        view = _View(self, before, _session_facts(self, trigger, sets), sets)
        translation = Translation(view)
        above: list[Any] = []
        fired: list[tuple[Rule, Any]] = []
        for rule in rules:
            when = z3.BoolVal(val=True) if rule.when is None else translation.value(rule.when.root)
            fired.append((rule, z3.And(*above, when)))
            above.append(z3.Not(when))
        self.firings += [Firing(trigger, rule, condition) for rule, condition in fired]

        def left(name: str, value: Any) -> Any:
            for rule, condition in reversed(fired):
                if name in rule.then:
                    value = chosen(condition, translation.value(rule.then[name].root), value)
            return value

        names = [variable.name for variable in self.scheme.state]
        state = tuple(left(name, value) for name, value in zip(names, before.state, strict=True))
        return Standing(left(self.scheme.lever, before.lever), state)


class _View:
    """What is read at one moment of a performance: the lever and state of that moment, and the sets so far."""

    def __init__(
        self,
        performance: Performance,
        standing: Standing,
        given: Mapping[str, Callable[[], Any]],
        sets: SymbolicList,
        *,
        later: bool = False,
    ) -> None:
        self.scheme = performance.scheme
        self._performance = performance
        self._standing = standing
        self._given = given
        self._sets = sets
        self._later = later

    def fact(self, fact: Fact) -> Any:
        """The value of a fact at this moment."""
        if fact.name == LEVER:
            return self._standing.lever
        if fact.name in self._given:
            return self._given[fact.name]()
        if self._later and fact.name.startswith(_LATER):
            return self._performance.later(fact)
        return self._performance.fact(fact)

    def known(self, fact: Fact) -> Any:
        """Whether a fact that may be missing is there."""
        if fact.name == "set.rir":
            return self._sets.rows[-1].known(COLUMN["rir"])
        return self._performance.known(fact)

    def lever(self) -> Any:
        """The lever at this moment."""
        return self._standing.lever

    def state(self, place: int) -> Any:
        """A state variable at this moment."""
        return self._standing.state[place]

    def parameter(self, name: str) -> Any:
        """A parameter, the same all along."""
        return self._performance.parameter(name)

    def table(self, name: str, columns: tuple[Column, ...]) -> SymbolicList:
        """A table, the same all along."""
        return self._performance.table(name, columns)

    def performed(self, fact: Fact) -> SymbolicList:  # noqa: ARG002 - there is one list of sets
        """The sets so far."""
        return self._sets

    def anything(self, name: str, type_: Any) -> Any:
        """Any value of a type, the same for the same name."""
        return self._performance.anything(name, type_)


def _session_facts(performance: Performance, trigger: Trigger, sets: SymbolicList) -> dict[str, Callable[[], Any]]:
    """The facts that the sets so far say, each made when a rule reads it."""
    last = sets.rows[-1]
    facts: dict[str, Callable[[], Any]] = {
        "session.sets": lambda: sets.length,
        "session.top_load": lambda: _top(sets)[0],
        "session.top_reps": lambda: _top(sets)[1],
        "session.prescribed_load": lambda: sets.rows[0].cell(COLUMN["prescribed.load"]),
    }
    if trigger is Trigger.AFTER_SET:
        for name in ("load", "reps", "seconds", "rir", "kind", "index"):
            facts[f"set.{name}"] = partial(last.cell, COLUMN[name])
        for name in ("prescribed.load", "prescribed.reps", "prescribed.kind"):
            facts[name] = partial(last.cell, COLUMN[name])
    if trigger is Trigger.AFTER_EXERCISE and performance.scheme.prescribe:
        asked = lines(performance.scheme, _View(performance, performance.before, {}, sets))
        facts["prescribed.sets"] = lambda: z3.Sum([line.sets for line in asked])
    if trigger is Trigger.AFTER_SESSION:
        facts |= {name: partial(performance.count, FACTS[name]) for name in COUNTED}
    return facts


def _top(sets: SymbolicList) -> tuple[Any, Any]:
    """The heaviest load of some sets, and the most repetitions at it."""
    rows = [(active, row.cell(COLUMN["load"]), row.cell(COLUMN["reps"])) for active, row in sets.active()]
    first = rows[0][1]
    top = largest(first, *(z3.If(active, load, first) for active, load, _ in rows[1:]))
    return top, largest(*(z3.If(z3.And(active, load == top), reps, 0) for active, load, reps in rows))
