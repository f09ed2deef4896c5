"""Made-up lifters: what they can do, and that their training is an ordinary log."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest

from service.domain.events import Event, SessionCompleted, SetLogged
from service.domain.exercises import Exercise
from service.domain.loads import CONTEXT
from service.engine.simulate.made_up_lifter import CHARACTERS, Capacity
from service.engine.simulate.made_up_training import Course
from service.usecases.log.batch import Submission
from service.usecases.rules.simulate import LibraryRuleSets, Trained, simulate_under, train_under
from tests.support.training import DAY, LIBRARY, UPPER_BACK, rule_set_of

SQUAT = Exercise("squat", "Squat", "barbell", increase={"kg": Decimal(5), "lb": Decimal(10)})

SOME_WEEKS = """\
programme: mine
title: Mine
sources: [{title: a test}]
weeks: 2
days:
  - day: a
    slots:
      - {slot: first, exercise: squat, progression: double-progression}
      - {slot: every-other-week, exercise: bench-press, progression: {training-max-waves: WAVES}}
"""


@cache
def trained(lifter: str, weeks: int = 20) -> Trained:
    return train_under(UPPER_BACK, LibraryRuleSets(LIBRARY), Course(lifter, weeks, 3, "kg"))


def _sets(events: list[Event]) -> list[SetLogged]:
    return [event.data for event in events if isinstance(event.data, SetLogged)]


def _heaviest(came: Trained, exercise: str) -> Decimal:
    return max(each.load.value for each in _sets(came.events) if each.exercise == exercise)


@pytest.mark.parametrize("lifter", CHARACTERS)
def test_the_training_is_a_log_like_any_other(lifter: str) -> None:
    came = trained(lifter)
    log = [Submission(event.event_id, event.occurred_at, event.data) for event in came.events]
    assert simulate_under(UPPER_BACK, LibraryRuleSets(LIBRARY), log).sessions == came.simulated.sessions


def test_the_strong_gain_most_and_the_failing_least() -> None:
    loads = [_heaviest(trained(lifter), "deadlift") for lifter in ("failing", "typical", "strong")]
    assert loads == sorted(loads)
    assert loads[0] * 2 < loads[2] * Decimal("1.5")


def test_the_failing_fail_and_are_deloaded_and_miss_sessions() -> None:
    outcomes = [done.prescribed.outcome for done in trained("failing").done]
    assert outcomes.count("deload") > 3
    sessions = [event for event in trained("failing").events if isinstance(event.data, SessionCompleted)]
    gaps = [(after.occurred_at - before.occurred_at) / DAY for before, after in pairwise(sessions)]
    assert max(gaps) > 13


def test_they_do_nothing_in_a_slot_that_asks_for_none_this_week() -> None:
    waves = "{waves: [{week: 2, sets: 3, reps: 5, percent: 70}]}"
    mine = rule_set_of({"programmes/mine.yaml": SOME_WEEKS.replace("WAVES", waves)}, "mine")
    came = train_under(mine, LibraryRuleSets(LIBRARY), Course("typical", 4, 1, "kg"))
    done = [(each.week, len(each.sets)) for each in came.done if each.slot == "a/every-other-week"]
    assert done == [(1, 0), (2, 3), (3, 0), (4, 3)]


def test_they_do_the_sets_that_are_prescribed() -> None:
    for done in trained("typical").done:
        assert 1 <= len(done.sets) <= 3
        load = done.prescribed.sets[0].load
        assert load is None or load.value == done.sets[0].load.value
        assert all(each.slot == done.slot for each in done.sets)


def _capacity(exercise: Exercise = SQUAT, lifter: str = "typical") -> Capacity:
    capacity = Capacity(exercise, "kg", CHARACTERS[lifter]._replace(noise=Decimal(0)), "seed")
    capacity.begin(0)
    return capacity


def test_repetitions_follow_the_formula_of_the_rule_language() -> None:
    capacity = _capacity()
    assert capacity.fitness == 100
    assert [capacity.most(Decimal(load)) for load in (0, 75, 80, 100, 120)] == [50, 10, 7, 0, 0]
    assert capacity.choice(5) == Decimal("77.5")
    assert capacity.one_rep_max() == Decimal("95.0")


def test_body_weight_moves_along_where_the_load_is_added_to_it() -> None:
    capacity = _capacity(Exercise("dip", "Dip", "bodyweight", load="added"))
    assert capacity.fitness == 130
    assert capacity.most(Decimal(0)) == 18
    assert capacity.most(Decimal(-90)) == 50


def test_a_session_tires_today_and_strengthens_later_by_less_and_less() -> None:
    capacity = _capacity()
    gains = []
    for day in range(0, 100, 10):
        capacity.begin(day)
        before = capacity.fitness
        for _ in range(3):
            capacity.did(reserve=1)
        capacity.did(reserve=5)
        assert capacity.hard_sets == 3
        capacity.end()
        assert capacity.fatigue > 0
        gains.append(capacity.fitness - before)
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == CONTEXT.quantize(Decimal(60) * Decimal("0.025") / 2, Decimal("0.0001"))


def test_what_is_timed_is_held_in_seconds() -> None:
    capacity = _capacity(Exercise("plank", "Plank", "bodyweight", measure="seconds"))
    assert capacity.choice(30) == 0
    assert capacity.most(Decimal(0)) == 40
