"""Training logged without kinds comes out exactly as with them, ramps to the first work set included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from service.domain.events import Event, EventData, ProgrammeAssigned, SetLogged
from service.domain.instants import SECOND
from service.domain.loads import Load
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.replay.bound_programme import Plans
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_training import MONDAY, Course, Done, Training
from service.engine.simulate.simulation import Simulation
from tests.support.training import DEFAULT, LIBRARY

WEEKS = 8


def simulation(rule_set: RuleSet) -> Simulation:
    plans = Plans({rule_set.digest: rule_set, DEFAULT.digest: DEFAULT})
    assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
    return Simulation(plans, assigned, MONDAY, DEFAULT.digest, "kg")


def trained(rule_set: RuleSet) -> tuple[list[Event], list[Done]]:
    training = Training(simulation(rule_set), rule_set, Course("typical", WEEKS, 3, "kg"))
    done = list(training.train())
    return training.events, done


def ramp(asked: Sequence[PrescribedSet], work: SetLogged) -> Iterator[SetLogged]:
    """The warm-ups that were prescribed, logged as they were."""
    for each in asked:
        if each.kind == "warmup" and each.load is not None and each.reps is not None:
            load = Load(each.load.value, each.load.unit)
            yield msgspec.structs.replace(work, load=load, reps=int(each.reps.max), rir=None, kind=None)


def without_kinds(events: Sequence[Event], done: Sequence[Done], *, slots: bool) -> Iterator[EventData | Event]:
    begins = {id(each.sets[0]): each.prescribed for each in done if each.sets}
    for event in events:
        data = event.data
        if not isinstance(data, SetLogged):
            yield event
            continue
        bare = msgspec.structs.replace(data, kind=None, slot=data.slot if slots else None)
        if id(data) in begins:
            for number, warm_up in enumerate(ramp(begins[id(data)].sets, bare)):
                yield msgspec.structs.replace(event, data=warm_up, occurred_at=event.occurred_at - 60 * SECOND + number)
        yield msgspec.structs.replace(event, data=bare)


def came_of(rule_set: RuleSet, events: Sequence[Any]) -> list[list[tuple[Any, ...]]]:
    """What was asked in every slot after each session."""
    made = simulation(rule_set)
    for event in events:
        made.take(event)
    made.end()
    return [[_noticed(each) for each in session.prescriptions] for session in made.sessions]


def _noticed(each: Prescription) -> tuple[Any, ...]:
    return each.slot, each.status, each.sets, each.outcome, each.because


@pytest.mark.parametrize("slots", [True, False], ids=["slots named", "slots left to be found"])
@pytest.mark.parametrize("programme", ["stronglifts", "starting-strength", "gzclp", "nsuns", "boring-but-big"])
def test_it_comes_out_as_with_kinds(programme: str, slots: bool) -> None:  # noqa: FBT001 - a parameter of a table
    rule_set = LIBRARY.rule_set(programme)
    events, done = trained(rule_set)
    bare = list(without_kinds(events, done, slots=slots))
    assert len(bare) > len(events)
    for said, not_said in zip(came_of(rule_set, events), came_of(rule_set, bare), strict=True):
        assert not_said == said
