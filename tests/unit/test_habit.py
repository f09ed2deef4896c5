"""What is remembered of the sessions of a track, and what rules read of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.limits import MOST_PLACES
from service.domain.loads import Load, Unit
from service.engine.replay.habit import LOADS, RAISES, SESSIONS, Habit, fewest_reps_at_top, top_places
from tests.support.training import Lifter, a_set


def sets(text: str) -> list[tuple[Decimal, int]]:
    return [(Decimal(load), int(reps)) for load, reps in (each.split("x") for each in text.split())]


def habit(*sessions: str, asked: str | None = None) -> Habit:
    """The habit after sessions; the last one began with the lever ``asked``."""
    known = Habit()
    for number, session in enumerate(sessions, 1):
        last = number == len(sessions)
        known = known.after(sets(session), Decimal(asked) if asked and last else None, Decimal)
    return known


@pytest.mark.parametrize(
    ("session", "fewest", "places"),
    [
        ("60x12 60x10 60x9", 9, 3),
        ("50x12 60x10 70x8", 8, 1),
        ("80x5 72.5x4 65x3", 5, 3),
        ("80x5 72.5x7 65x9", 5, 1),  # a back-off
        ("100x5 100x5 80x5 80x8", 5, 4),  # not all of the lighter ones have more
        ("20x10 40x5 100x5 100x3", 3, 2),
        ("-20x8 -20x6", 6, 2),
        ("0x20", 20, 1),
    ],
)
def test_what_a_session_is_at_its_heaviest(session: str, fewest: int, places: int) -> None:
    assert (fewest_reps_at_top(sets(session)), top_places(sets(session))) == (fewest, places)


@pytest.mark.parametrize(
    ("sessions", "load", "reps", "lighter"),
    [
        (["100x5"], "100", 5, None),
        (["100x5 100x4", "100x6"], "100", 6, None),
        (["100x5", "105x3"], "105", 3, None),
        (["100x5", "80x8"], "100", 5, "80"),
        (["100x5", "80x8", "85x7"], "85", 7, None),
        (["100x5", "80x8", "70x9"], "80", 8, "70"),
        (["100x5", "80x8", "100x6"], "100", 6, None),
        (["-20x8", "-30x8"], "-20", 8, "-30"),
    ],
)
def test_a_lighter_session_needs_a_second(sessions: list[str], load: str, reps: int, lighter: str | None) -> None:
    known = habit(*sessions)
    assert (known.load, known.reps) == (Decimal(load), reps)
    assert known.lighter_load == (None if lighter is None else Decimal(lighter))
    assert (known.lighter_reps is None) == (lighter is None)


def test_repetitions_at_a_raise_are_known_from_three_on() -> None:
    assert habit("60x8", "62.5x8", "65x10").reps_at_raise is None
    assert habit("60x8", "62.5x9", "65x12", "67.5x8").reps_at_raise == 9


def test_coming_back_after_a_lighter_session_is_no_raise() -> None:
    assert habit("60x8", "50x8", "60x8", "62.5x8").steps == (Decimal("2.5"),)
    assert habit("60x8", "50x8", "62.5x8").steps == ()


def test_a_raise_that_was_asked_for_shows_no_more_than_was_known() -> None:
    known = ("60x8", "62.5x8", "65x8", "67.5x14")
    assert habit(*known, "70x8").raised_at == (8, 8, 8, 14)
    assert habit(*known, "70x8", asked="67.5").raised_at == (8, 8, 8, 14)
    assert habit(*known, "70x8", asked="70").raised_at == (8, 8, 8, 8)


def test_the_step_is_on_the_small_side_of_the_usual() -> None:
    assert habit("60x8").step is None
    assert habit("60x8", "65x8").step == 5
    assert habit("60x8", "60.5x8", "63x8", "65.5x8", "68x8", "73x8").step == Decimal("2.5")


def test_sets_and_loads() -> None:
    known = habit("60x8 60x8 60x8", "60x8 60x8", "65x8", "62.5x8 62.5x6 62.5x6")
    assert (known.sets, known.top_places) == (2, 2)
    assert known.loads == [(Decimal(60),), (Decimal("62.5"),), (Decimal(65),)]
    assert Habit().loads is None
    assert Habit().sets is None


@pytest.mark.parametrize(
    ("before", "newest", "is_pattern"),
    [
        ("50x12 60x10 70x8", "50x12 60x10 70x8", True),
        ("50x12 60x10 70x8", "52.5x10 65x8 75x6", True),
        ("50x12 60x10 70x8", "50x12 60x10", False),
        ("50x12 60x10 70x8", "50x12 50x10 70x8", False),
        ("0x12 0x10", "0x12 0x10", False),
        ("-10x12 5x10", "-10x12 5x10", False),
        ("-40x8 -30x8", "-40x8 -30x7", True),
    ],
)
def test_sessions_alike_are_a_pattern(before: str, newest: str, is_pattern: bool) -> None:  # noqa: FBT001 - a column of the table
    pattern = habit(before, newest).pattern
    done = sets(newest)
    assert pattern == ([(*each, max(done)[0]) for each in done] if is_pattern else None)


def test_the_gym_has_what_was_lifted_there_and_one_usual_step_above() -> None:
    assert Habit().learned_loads == ()
    assert habit("61.23x8").learned_loads == (Decimal("61.23"),)
    own = habit("61.23x8", "65.77x8", "65.77x8").learned_loads
    assert own == tuple(map(Decimal, ("61.23", "65.77", "70.31")))


@given(
    st.lists(
        st.lists(st.tuples(st.integers(-40, 300).map(Decimal), st.integers(0, 40)), min_size=1, max_size=30),
        min_size=1,
        max_size=60,
    )
)
def test_what_is_remembered_is_bounded(sessions: list[list[tuple[Decimal, int]]]) -> None:
    known = Habit()
    for session in sessions:
        known = known.after(session, None, Decimal)
    assert len(known.raised_at) == len(known.steps) <= RAISES
    assert len(known.set_counts) == len(known.top_counts) <= SESSIONS
    assert len(known.own_loads) == len(set(known.own_loads)) <= LOADS
    assert max(len(known.previous), len(known.newest)) <= MOST_PLACES
    assert all(step > 0 for step in known.steps)
    assert known.load is not None
    assert known.lighter_load is None or known.lighter_load < known.load


def test_a_stack_in_pounds_is_shown_in_its_own_kilograms() -> None:
    lifter = Lifter("kg")
    for reps in (6, 7, 7):
        lifter.does("cable-row", *[f"61.23x{reps}"] * 3).ends().rests(days=3)
        assert {str(each.load.value) for each in lifter.next("cable-row").sets if each.load} == {"61.23"}


@pytest.mark.parametrize(
    ("profile", "logged_in", "done", "asked"),
    [
        ("lb", "kg", "61.23x5", "135"),
        ("lb", "kg", "61.2x5", "135"),
        ("kg", "lb", "132.3x5", "60"),
        ("kg", "lb", "132.28x5", "60"),
    ],
)
@pytest.mark.parametrize("exercise", ["bench-press", "lat-pulldown", "dumbbell-curl", "some-exercise"])
def test_case_05_a_load_told_in_the_other_unit_is_no_load_of_its_own(
    profile: Unit, logged_in: Unit, done: str, asked: str, exercise: str
) -> None:
    lifter = Lifter(profile).profile(unit=profile)
    for _ in range(4):
        for _ in range(3):
            lifter.logs(a_set(exercise, done, logged_in))
        lifter.ends().rests(days=2)
        work = [each.load for each in lifter.next(exercise).sets if each.load and each.kind == "work"]
        assert {str(each.value) for each in work} == {asked}


def test_the_foot_of_a_pyramid_is_asked_for_no_more_once_it_is_a_warm_up() -> None:
    """It did what its place asked for; but of 100x5 it is 60 %, as a ramp is."""
    lifter = Lifter("kg")
    for top in ("80x3", "80x3"):
        lifter.does("deadlift", "62.5x5", *[top] * 3).ends().rests(days=3)
    assert [str(each.load.value) for each in lifter.next("deadlift").sets if each.load] == ["62.5", "80", "80", "80"]
    for _ in range(2):
        lifter.does("deadlift", "60x5", *["100x5"] * 3).ends().rests(days=3)
    loads = [each.load.value for each in lifter.next("deadlift").sets if each.load and each.kind == "work"]
    assert min(loads) >= 100


@pytest.mark.parametrize("sets_of_the_slip", [["850x5"], ["84.6x5", "850x5"], ["850x12", "84.6x5"]])
def test_a_slip_of_a_digit_is_no_habit(sets_of_the_slip: list[str]) -> None:
    lifter = Lifter("kg")
    for done in [["85x5"] * 2] * 3 + [sets_of_the_slip] + [["85x5"] * 2]:
        lifter.does("deadlift", *done).ends().rests(days=2)
    known = lifter.track("deadlift").habit
    assert known.load == Decimal(85)
    assert known.own_loads == (Decimal(85),)
    assert not known.steps
    assert not known.raised_at
    assert max(known.learned_loads) == Decimal(85)


@pytest.mark.parametrize("second", ["600x8", "125x8"])
def test_a_load_more_than_doubled_shows_no_step(second: str) -> None:
    known = habit("60x8", second, "60x8", "60x8")
    assert known.step is None
    assert not known.raised_at
    assert habit("60x8", "120x8").step == Decimal(60)


@pytest.mark.parametrize("slip", [["600x8", "60x8"], ["60x8", "600x8", "60x8"], ["60x8", "60x8", "600x8", "60x8"]])
@pytest.mark.parametrize("exercise", ["bench-press", "leg-press", "dumbbell-curl", "some-exercise"])
def test_a_slip_before_any_can_be_told_is_asked_for_once_at_most(slip: list[str], exercise: str) -> None:
    lifter = Lifter("kg")
    for done in slip:
        lifter.does(exercise, *[done] * 3).ends().rests(days=3)
    for _ in range(6):
        heaviest = max(each.load.value for each in lifter.next(exercise).sets if each.load)
        assert 60 <= heaviest < 90
        lifter.does(exercise, *["60x12"] * 3).ends().rests(days=3)


def test_a_habit_goes_on_in_another_unit_each_load_and_step_of_it_converted() -> None:
    lifter = Lifter("lb")
    for text in ("135x5", "140x5", "145x5", "135x5"):
        lifter.does("squat", text).ends().rests(days=2)
    before = lifter.track("squat").habit
    after = lifter.profile(unit="kg").track("squat").habit
    assert after.own_loads == tuple(Load(load, "lb").in_unit("kg") for load in before.own_loads)
    assert after.steps == tuple(Load(step, "lb").in_unit("kg") for step in before.steps)
    assert (after.load, after.lighter_load) == (Decimal("65.7709"), Decimal("61.235"))
    assert (after.reps, after.raised_at, after.set_counts) == (before.reps, before.raised_at, before.set_counts)
    assert Decimal("61.235") in after.learned_loads
