"""What proofs and checker assume of facts holds whenever rules are asked, whatever is logged."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from operator import attrgetter
from typing import Any

from hypothesis import example, given

from service.domain.effective_history import effective_history
from service.domain.events import Event, ProgrammeAssigned, SessionCompleted
from service.engine.replay.bound_programme import PlannedStep
from service.engine.replay.fact_values import Facts
from service.engine.replay.fold import Fold
from service.engine.replay.observer import FoldObserver
from service.engine.replay.state import LifterState
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.facts.fact import Fact
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import Limits
from service.engine.version import ENGINE_VERSION
from service.proofs.assumptions import LARGEST_LOAD, relations
from tests.support.histories import event, logs
from tests.support.training import DAY, DEFAULT, MINUTE, MONDAY, PLANS, a_set, rule_set_of

A_SET = a_set("deadlift", "100x5", "kg")

ASKED = {
    "bool": "{}",
    "int": "{} > 3",
    "number": "{} > 3",
    "load": "{} > step",
    "range": "{}.max > 3",
    "rows": "count(each.reps > 3 for each in {}) > 1",
    "word": '{} == "work"',
}
"""A condition that reads a fact of a type and is neither always true nor never."""


def readable(trigger: Trigger) -> list[Fact]:
    """The facts that a probe of repetitions reads at a trigger."""
    here = [fact for fact in FACTS.values() if fact.triggers is None or trigger in fact.triggers]
    return [fact for fact in here if fact.name not in ("lever", "set.seconds")]


def conditions(trigger: Trigger) -> Iterator[str]:
    for fact in readable(trigger):
        asked = ASKED[fact.type].format(fact.name)
        if fact.type == "rows" and "reps" not in {column.name for column in fact.columns}:
            asked = f"count(each.load > step for each in {fact.name}) > 1"
        if fact.type == "word" and fact.words and "work" not in fact.words:
            asked = f'{fact.name} == "{fact.words[0]}"'
        yield f"known({fact.name}) and {asked}" if fact.optional else asked


def two_by_two(asked: Iterator[str]) -> Iterator[str]:
    """Two conditions a rule: there are more facts than a list may have rules."""
    for one, other in zip_longest(asked, asked):
        yield one if other is None else f"({one}) or ({other})"


def rules(trigger: Trigger) -> str:
    each = [
        f"  - {{rule: {trigger.replace(' ', '-')}-{number}, when: '{condition}', outcome: hold, because: stay}}"
        for number, condition in enumerate(two_by_two(conditions(trigger)))
    ]
    last = ["  - {otherwise: hold, because: stay}"] if trigger is Trigger.AFTER_SET else []
    return "\n".join([f"{trigger}:", *each, *last])


EVEN = '- {count: 2, load: load, reps: "range(5, 8)"}'
UNEVEN = """
  - {count: 1, load: load + 2 * step, reps: "range(5, 8)"}
  - {count: 1, load: load, reps: "range(5, 8)"}
  - {count: 1, load: load + step, reps: 3}
"""

PROBE = f"""
scheme: reads-everything
title: Reads everything
sources: [{{title: a test}}]
params: {{step: {{type: load, default: {{kg: 1, lb: 2}}, from: 0}}}}
state: {{load: {{type: load, initial: baseline.load}}}}
{chr(10).join(rules(trigger) for trigger in Trigger)}
prescribe:
  {EVEN}
examples:
  - {{name: none, unit: kg, log: ["100x5 -> 100"]}}
"""

PROGRAMME = """
programme: probing
title: Everything is read
sources: [{title: a test}]
weeks: 2
days:
  - day: a
    slots:
      - {slot: hinge, exercise: deadlift, progression: reads-everything, track: hinge, deload: [stall]}
      - {slot: bent, exercise: barbell-row, progression: reads-everything, track: hinge}
      - {slot: row, exercise: single-arm-dumbbell-row, progression: reads-everything, deload: [layoff]}
  - day: b
    slots:
      - {slot: heavy, exercise: barbell-row, progression: reads-everything}
      - {slot: pull, exercise: pull-up, progression: reads-everything, deload: [stall, layoff]}
      - {slot: squat, exercise: front-squat, progression: reads-everything-unevenly}
"""

PROBING = rule_set_of(
    {
        "progression/reads-everything.yaml": PROBE,
        "progression/reads-everything-unevenly.yaml": PROBE.replace(EVEN, UNEVEN).replace(
            "reads-everything", "reads-everything-unevenly"
        ),
        "programmes/probing.yaml": PROGRAMME,
    },
    "probing",
)


class Where:
    """What paths of facts start from."""

    def __init__(self, facts: Facts, track: Track) -> None:
        self.facts = facts
        self.track = track


def hold(trigger: Trigger, facts: Facts, track: Track) -> None:
    """Hold what is known at a trigger against everything that is assumed of it."""
    values: dict[str, Any] = {}
    for fact in readable(trigger):
        if "." not in fact.path:
            continue
        value = attrgetter(fact.path)(Where(facts, track))
        assert fact.optional or value is not None, (trigger, fact.name)
        if value is None:
            continue
        values[fact.name] = value
        if fact.type == "rows":
            values[f"rows({fact.name})"] = len(value)
            assert value, (trigger, fact.name)
            for number, row in enumerate(value, 1):
                for column in fact.columns:
                    cell = row[column.place]
                    assert column.optional or cell is not None, (trigger, fact.name, column.name)
                    if cell is not None:
                        values.setdefault(f"{fact.name}[{number}].{column.name}", cell)
                        within(f"{trigger} {column.name}", cell, column.type, column.limits)
        else:
            least = None if fact.sign == "any" else 0
            within(f"{trigger} {fact.name}", value, fact.type, fact.limits, least)
        if fact.words:
            assert value in fact.words, (trigger, fact.name, value)
    related = relations(values, lambda one, other: not one or other)
    assert all(related), (trigger, values)


def within(what: str, value: Any, type_: str, limits: Limits, least: int | None = None) -> None:
    if type_ == "load":
        low: Any = -LARGEST_LOAD if least is None else least
        assert low <= value <= LARGEST_LOAD * 35, (what, value)
    elif type_ in ("int", "number", "percent", "range"):
        low, high = limits
        ends = value if isinstance(value, tuple) else (value, value)
        assert low <= ends[0] <= ends[1] <= high, (what, value)
        assert type_ != "int" or isinstance(value, int)
        assert type_ != "number" or isinstance(value, int | Decimal)


class Assumer(FoldObserver):
    def __init__(self, asked: set[Trigger]) -> None:
        self.asked = asked

    def attach(self, tracks: Tracks) -> None:
        self.facts = tracks.facts

    def rules_begin(self, trigger: Trigger, steps: Sequence[PlannedStep], track: Track) -> None:
        if any(step.scheme.startswith("reads-everything") for step in steps):
            self.asked.add(trigger)
            hold(trigger, self.facts, track)


def minute_by_minute(*sets: str | None) -> list[Event]:
    """A log of sets in kilograms; None ends a session."""
    parted = (each and each.partition(" ") for each in sets)
    data = (a_set(each[0], each[2], "kg") if each else SessionCompleted() for each in parted)
    return [event(version, MONDAY + DAY + version * MINUTE, each) for version, each in enumerate(data, 2)]


def test_what_is_assumed_holds_at_every_trigger() -> None:
    asked: set[Trigger] = set()

    @given(logs(in_order=True, most=30))
    @example([event(2, MONDAY + DAY, A_SET, "one"), event(3, MONDAY + 10 * DAY, A_SET, "another week's")])
    @example(minute_by_minute("deadlift 100x2", "deadlift 100x2", "deadlift 100x3"))  # the last is extra
    @example(minute_by_minute("front-squat 102.4x1", None, "front-squat 102.4x5"))  # matched anew, 102.4 is 102.5
    @example(  # a load found anew in one slot of a track leaves what the other did
        minute_by_minute("deadlift 60x5", "barbell-row 90x5", "barbell-row 90x5", "deadlift 80x3", "barbell-row 70x3")
    )
    def whatever_is_logged(log: list[Event]) -> None:
        first = event(1, MONDAY, ProgrammeAssigned("probing", PROBING.digest), "assigned")
        kept = [each for each in log if not isinstance(each.data, ProgrammeAssigned)]
        fold = Fold(LifterState(ENGINE_VERSION), PLANS, Assumer(asked))
        fold.assume(DEFAULT.digest)
        fold.apply_all(effective_history(enumerate([first, *kept], 1)))

    whatever_is_logged()
    assert asked == set(Trigger)
