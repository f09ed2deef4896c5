"""Deloads, requests and time away: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.events import BaselineSet, DeloadRequested, LifterNoted
from service.domain.prescription import Prescription
from tests.support.training import LIBRARY, Lifter, load, loads, rule_set_of
from tests.unit.test_real_training_sets import lever_of

PROGRAMMES = sorted(programme.id for programme in LIBRARY.programmes.values())


def lifting(programme: str = "stronglifts") -> Lifter:
    """One session of StrongLifts' first day is done."""
    lifter = Lifter("kg").owns_small_plates().follows(rule_set_of({}, programme))
    for exercise in ("squat", "bench-press", "barbell-row", "overhead-press", "deadlift"):
        lifter.baseline(exercise, "100 kg")
    return lifter


def day(lifter: Lifter, *exercises: str) -> Lifter:
    for exercise in exercises:
        asked = lifter.next(exercise)
        for each, weight in zip(asked.sets, loads(asked), strict=True):
            if each.kind != "warmup":
                lifter.does(exercise, f"{weight}x5", kind="work")
    return lifter.ends()


def work(lifter: Lifter, exercise: str) -> list[str | None]:
    asked = lifter.next(exercise)
    return [weight for each, weight in zip(asked.sets, loads(asked), strict=True) if each.kind != "warmup"]


A, B = ("squat", "bench-press", "barbell-row"), ("squat", "overhead-press", "deadlift")


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_case_10_every_programme_reads_requests_and_flags(programme: str) -> None:
    made = LIBRARY.programmes[programme]
    for slot in (*(slot for each in made.days for slot in each.slots), *made.any):
        assert "requested" in {use.scheme for use in slot.deloads}, slot.id


@pytest.mark.parametrize("wish", [DeloadRequested(), LifterNoted(flag="pain"), LifterNoted(flag="illness")])
def test_case_10_a_light_session_is_done_beside_the_plan(wish: DeloadRequested | LifterNoted) -> None:
    lifter = day(lifting(), *A).rests(days=2)
    due = {each.exercise: loads(each) for each in lifter.next_session()}
    lifter.logs(wish)
    light = lifter.next_session()
    assert {each.exercise for each in light} == set(B)
    assert work(lifter, "squat") == ["71"] * 3  # 70 % of 102.5, half of five sets
    assert {each.outcome for each in light if each.exercise == "squat"} == {"deload"}
    day(lifter, *B).rests(days=2)
    assert {each.exercise: loads(each) for each in lifter.next_session()} == due


def test_case_10_a_request_lapses_after_seven_days() -> None:
    lifter = day(lifting(), *A)
    lifter.logs(DeloadRequested())
    assert work(lifter.rests(days=6), "squat")[0] == "71"
    assert work(lifter.rests(days=1), "squat")[0] == "102.5"


def test_case_10_a_request_and_a_layoff_never_multiply() -> None:
    lifter = day(lifting(), *A).rests(days=15)
    cut = work(lifter, "squat")[0]
    assert cut == "90"  # of the 100 last proven
    lifter.logs(DeloadRequested())
    assert work(lifter, "squat")[0] == "71"  # 70 % of 102.5, not of 90


def with_maxes(programme: str) -> Lifter:
    """Every exercise of the programme has a training max of 90 kg, the squat one of 100."""
    lifter = Lifter("kg").follows(rule_set_of({}, programme))
    exercises = {slot.exercise for day in LIBRARY.programmes[programme].days for slot in day.slots}
    for exercise in sorted(each for each in exercises if each is not None):
        lifter.logs(BaselineSet(exercise, training_max=load("100 kg" if exercise == "squat" else "90 kg")))
    return lifter


def next_day(lifter: Lifter, one_rep_max: int = 0, only: list[Prescription] | None = None) -> Lifter:
    """Do what is asked, and of AMRAP sets as much as somebody of that one-rep max can do, in any case what is asked."""
    for each in lifter.next_session() if only is None else only:
        for one in each.sets:
            if one.kind != "warmup" and one.reps is not None:
                kilograms = 20 if one.load is None else one.load.value
                most = int(30 * (one_rep_max / kilograms - 1)) if one.kind == "amrap" and kilograms else 0
                kind = "amrap" if one.kind == "amrap" else "work"
                lifter.does(each.exercise, f"{kilograms}x{max(one.reps.min, most)}", kind=kind, slot=each.slot)
    return lifter.ends().rests(days=2)


def test_case_10_a_request_in_week_4_of_boring_but_big_keeps_the_cycle_s_raise() -> None:
    lifter = with_maxes("boring-but-big")
    for _ in range(12):
        next_day(lifter)
    lifter.logs(DeloadRequested())
    assert lifter.next("", "press/main").outcome == "deload"
    for _ in range(5):  # the light session, then the days of week 4
        next_day(lifter)
    assert lever_of(lifter, "overhead-press") == Decimal("92.5")
    assert work(lifter, "overhead-press")[0] == "60"  # 65 % of it


def test_case_10_nsuns_is_not_lightened_by_a_request_of_long_ago() -> None:
    lifter = next_day(with_maxes("nsuns"))
    lifter.logs(DeloadRequested())
    for _ in range(12):
        lifter.rests(days=6, hours=20).does("plank", "0x30s").ends()
    assert work(lifter, "squat")[:3] == ["75", "85", "95"]


# Boring But Big's own layoff begins at 21 days, so that the shorter breaks take nothing off.
@pytest.mark.parametrize(("days_off", "least"), [(14, 90), (22, 79), (36, 71)])
def test_case_21_two_weeks_on_and_some_off_do_not_sink_the_training_max(days_off: int, least: int) -> None:
    lifter = with_maxes("boring-but-big")
    for _ in range(5):
        for _ in range(8):
            day = lifter.next_session()[:1]  # the main lift is enough
            next_day(lifter, one_rep_max=100, only=day)
        lifter.rests(days=days_off)
        assert lever_of(lifter, "overhead-press") >= least


def test_case_21_sets_before_the_first_break_say_nothing_of_what_is_left_after_it() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "greyskull")).baseline("squat", "100 kg")
    lifter.does("squat", "100x5", "100x5", "100x15").ends().rests(days=40)
    assert work(lifter, "squat")[0] == "80"


def levers(lifter: Lifter) -> dict[str, Decimal]:
    """The lever of every track that has one, as its next session will ask for it."""
    asked = lifter.asked()
    drafts = [asked.draft(due) for due in asked.every_slot()]
    return {draft.due.slot.track: draft.track.lever for draft in drafts if draft.track.lever is not None}


@pytest.mark.parametrize("days_off", [13, 16, 27, 28, 45])
@pytest.mark.parametrize(
    "programme", ["stronglifts", "starting-strength", "greyskull", "upper-lower", "gzclp", "madcow"]
)
def test_who_does_what_is_asked_after_every_break_does_not_sink(programme: str, days_off: int) -> None:
    lifter = with_maxes(programme)
    plan = LIBRARY.programmes[programme]
    for _ in plan.days:
        next_day(lifter).rests(days=days_off - 2)
    came_back = levers(lifter)
    for _ in range(6 * len(plan.days)):
        next_day(lifter).rests(days=days_off - 2)
        now = levers(lifter)
        fallen = {track: (before, now[track]) for track, before in came_back.items() if now[track] < before}
        assert fallen == {}
        came_back = now


def test_a_break_of_another_length_is_judged_by_what_was_done_after_one_that_is_cut_as_much() -> None:
    lifter = Lifter("kg").follows("upper-back").baseline("deadlift", "100 kg")
    came = []
    for days in (0, 14, 27, 28, 20, 60, 28):
        lifter.rests(days=days)
        load = work(lifter, "deadlift")[0]
        came.append((days, load))
        lifter.does("deadlift", *[f"{load}x4"] * 3).ends()
    assert came == [(0, "100"), (14, "90"), (27, "90"), (28, "72.5"), (20, "72.5"), (60, "72.5"), (28, "72.5")]


def test_pain_of_an_exercise_or_a_muscle_forbids_raises_there_until_released() -> None:
    lifter = day(lifting(), *A).rests(days=2)
    lifter.logs(LifterNoted(flag="pain", exercise="squat"))
    assert work(lifter, "squat")[0] == "71"
    assert work(lifter, "deadlift")[0] == "100"
    day(lifter, *B).rests(days=1)
    assert work(lifter, "squat") == ["102.5"] * 5
    day(lifter, *B).rests(days=1)
    assert work(lifter, "squat")[0] == "102.5"
    assert work(lifter, "deadlift")[0] == "110"  # two sessions of it, neither of them light
    lifter.logs(LifterNoted(flag="well", exercise="squat"))
    day(lifter, *A).rests(days=1)
    assert work(lifter, "squat")[0] == "105"


@pytest.mark.parametrize(("muscle", "then"), [("quadriceps", "71"), ("biceps", "102.5")])
def test_pain_of_a_muscle_is_of_the_exercises_that_use_it(muscle: str, then: str) -> None:
    lifter = day(lifting(), *A)
    lifter.logs(LifterNoted(flag="pain", muscle=muscle))
    assert work(lifter, "squat")[0] == then


def test_case_18_an_exercise_rested_while_others_were_trained_is_not_lightened() -> None:
    lifter = day(lifting(), *A)
    for _ in range(10):
        lifter.rests(days=3).does("dumbbell-curl", "10x10").ends()
    assert work(lifter, "squat")[0] == "102.5"


def test_case_18_after_time_away_every_exercise_comes_back_lighter_once() -> None:
    lifter = day(day(lifting(), *A).rests(days=2), *B).rests(days=20)
    assert work(lifter, "bench-press")[0] == "90"
    lifter.does("squat", *[f"{work(lifter, 'squat')[0]}x5"] * 1, kind="work")
    assert work(lifter, "bench-press")[0] == "90"
    day(lifter, *A).rests(days=2)
    assert work(lifter, "overhead-press")[0] == "90"
    day(lifter, *B).rests(days=2)
    assert work(lifter, "overhead-press")[0] == "92.5"


def test_case_11_a_baseline_newer_than_a_break_is_not_cut_for_it() -> None:
    lifter = day(lifting(), *A).rests(days=40).baseline("squat", "80 kg")
    assert work(lifter, "squat")[0] == "80"


def test_case_19_a_stall_without_failures_is_a_reason_to_hold() -> None:
    lifter = Lifter("kg").follows("upper-back").baseline("deadlift", "100 kg")
    for _ in range(6):
        lifter.does("deadlift", "100x5", "100x5", "100x5").ends().rests(days=3)
    answer = lifter.next("deadlift")
    assert (answer.outcome, loads(answer)[0]) == ("hold", "100")
    assert "without a new load or a rep record: hold" in answer.because[-1]


def second_tier(*sessions: tuple[str, int]) -> Lifter:
    """GZCLP's second tier of the bench press: sets of these repetitions in each session, after so many days."""
    lifter = Lifter("kg").follows(rule_set_of({}, "gzclp")).baseline("bench-press", "150 kg")
    for reps, days in sessions:
        lifter.rests(days=days)
        asked = loads(lifter.next("bench-press", TIER_2))[-1]
        done = [f"{asked}x{each}" for each in reps.split("/")]
        lifter.does("bench-press", *done, slot=TIER_2, kind="work").ends()
    return lifter


TIER_2 = "a1/tier-2"


@pytest.mark.parametrize(
    ("sessions", "then"),
    [
        ([("0/0/0", 0), ("0/0/0", 7), ("0/0/0", 7)], "135"),
        ([("9/9/9", 0), ("8/8/7", 7), ("6/6/5", 7)], "135"),
        ([("9/9/9", 0), ("8/8/8", 7), ("8/8/7", 7), ("6/6/5", 7)], "152.5"),
        ([("9/9/9", 0), ("8/8/8", 7), ("8/8/8", 7), ("8/8/7", 7), ("6/6/6", 7), ("6/6/5", 7)], "155"),
    ],
    ids=["not one repetition", "no stage done", "one step since", "steps enough since"],
)
def test_case_20_failures_alone_never_raise_the_second_tier(sessions: list[tuple[str, int]], then: str) -> None:
    lifter = second_tier(*sessions)
    answer = lifter.next("bench-press", TIER_2)
    assert loads(answer)[-1] == then
    assert answer.outcome != "raise"


def test_case_20_time_away_reaches_every_load_of_the_schemes_state() -> None:
    lifter = second_tier(("5/5/5", 0), ("2/2/2", 40), ("2/2/2", 7))
    assert loads(lifter.next("bench-press", TIER_2))[-1] == "107.5"  # 10 % off the 120 at which it came back
    done = second_tier(("5/5/5", 0), ("8/8/8", 40), ("8/8/8", 7), ("8/8/2", 7), ("6/6/6", 7), ("2/2/2", 7))
    assert loads(done.next("bench-press", TIER_2))[-1] == "125"  # 5 over the 120 at which it came back
