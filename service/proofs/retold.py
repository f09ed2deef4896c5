"""A performance that the solver found, run by the evaluator and told in a coach's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import localcontext
from typing import Any, NamedTuple

from service.domain.loads import CONTEXT
from service.engine.language.interpreter import Constants, evaluate
from service.engine.ruleset.facts.fact import LEVER
from service.engine.ruleset.scheme import Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import in_words
from service.proofs.performances import COLUMN, SESSION_TRIGGERS, Performance
from service.proofs.solver_values import as_it_is, ends_of
from service.proofs.world import World


class PrescribedSets(NamedTuple):
    """A line that is prescribed: load, and the range of repetitions or seconds."""

    sets: int
    load: Any
    amount: tuple[int, int]


class Retold(NamedTuple):
    """What came of a performance."""

    given: str
    """Parameters and state, in words; the same of both performances of a pair."""
    performed: str
    what_follows: str
    rules: list[Rule]
    """Those that fired, in order."""
    before: Any
    lever: Any
    next: Mapping[tuple[int, int], PrescribedSets]
    """By the place of the line in ``prescribe``, and of its row in the table."""

    @property
    def last_rule(self) -> Rule | None:
        """The rule that fired last, or None."""
        return self.rules[-1] if self.rules else None

    def is_less_than(self, other: Retold) -> bool:
        """Whether this prescribes less than the other does, as the law has it."""
        lighter = any(
            mine.load < theirs.load and mine.amount[0] <= theirs.amount[0] and mine.amount[1] <= theirs.amount[1]
            for place, theirs in other.next.items()
            if (mine := self.next.get(place)) is not None
        )
        lowered = self.lever < self.before <= other.lever
        not_raised = self.lever <= self.before < other.lever
        return lighter or lowered or not_raised or (not self.next and self.lever < other.lever)


def retold(performance: Performance, case: Mapping[str, Any]) -> Retold:
    """Run the rules over a performance, set by set where they are asked after each set."""
    with localcontext(CONTEXT):
        run = _Run(performance, case)
        run.session()
        following = dict(_prescribed(performance.scheme, {**run.values, **_renamed(case, "next ")}))
    scheme, unit = performance.scheme, performance.setting.unit
    rules = " and ".join(rule.name.rpartition(": ")[2] for rule in run.rules) or "no rule fires"
    lever = f"{scheme.lever.replace('_', ' ')} {in_words(run.values[scheme.lever], 'load', unit)}"
    lines = ", ".join(f"{each.sets}x{_loads(each, unit)}" for each in following.values())
    return Retold(
        _given(performance, case),
        _sets(performance, case),
        f"{rules}, {lever}" + (f", next {lines}" if lines else ""),
        run.rules,
        case[scheme.lever],
        run.values[scheme.lever],
        following,
    )


def _renamed(case: Mapping[str, Any], start: str) -> dict[str, Any]:
    return {name.removeprefix(start): value for name, value in case.items() if name.startswith(start)}


class _Run:
    """The names of a case, as they change from trigger to trigger."""

    def __init__(self, performance: Performance, case: Mapping[str, Any]) -> None:
        self.scheme = performance.scheme
        self.values: dict[str, Any] = {**case, LEVER: case[self.scheme.lever]}
        self.rules: list[Rule] = []
        self._counted = _renamed(case, "counted ")
        self._performed = case["performed"]

    def session(self) -> None:
        """Ask the rules of every trigger that a session leads through."""
        self.values["prescribed.sets"] = sum(each.sets for _, each in _prescribed(self.scheme, self.values))
        for trigger in SESSION_TRIGGERS:
            by_set = trigger is Trigger.AFTER_SET
            for number in range(1, len(self._performed) + 1) if by_set else (len(self._performed),):
                self._know(self._performed[:number])
                if trigger is Trigger.AFTER_SESSION:
                    self.values |= self._counted
                self._consider(trigger)

    def _know(self, sets: list[tuple[Any, ...]]) -> None:
        loads = [_cell(row, "load") for row in sets]
        last = sets[-1]
        for name in COLUMN:
            self.values[name if name.startswith("prescribed.") else f"set.{name}"] = _cell(last, name)
        self.values |= {
            "performed": sets,
            "session.sets": len(sets),
            "session.top_load": max(loads),
            "session.top_reps": max(
                (_cell(row, "reps") or 0 for row, load in zip(sets, loads, strict=True) if load == max(loads)),
            ),
            "session.prescribed_load": _cell(sets[0], "prescribed.load"),
        }

    def _consider(self, trigger: Trigger) -> None:
        where = Constants(self.values, round=as_it_is)
        for rule in self.scheme.rules.get(trigger, ()):
            if rule.when is None or evaluate(rule.when.root, where):
                self.rules.append(rule)
                self.values = {**self.values, **{name: evaluate(each.root, where) for name, each in rule.then.items()}}
                self.values[LEVER] = self.values[self.scheme.lever]
                return


def _cell(row: tuple[Any, ...], name: str) -> Any:
    return row[COLUMN[name].place]


def _prescribed(scheme: Scheme, values: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int], PrescribedSets]]:
    for number, entry in enumerate(scheme.prescribe):
        where = Constants(values, round=as_it_is)
        rows = (None,) if entry.over is None else evaluate(entry.over.rows, where)
        for place, row in enumerate(rows):
            inside = where
            if entry.over is not None:
                inside = Constants(values, {entry.over.variable: row}, as_it_is)
                if entry.over.condition is not None and not evaluate(entry.over.condition, inside):
                    continue
            measured = entry.reps or entry.seconds
            if measured is None or (entry.when is not None and not evaluate(entry.when.root, inside)):
                continue
            count, _ = ends_of(evaluate(entry.count.root, inside))  # what is optional may be left out
            if count >= 1:
                ends = ends_of(evaluate(measured.root, inside))
                yield (number, place), PrescribedSets(count, evaluate(entry.load.root, inside), ends)


def _given(world: World, case: Mapping[str, Any]) -> str:
    names = [name for name in world.types if not name.startswith("performed[") and not name.startswith("counted ")]
    parts = {name: f"{name} = {in_words(case[name], world.types[name], world.setting.unit)}" for name in names}
    settings = [parts[name] for name in world.scheme.parameters if name in parts]
    before = [part for name, part in parts.items() if name not in world.scheme.parameters]
    rows = f" and the rows of {world.setting.where}" if world.setting.where else ""
    return f"with {', '.join(settings) or 'any parameters'}{rows}, from {', '.join(before)}"


def _sets(performance: Performance, case: Mapping[str, Any]) -> str:
    unit = performance.setting.unit
    seconds = " s" if performance.scheme.measure == "seconds" else ""
    told = []
    for row in case["performed"]:
        reps, rir = _cell(row, "reps"), _cell(row, "rir")
        text = in_words(_cell(row, "load"), "load", unit)
        text += "" if reps is None else f" x {reps}{seconds}"
        text += "" if rir is None else f" with {in_words(rir, 'number', unit)} in reserve"
        told.append(f"{text} of {in_words(_cell(row, 'prescribed.load'), 'load', unit)}")
    counted = [
        f"{name.removeprefix('counted ')} = {in_words(value, performance.types[name], unit)}"
        for name, value in case.items()
        if name.startswith("counted ") and value is not None
    ]
    return ", ".join([*told, *counted])


def _loads(sets: PrescribedSets, unit: Any) -> str:
    low, high = sets.amount
    return f"{in_words(sets.load, 'load', unit)}x{low if low == high else f'{low}-{high}'}"
