"""What a slot asks for is kept for as long as what it follows from is the same, and only so long."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.engine.replay.bound_programme import Plan, PlannedSlot, PlanSettings
from service.engine.replay.fact_values import Facts
from service.engine.replay.habit import Habit
from service.engine.replay.state import LifterState, Memory
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.version import ENGINE_VERSION
from tests.support.training import LIBRARY


def looking_at(slot: PlannedSlot) -> Facts:
    facts = Facts()
    facts.shared, facts.memory, facts.slot = LifterState(ENGINE_VERSION).shared, Memory(), slot
    facts.hard_sets = lambda _weeks_ago: Decimal(0)
    return facts


def track_of(slot: PlannedSlot, facts: Facts) -> Track:
    track = Track(slot.exercise.id, lever=Decimal(100))
    track.own[slot.progression_id] = slot.progression.initial(facts, track)
    return track


def anew(slot: PlannedSlot, facts: Facts, track: Track) -> tuple[RawSet, ...]:
    if slot.slot.weeks is not None and facts.week_of_programme not in slot.slot.weeks:
        return ()
    sets = slot.progression.prescribed(facts, track, track.own[slot.progression_id])
    raw = [RawSet(*each) for each in sets]
    if slot.measure == "seconds" and slot.progression.scheme.measure is None:  # as of either
        raw = [each._replace(reps=None, seconds=each.reps) for each in raw]
    return tuple(raw)


@pytest.mark.parametrize("programme", sorted(LIBRARY.programmes))
def test_what_is_asked_is_kept_until_something_that_it_follows_from_is_another(programme: str) -> None:
    plan = Plan(LIBRARY.rule_set(programme), PlanSettings("kg", None, {}))
    shown = Habit().after([(Decimal(90), 5)] * 3, None, lambda load: load)
    for slot in plan.slots() or plan.of_exercise("squat", timed=False):
        facts = looking_at(slot)
        track = track_of(slot, facts)
        for week in (0, 1, 5):
            facts.programme_week = week
            asked = slot.asked(facts, track)
            assert asked.sets == anew(slot, facts, track)
            assert slot.asked(facts, track) is asked
        for name, value in (("lever", Decimal("102.5")), ("adjusted", None), ("habit", shown)):
            setattr(track, name, value)
            assert slot.asked(facts, track).sets == anew(slot, facts, track)


def test_loads_that_are_equal_but_written_otherwise_are_asked_for_as_they_are_written() -> None:
    (slot, *_) = Plan(LIBRARY.rule_set("stronglifts"), PlanSettings("kg", None, {})).slots()
    facts = looking_at(slot)
    track = track_of(slot, facts)
    assert str(slot.asked(facts, track).sets[0].load) == "100"
    track.lever = Decimal("100.0")
    assert str(slot.asked(facts, track).sets[0].load) == "100.0"
