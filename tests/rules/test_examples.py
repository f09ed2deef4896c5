"""Every example of every scheme file is run: logged through the fold, prescribed, compared."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from service.domain.events import BaselineSet, Event, EventData, ProgrammeAssigned, SessionCompleted, SetLogged
from service.domain.exercises import Exercise
from service.domain.history import effective_history
from service.domain.instants import HOUR, SECOND, Instant, parse
from service.domain.loads import Load
from service.engine.files.examples import Example, Expected, Step
from service.engine.files.library import Library, load_library
from service.engine.fold import Fold, computing
from service.engine.model import Day, Outcome, Programme, RuleSet, Scheme, SchemeUse, Slot
from service.engine.plan import Plans
from service.engine.prescribing import Prescriber
from service.engine.replay import ENGINE_VERSION
from service.engine.state import LifterState

LIBRARY = load_library(Path(__file__).parents[2] / "rules")
START = parse("2026-01-05T10:00:00Z")
MINUTE = 60 * SECOND
DAY = 24 * HOUR
EXERCISE = "example"


def rule_set_of(scheme: Scheme, example: Example, library: Library) -> RuleSet:
    """A programme of one slot that runs the scheme as the example says."""
    measure = scheme.measure or "reps"
    exercise = Exercise(EXERCISE, "Example", "other", measure=measure)
    if example.exercise is not None:
        exercise = library.exercises[example.exercise]
    use = SchemeUse(scheme.id, example.params)
    slot = Slot("a/slot", "a", exercise.id, use, measure=measure)
    if scheme.role == "deload":
        assert example.progression is not None, "the example of a deload names the progression that it accompanies"
        slot = replace(slot, progression=SchemeUse(example.progression, {}), deloads=(use,))
    programme = Programme("example", "Example", (Day("a", "A", (slot,)),), (), "", (), "programmes/example.yaml")
    return RuleSet("e" * 64, programme, library.schemes, {exercise.id: exercise}, {})


class Rehearsal:
    """Logs an example line by line and asks what is prescribed."""

    def __init__(self, scheme: Scheme, example: Example) -> None:
        rule_set = rule_set_of(scheme, example, LIBRARY)
        self.plans = Plans({rule_set.digest: rule_set})
        self.exercise = next(iter(rule_set.exercises))
        self.unit = example.unit
        self.now: Instant = START
        self.log: list[Event] = []
        self.append(ProgrammeAssigned("example", rule_set.digest))
        if example.baseline is not None:
            self.append(BaselineSet(self.exercise, load=Load(example.baseline, self.unit)))

    def append(self, data: EventData) -> None:
        self.now += MINUTE
        self.log.append(Event(f"e{len(self.log)}", 1, self.now, self.now, "example", data))

    def do(self, step: Step) -> None:
        if step.kind == "days":
            self.now += step.days * DAY
        elif step.kind == "end":
            self.append(SessionCompleted())
        else:
            load = Load(step.load, self.unit)
            self.append(SetLogged(self.exercise, load, step.reps, step.seconds, step.rir, kind="work"))

    def next(self) -> Expected:
        state = LifterState(ENGINE_VERSION)
        state.shared.unit = self.unit
        fold = Fold(state, self.plans)
        with computing():
            fold.apply_all(effective_history(enumerate(self.log, 1)))
            prescriber = Prescriber(fold, self.now)
            prescription, raw = prescriber.prescription("lifter", prescriber.due(self.exercise))
        load = raw[0].load
        assert load is not None
        return Expected(load, raw[0].reps or raw[0].seconds, cast(Outcome, prescription.outcome))


EXAMPLES = [
    pytest.param(scheme, example, id=f"{scheme.id}: {example.name}")
    for scheme in LIBRARY.schemes.values()
    for example in scheme.examples
]


@pytest.mark.parametrize(("scheme", "example"), EXAMPLES)
def test_the_example_comes_true(scheme: Scheme, example: Example) -> None:
    rehearsal = Rehearsal(scheme, example)
    for step in example.steps:
        rehearsal.do(step)
        if step.expected is None:
            continue
        actual = rehearsal.next()
        expected = step.expected
        compared = Expected(
            actual.load,
            actual.reps if expected.reps else None,
            actual.outcome if expected.outcome else None,
        )
        assert compared == expected, f"{scheme.file}:{step.at.line}: {step.text}"


def test_every_scheme_has_examples_that_expect_something() -> None:
    silent = [
        scheme.id
        for scheme in LIBRARY.schemes.values()
        if not any(step.expected for example in scheme.examples for step in example.steps)
    ]
    assert silent == []


def test_loads_in_examples_are_exact() -> None:
    loads = [step.load for scheme in LIBRARY.schemes.values() for example in scheme.examples for step in example.steps]
    assert all(isinstance(load, Decimal) for load in loads)
