"""The measure of walk-forward: sessions, what is compared, and the counts."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.effective_history import effective_history
from service.domain.events import LifterNoted, ProgrammeAssigned
from service.domain.instants import HOUR
from service.domain.loads import Unit
from service.domain.prescription import Prescription
from service.engine.simulate.session_walk import Walk, sessions_of
from service.engine.simulate.walk_forward import (
    MOST_PERCENT,
    Case,
    Lifted,
    Measure,
    Set,
    asked,
    has_load,
    lifted,
    total,
)
from tests.support.training import DAY, DEFAULT, MINUTE, MONDAY, PLANS, Lifter, a_set


def cases(lifter: Lifter) -> list[Case]:
    """The cases of a log under the default rules."""
    return list(Walk(PLANS, None, DEFAULT.digest).cases(effective_history(enumerate(lifter.log, 1))))


@cache
def a_prescription() -> Prescription:
    return Lifter("kg").does("squat", "100x5").rests(days=2).next("squat")


def case(load: float, done: float, last: float, highest: float, reps: int = 5, best: float = 120) -> Case:
    """A case of these loads, in kilograms."""
    top = Set(Decimal(str(done)), 5)
    return Case(
        exercise="squat",
        session=None,
        at=MONDAY,
        version=1,
        unit="kg",
        asked=Set(Decimal(str(load)), reps),
        lifted=Lifted(top, best),
        last=Decimal(str(last)),
        highest=Decimal(str(highest)),
        has=True,
        prescription=a_prescription(),
    )


def measured(*given_cases: Case) -> Measure:
    measure = Measure()
    for each in given_cases:
        measure.take(each)
    return measure


def test_the_heaviest_work_set_and_the_best_estimate_are_what_was_lifted() -> None:
    sets = [
        a_set("squat", "140x1", kind="warmup"),
        a_set("squat", "100x5"),
        a_set("squat", "100x6", kind="failure"),
        a_set("squat", "90x20"),
        a_set("squat", "120x3", kind="drop"),
        a_set("squat", "0x30s"),
    ]
    assert lifted(sets, "lb") == Lifted(Set(Decimal(100), 6), 90 * (1 + 12 / 30))
    assert lifted(sets[:1] + sets[-2:], "lb") is None
    assert lifted([a_set("squat", "100x5", "kg")], "lb") == Lifted(Set(Decimal("220.4623"), 5), 220.4623 * (1 + 5 / 30))


def test_what_is_asked_for_is_the_heaviest_work_set() -> None:
    prescription = Lifter("kg").does("squat", "100x12").rests(days=2).next("squat")
    top = asked(prescription, "kg")
    work = [each for each in prescription.sets if each.kind != "warmup"]
    assert top is not None
    assert top.load == max(each.load.value for each in work if each.load is not None)
    assert asked(Lifter("kg").does("squat", "100x5").next("deadlift"), "kg") is None, "no load is known"
    assert asked(prescription, "lb") == Set((top.load / Decimal("0.45359237")).quantize(Decimal("0.0001")), top.reps)


@pytest.mark.parametrize(
    ("load", "used", "unit", "has"),
    [
        ("60", ["60"], "kg", True),
        ("62.5", ["60"], "kg", True),
        ("61", ["60"], "kg", False),
        ("65", ["60"], "lb", True),
        ("62.5", ["60"], "lb", False),
        ("50", ["30", "40", "60"], "kg", True),
        ("45", ["30", "40", "60"], "kg", False),
        ("61.23", ["56.7", "58.97"], "kg", True),
        ("62.5", ["56.7", "58.97"], "kg", False),
        ("58.5", ["56.7", "56.70"], "kg", False),
    ],
)
def test_a_gym_has_what_was_used_and_whole_steps_of_it(load: str, used: list[str], unit: Unit, has: bool) -> None:  # noqa: FBT001
    assert has_load(Decimal(load), [Decimal(each) for each in used], unit) is has


def test_cases_are_counted() -> None:
    measure = measured(
        case(102.5, 105, last=100, highest=105),  # a raise that was foreseen, no record
        case(102.5, 100, last=100, highest=100),  # asked for, and not made: nor the record
        case(90, 100, last=100, highest=110),  # lowered in vain
        case(90, 90, last=100, highest=110),  # lowered, as they did
        case(100, 112.5, last=100, highest=110),  # a raise and record that nobody asked for
        case(115, 115, last=100, highest=110, best=115 * (1 + 5 / 30)),
    )
    parts = {name: tuple(share) for name, share in measure.shares().items()}
    assert measure.cases == 6
    assert parts == {
        "within_5_percent": (4, 6),
        "within_10_percent": (5, 6),
        "last_time_within_5_percent": (3, 6),
        "last_time_within_10_percent": (3, 6),
        "raises_foreseen": (2, 3),
        "raises_right": (2, 3),
        "lowered_in_vain": (1, 6),
        "loads_their_gym_has": (6, 6),
        "records_foreseen": (1, 2),
        "records_right": (1, 2),
        "estimate_within_5_percent": (4, 6),
        "asked_too_much": (0, 6),
    }


def test_quotients_are_those_of_the_numbers_in_json() -> None:
    assert measured(case(105, 100, 100, 100)).asked_within(5).part == 0, "105 / 100 - 1 is a hair above 0.05"
    assert measured(case(104, 100, 100, 100)).asked_within(4).part == int(104 / 100 - 1 <= 0.04)
    assert measured(case(400, 100, 100, 100)).asked_within(MOST_PERCENT).part == 0
    assert Measure().asked_within(5).percent is None


@given(st.lists(st.tuples(*[st.integers(1, 60)] * 4), max_size=6), st.integers(0, 6))
def test_counts_of_parts_add_up_to_those_of_the_whole(loads: list[tuple[int, int, int, int]], cut: int) -> None:
    made = [case(*each) for each in loads]
    assert total([measured(*made[:cut]), measured(*made[cut:])]) == measured(*made)


# Sessions


def test_a_session_is_a_session_id_or_sets_less_than_four_hours_apart() -> None:
    lifter = Lifter("kg").does("squat", "100x5", "100x5").rests(hours=3).does("squat", "100x5")
    lifter.rests(hours=4).does("squat", "100x5", session_id="a").does("squat", "100x5", session_id="b")
    lifter.does("squat", "100x5", session_id="a").profile(time_zone="Europe/Vienna")
    lifter.rests(days=1).does("squat", "100x5", session_id="a")
    found = sessions_of(effective_history(enumerate(lifter.log, 1)))
    assert [(each.id, [version for version, _ in each.entries]) for each in found] == [
        (None, [1, 2, 3]),
        ("a", [4, 6]),
        ("b", [5]),
        (None, [7]),
        ("a", [8]),
    ]


def test_nothing_is_known_but_what_was_logged_before() -> None:
    lifter = Lifter("kg").does("squat", "100x12", "100x12", "100x12", kind="work")
    lifter.rests(days=2).does("squat", "140x3").rests(days=2).does("squat", "20x3").does("bench-press", "50x5")
    first, second = cases(lifter)
    assert (first.version, first.at) == (3, MONDAY + 4 * MINUTE + 2 * DAY)
    assert first.last == first.highest == Decimal(100)
    assert first.prescription.sets == lifter.next("squat", as_of=first.at - 1, version=3).sets
    assert second.lifted.top == Set(Decimal(20), 3)
    assert second.last == second.highest == Decimal(140)
    assert second.prescription.sets == lifter.next("squat", as_of=second.at - 1, version=4).sets


def test_sessions_that_overlap_know_what_had_happened_by_their_beginning() -> None:
    lifter = Lifter("kg").does("squat", "100x5", "100x5").rests(days=2)
    for place in range(3):
        lifter.logs(a_set("squat", f"{110 + place}x5", "kg", session_id="long"), at=lifter.now + place * HOUR)
    begun = lifter.now + HOUR // 2
    lifter.logs(a_set("squat", "90x5", "kg", session_id="short"), at=begun)
    found = {each.session: each for each in cases(lifter)}
    assert found["short"].prescription.sets == lifter.next("squat", as_of=begun - 1).sets
    assert found["short"].last == 112


def test_what_cannot_be_compared_is_no_case() -> None:
    lifter = Lifter("kg").does("pull-up", "-20x8").does("squat", "100x5").does("plank", "0x60s")
    lifter.rests(days=2).does("pull-up", "0x8").does("squat", "100x5", kind="warmup").does("plank", "0x70s")
    lifter.rests(days=2).does("pull-up", "10x8").rests(days=2).does("pull-up", "12.5x8")
    assert [(each.exercise, each.last) for each in cases(lifter)] == [("pull-up", Decimal(10))]


def test_loads_are_compared_in_the_unit_that_was_logged() -> None:
    lifter = Lifter("kg").does("squat", "100x5", "102.5x5").rests(days=2)
    lifter.logs(a_set("squat", "225x5", "lb"))
    (found,) = cases(lifter)
    assert (found.unit, found.lifted.top.load) == ("lb", Decimal(225))
    assert (found.last, found.highest) == (Decimal("225.9738"), Decimal("225.9738"))
    assert found.asked == asked(found.prescription, "lb")


def test_a_profile_that_comes_later_is_not_known_before() -> None:
    lifter = Lifter("kg").does("squat", "100x5").rests(days=2).does("squat", "100x5").rests(days=2)
    lifter.profile(unit="lb").rests(days=1).does("squat", "100x5")
    first, second = cases(lifter)
    assert {each.load.unit for each in first.prescription.sets if each.load} == {"kg"}
    assert {each.load.unit for each in second.prescription.sets if each.load} == {"lb"}


def test_an_event_that_cannot_be_folded_stops_the_walk_as_it_stops_a_lifter() -> None:
    lifter = Lifter("kg").does("squat", "100x5").rests(days=2)
    lifter.logs(ProgrammeAssigned("upper-back"))  # without a digest, as no append leaves it
    lifter.rests(days=1).does("squat", "120x5").rests(days=2).does("squat", "120x5")
    walk = Walk(PLANS, None, DEFAULT.digest)
    *_, last = walk.cases(effective_history(enumerate(lifter.log, 1)))
    assert walk.parked is not None
    assert (walk.parked.version, last.prescription.parked) == (2, walk.parked)
    assert last.prescription.version == 1


def test_notes_change_nothing() -> None:
    lifter = Lifter("kg").does("squat", "100x5").rests(days=2)
    plain = cases(lifter.does("squat", "100x5"))
    lifter.log.insert(1, lifter.log[0].__class__("note", 1, MONDAY + HOUR, MONDAY, "test", LifterNoted(note="tired")))
    noted = cases(lifter)
    assert [(each.prescription.sets, each.lifted) for each in noted] == [
        (each.prescription.sets, each.lifted) for each in plain
    ]
