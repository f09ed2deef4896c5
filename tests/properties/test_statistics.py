"""Numbers over time agree with what the fold knows, whatever the log."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from service.domain.events import Event, SetLogged
from service.domain.instants import week_of
from service.engine.replay.fold import Fold
from service.engine.replay.projection import replay_whole
from service.engine.statistics.series import Statistics, Wanted, statistics
from service.engine.statistics.training_log import fold_and_watch
from tests.support.histories import logs, run_of
from tests.support.training import PLANS

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

_ALL = Wanted()


def _numbers(events: list[Event], wanted: Wanted = _ALL) -> tuple[Fold, Statistics]:
    fold, training = fold_and_watch(run_of(events), PLANS)
    unit = fold.state.shared.working_unit
    return fold, statistics(training.conclude(), training.records(), wanted, unit)


@LAW
@given(logs())
def test_watching_changes_nothing(events: list[Event]) -> None:
    if events:
        fold, _ = _numbers(events)
        assert fold.state.fields() == replay_whole(run_of(events), PLANS).fields()


@LAW
@given(logs())
def test_the_newest_week_is_that_of_the_rules(events: list[Event]) -> None:
    if not events:
        return
    fold, numbers = _numbers(events)
    session = fold.state.shared.session
    zones = {each.data.time_zone for each in events if hasattr(each.data, "time_zone")} - {None}
    if session.number == 0 or zones:  # in another zone a week may begin on another day
        return
    fold.volume.asked_at = session.last_at
    by_muscle = {muscle: sets for muscle, sets in fold.volume.by_muscle().items() if sets}
    (newest,) = numbers.weeks[-1:]
    assert newest.week == week_of(numbers.sessions[-1].day)
    assert {muscle: sets for muscle, sets in newest.hard_sets.items() if sets} == by_muscle


@LAW
@given(logs())
def test_records_lead_to_what_is_remembered(events: list[Event]) -> None:
    if not events:
        return
    fold, numbers = _numbers(events)
    for exercise in fold.state.exercises.names():
        memory = fold.state.memory(exercise)
        fell = [each for each in numbers.records if each.exercise == exercise]
        best = [each.e1rm for each in fell if each.e1rm is not None]
        assert (not best) == ((memory.best_e1rm or 0) <= 0)
        if memory.best_e1rm is not None and best:
            assert abs(best[-1] - memory.best_e1rm) < Decimal("0.001")
        for place, load in enumerate(memory.rep_maxes, 1):
            amounts = (((each.reps or 0) if each.seconds is None else each.seconds // 10, each.load) for each in fell)
            most = max(lifted for amount, lifted in amounts if min(amount, 30) >= place)
            assert abs(most - load) < Decimal("0.001"), (exercise, place)


@LAW
@given(logs())
def test_each_set_is_counted_once_and_of_one_exercise_as_among_all(events: list[Event]) -> None:
    if not events:
        return
    _, every = _numbers(events)
    points = [point for series in every.exercises.values() for point in series]
    assert sum(total.sets for total in every.sessions) == sum(point.sets for point in points)
    assert sum(total.tonnage for total in every.sessions) == sum(point.tonnage for point in points)
    assert sum(week.sessions for week in every.weeks) == len(every.sessions)
    assert sum(point.sets for point in points) <= sum(isinstance(each.data, SetLogged) for each in events)
    for exercise, series in every.exercises.items():
        _, one = _numbers(events, Wanted(exercise))
        assert one.exercises == {exercise: series}
        assert one.records == [record for record in every.records if record.exercise == exercise]


@LAW
@given(logs(most=16))
def test_stretches_of_time_share_out_the_whole(events: list[Event]) -> None:
    if not events:
        return
    _, every = _numbers(events)
    for total in every.sessions:
        _, before = _numbers(events, Wanted(until=total.began_at))
        _, after = _numbers(events, Wanted(since=total.began_at))
        assert before.sessions + after.sessions == every.sessions
        assert before.records + after.records == every.records
