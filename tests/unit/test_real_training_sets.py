"""How real training is read: sets without kinds, ramps before them, more than was asked, sides, other exercises.

Each case and walk was seen in public reports about trackers or in real logs; each is held here with its right value.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.events import BaselineSet
from service.domain.loads import Unit, canonical
from tests.support.training import LIBRARY, RULE_SETS, Lifter, a_set, load, rule_set_of

RAMP = ("20x5", "40x5", "60x3", "80x2")
FIVES = ("100x5",) * 5


def following(programme: str, unit: Unit = "kg") -> Lifter:
    rule_set = LIBRARY.rule_set(programme)
    RULE_SETS.setdefault(rule_set.digest, rule_set)
    return Lifter(unit).follows(programme)


def on_stronglifts(**baselines: str) -> Lifter:
    lifter = following("stronglifts")
    for exercise, text in (baselines or {"squat": "100 kg"}).items():
        lifter.baseline(exercise.replace("_", "-"), text)
    return lifter


def asked(lifter: Lifter, exercise: str, slot: str | None = None) -> list[str]:
    """The work sets asked for, such as ``100x5``."""
    prescription = lifter.next(exercise) if slot is None else lifter.next(exercise, slot)
    return [
        f"{'?' if each.load is None else canonical(each.load.value)}x{each.reps.min}"
        for each in prescription.sets
        if each.kind != "warmup" and each.reps is not None
    ]


def ramp_left(lifter: Lifter, exercise: str) -> list[str]:
    return [canonical(each.load.value) for each in lifter.next(exercise).sets if each.kind == "warmup" and each.load]


def outcome(lifter: Lifter, exercise: str) -> str:
    return lifter.next(exercise).outcome


def lever_of(lifter: Lifter, track: str) -> Decimal:
    """The lever of a track that a programme names itself."""
    found = lifter.state().tracks.get(track)
    assert found is not None
    assert found.lever is not None
    return found.lever


# Which sets count


def test_case_01_a_ramp_before_the_work_is_no_work() -> None:
    lifter = on_stronglifts().does("squat", "80x2", *FIVES).ends()
    assert (asked(lifter, "squat")[0], outcome(lifter, "squat")) == ("102.5x5", "raise")


def test_case_01_spotter_s_own_ramp_done_as_prescribed_raises_session_after_session() -> None:
    lifter = on_stronglifts()
    for _ in range(3):
        for each in lifter.next("squat").sets:
            assert each.load is not None and each.reps is not None  # noqa: PT018 - one thing: it can be done
            lifter.does("squat", f"{canonical(each.load.value)}x{each.reps.min}")
        lifter.ends().rests(days=2)
    assert asked(lifter, "squat")[0] == "107.5x5"


def test_case_01_without_a_baseline_a_ramp_leads_to_the_load() -> None:
    lifter = following("stronglifts").does("squat", "20x5", "40x5", "60x5", "80x5", *FIVES).ends()
    assert (asked(lifter, "squat")[0], "Failure" in lifter.next("squat").because[0]) == ("102.5x5", False)


def test_case_02_a_lighter_set_after_the_work_is_no_failure() -> None:
    assert asked(on_stronglifts().does("squat", *FIVES, "80x8").ends(), "squat")[0] == "102.5x5"


def test_case_02_gzclp_s_first_tier_with_a_set_more_goes_on() -> None:
    lifter = following("gzclp").baseline("squat", "100 kg")
    slot = next(each.slot for each in lifter.next_session() if each.exercise == "squat")
    lifter.does("squat", "100x3", "100x3", "100x3", "100x3", "100x4", "70x8").ends()
    assert lifter.next("squat", slot).outcome == "raise"


def test_case_02_greyskull_s_record_set_decides_not_the_lighter_one_after_it() -> None:
    lifter = following("greyskull", "lb").baseline("squat", "200 lb")
    lifter.does("squat", "200x5", "200x5", "200x5", "150x12").ends()
    assert outcome(lifter, "squat") == "raise"


@pytest.mark.parametrize("more", [(), ("245x3",)])
def test_case_02_a_set_more_than_asked_can_only_raise(more: tuple[str, ...]) -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    lifter.does("deadlift", "225x6", "235x6", "245x3", *more).ends()
    assert asked(lifter, "deadlift")[0] == "240x4"


def test_case_04_another_exercise_in_a_slot_goes_its_own_way_and_the_day_goes_on() -> None:
    lifter = on_stronglifts().does("front-squat", "80x5", "80x5", "80x5", slot="a/squat")
    assert "a/squat" not in [each.slot for each in lifter.next_session()]
    state = lifter.ends().state()
    assert (state.shared.day, state.shared.session.slots) == (1, {"default/front-squat": 3})
    assert asked(lifter, "squat") == ["100x5"] * 5


# What counts as done


@pytest.mark.parametrize("pounds", range(95, 400, 10))
def test_case_05_pounds_told_in_kilograms_are_done(pounds: int) -> None:
    lifter = following("stronglifts", "lb").baseline("squat", f"{pounds} lb")
    kilograms = f"{canonical(load(f'{pounds} lb').in_unit('kg').quantize(load('0.01 kg').value))} kg"
    for _ in range(5):
        lifter.logs(a_set("squat", f"{kilograms.split(maxsplit=1)[0]}x5", "kg"))
    assert outcome(lifter.ends(), "squat") == "raise"
    assert asked(lifter, "squat")[0] == f"{pounds + 5}x5"


def test_case_06_the_load_before_rounding_is_enough() -> None:
    lifter = following("stronglifts", "lb").baseline("squat", "397 lb")
    lifter.does("squat", *["397x5"] * 5)
    assert outcome(lifter.ends(), "squat") == "raise"


@pytest.mark.parametrize(
    ("done", "then"), [("126x4 rir 2", "126x4"), ("126x4 rir 0", "121x4"), ("120x4 rir 0", "121x4"), ("120x4", "126x4")]
)
def test_case_07_a_set_that_was_too_hard_eases_the_next_also_at_less_than_was_asked(done: str, then: str) -> None:
    lifter = following("rpe-block").owns_small_plates()
    lifter.logs(BaselineSet("squat", one_rep_max=load("150 kg")))
    assert asked(lifter, "squat") == ["126x4"] * 3
    assert asked(lifter.does("squat", done), "squat") == [then] * 2


@pytest.mark.parametrize(
    ("last", "then"), [("117x0", "90x5"), ("117x5", "102.5x5"), ("100x0", "90x5"), ("90x0", "81x5")]
)
def test_case_26_a_failure_falls_from_no_more_than_was_asked(last: str, then: str) -> None:
    lifter = following("greyskull").owns_small_plates().baseline("squat", "100 kg")
    lifter.does("squat", "100x5", "100x5", last, kind="work")
    assert asked(lifter.ends(), "squat") == [then] * 3


@pytest.mark.parametrize("reps", [3, 7, 9, 12, 15])
def test_case_26_with_help_the_same_done_again_moves_nothing_the_wrong_way(reps: int) -> None:
    lifter = Lifter("kg")
    for _ in range(3):
        lifter.does("assisted-pull-up", *[f"-20x{reps}"] * 3).ends().rests(days=2)
    assert asked(lifter, "assisted-pull-up") == [f"-20x{reps}"] * 3


@pytest.mark.parametrize(("amrap", "then"), [(None, "62.5"), ("0", "54"), ("4", "54"), ("5", "62.5")])
def test_case_26_an_amrap_left_out_is_no_worse_than_one_of_no_repetitions(amrap: str | None, then: str) -> None:
    text = (
        LIBRARY.files["programmes/boring-but-big.yaml"].decode().replace("programme: boring-but-big", "programme: cut")
    )
    text = text.replace("training-max-waves: {", "training-max-waves: {on_miss: cut, ")
    lifter = Lifter("kg").follows(rule_set_of({"programmes/cut.yaml": text}, "cut"))
    lifter.logs(BaselineSet("overhead-press", training_max=load("60 kg")))
    for week in range(4):
        *main, last = asked(lifter, "overhead-press", "press/main")
        done = last if week else f"51x{amrap}"
        lifter.does("overhead-press", *main, *([] if week == 0 and amrap is None else [done]), slot="press/main").ends()
        for slot in ("deadlift/main", "bench/main", "squat/main"):
            lifter.rests(days=1).does(lifter.next("", slot).exercise, "20x5", slot=slot).ends()
    assert canonical(lever_of(lifter, "overhead-press")) == then


# Walks


def test_walk_stronglifts_is_asked_for_five_until_the_first_hundred() -> None:
    lifter = on_stronglifts()
    for each in ("20x5", "40x5", "60x5", "80x5"):
        lifter.does("squat", each)
        assert asked(lifter, "squat") == ["100x5"] * 5
    assert asked(lifter.does("squat", "100x5"), "squat") == ["100x5"] * 4
    assert outcome(lifter.does("squat", *["100x5"] * 4).ends(), "squat") == "raise"


def test_walk_stronglifts_with_two_sets_left_out_is_what_the_scheme_says_of_them() -> None:
    bare = on_stronglifts().does("squat", *["100x5"] * 3).ends()
    ramped = on_stronglifts().does("squat", "20x5", "40x5", "60x5", "80x5", *["100x5"] * 3).ends()
    assert ramped.next("squat").because == bare.next("squat").because
    assert asked(ramped, "squat") == asked(bare, "squat") == ["100x5"] * 5


def test_walk_a_ramp_ticks_off_the_warm_ups_that_are_not_heavier() -> None:
    lifter = on_stronglifts()
    every = ramp_left(lifter, "squat")
    lifter.does("squat", f"{every[1]}x5")
    assert ramp_left(lifter, "squat") == every[2:]
    assert ramp_left(lifter.does("squat", "100x5"), "squat") == []


def test_walk_bbb_press_s_fives_go_to_the_main_sets_and_tens_to_their_own() -> None:
    lifter = following("boring-but-big")
    lifter.logs(BaselineSet("overhead-press", training_max=load("60 kg")))
    main = asked(lifter, "overhead-press", "press/main")
    tens = asked(lifter, "overhead-press", "press/boring-but-big")
    assert (len(main), len(tens)) == (3, 5)
    lifter.does("overhead-press", "20x5", "30x5", *main)
    left = {each.slot: len(each.sets) for each in lifter.next_session() if each.exercise == "overhead-press"}
    assert left == {"press/boring-but-big": 5}
    lifter.does("overhead-press", *tens[:2])
    assert lifter.state().shared.session.slots == {"press/main": 3, "press/boring-but-big": 2}


def test_walk_bbb_press_without_its_amrap_set_the_first_ten_is_no_amrap() -> None:
    lifter = following("boring-but-big")
    lifter.logs(BaselineSet("overhead-press", training_max=load("60 kg")))
    main = asked(lifter, "overhead-press", "press/main")
    tens = asked(lifter, "overhead-press", "press/boring-but-big")
    lifter.does("overhead-press", *main[:2], *tens)
    assert lifter.state().shared.session.slots == {"press/main": 2, "press/boring-but-big": 5}


def test_walk_texas_volume_lighter_than_asked_is_a_hold() -> None:
    for ramp in ((), ("20x5", "40x5", "60x3")):
        lifter = following("texas-method").baseline("squat", "100 kg")
        before = asked(lifter, "squat", "volume-bench/squat")
        lighter = f"{canonical(load(before[0].split('x')[0] + ' kg').value - 5)}x5"
        lifter.does("squat", *ramp, *[lighter] * 5).ends()
        assert asked(lifter, "squat", "volume-bench/squat") == before


@pytest.mark.parametrize("programme", ["stronglifts", "starting-strength", "gzclp", "greyskull", "gzclp-blacknoir"])
def test_lighter_with_all_repetitions_is_neither_success_nor_failure(programme: str) -> None:
    lifter = following(programme)
    first = LIBRARY.programmes[programme].days[0].slots[0]
    assert first.exercise is not None
    lifter.baseline(first.exercise, "100 kg")
    before = asked(lifter, first.exercise, first.id)
    lifter.does(first.exercise, *[f"95x{each.split('x')[1]}" for each in before]).ends()
    assert asked(lifter, first.exercise, first.id) == before
    assert "neither success nor failure" in lifter.next(first.exercise, first.id).because[0]


def test_walk_upper_back_with_a_ramp_and_a_lighter_set_after_it() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    lifter.does("deadlift", "135x5", "225x6", "235x3", "230x5", "185x10").ends()
    assert asked(lifter, "deadlift")[0] == "230x4"


def test_walk_dumbbell_row_the_missing_side_is_asked_for() -> None:
    lifter = Lifter().follows("upper-back").baseline("single-arm-dumbbell-row", "60 lb")
    for each in ("40x8", "60x8"):
        for side in ("left", "right"):
            lifter.does("single-arm-dumbbell-row", each, side=side)
            first = lifter.next("single-arm-dumbbell-row").sets[0]
            assert first.side == ("right" if side == "left" and each == "60x8" else None)
    assert asked(lifter.ends(), "single-arm-dumbbell-row")[0] == "65x6"


def test_walk_bench_of_two_slots_in_one_day_light_first() -> None:
    text = """
programme: heavy-and-light
title: Heavy and light
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots:
      - {slot: heavy, exercise: bench-press, track: heavy, progression: {linear: {sets: 3, reps: 5}}}
      - {slot: light, exercise: bench-press, track: light, progression: {linear: {sets: 3, reps: 10}}}
"""
    lifter = Lifter("kg").follows(rule_set_of({"programmes/heavy-and-light.yaml": text}, "heavy-and-light"))
    lifter.does("bench-press", *["100x5"] * 3, slot="a/heavy")
    lifter.does("bench-press", *["70x10"] * 3, slot="a/light").ends()
    lifter.does("bench-press", *asked(lifter, "bench-press", "a/light"))
    lifter.does("bench-press", *asked(lifter, "bench-press", "a/heavy"))
    assert lifter.state().shared.session.slots == {"a/light": 3, "a/heavy": 3}


def test_walk_assisted_ramp_with_more_help_is_done_as_it_was_asked() -> None:
    lifter = Lifter("kg").baseline("assisted-pull-up", "-30 kg")
    before = asked(lifter, "assisted-pull-up")[0].split("x")[0]
    lifter.does("assisted-pull-up", "-40x8", "-30x8", "-30x7").ends()
    assert asked(lifter, "assisted-pull-up")[0].split("x")[0] == before
