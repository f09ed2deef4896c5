"""What is said is what is prescribed: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment
from service.domain.events import BaselineSet, DeloadRequested
from service.domain.loads import Load
from tests.support.training import Lifter, loads, rule_set_of

PROGRAMME = """\
programme: one-machine
title: One machine
sources: [{{title: a test, gives: everything}}]
days:
  - day: a
    slots:
      - {{slot: machine, exercise: {exercise}, progression: {{double-progression: {{reps: [8, 12]}}}}}}
"""

STEPS = [("cable-row", "5"), ("leg-press", "5"), ("cable-row", "10")]


@pytest.mark.parametrize(("exercise", "step"), STEPS)
def test_case_08_what_rounding_swallows_is_hold_and_adds_up_to_a_step(exercise: str, step: str) -> None:
    lifter = Lifter("kg").profile(unit="kg", equipment=Equipment(stack=Load(Decimal(step), "kg")))
    machine = rule_set_of({"programmes/one-machine.yaml": PROGRAMME.format(exercise=exercise)}, "one-machine")
    lifter.baseline(exercise, "60 kg").follows(machine)
    before, asked = Decimal(60), Decimal(60)
    for _ in range(8):
        top = lifter.next(exercise).sets[0].reps
        assert top is not None
        lifter.does(exercise, f"{asked}x{top.max}", kind="work").ends().rests(days=2)
        answer = lifter.next(exercise)
        before, asked = asked, Decimal(loads(answer)[0] or 0)
        assert (answer.outcome == "raise") == (asked > before)
        if asked == before:
            assert f"the next heavier load that your equipment has is {step} kg away" in answer.because[-1]
    assert asked > 60


def test_case_09_a_single_set_is_not_told_in_the_plural() -> None:
    lifter = Lifter("kg").does("squat", "100x5").ends()
    assert not any(" 1 sets" in text or " 1 sessions" in text for text in lifter.next("squat").because)


# The word about a break or a light session: against what was really asked


def test_after_a_break_only_the_first_session_is_a_deload_and_the_next_is_what_it_asks() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts")).baseline("squat", "100 kg")
    lifter.does("squat", *["100x5"] * 5, kind="work").ends().rests(days=20)
    away = lifter.next("squat")
    cut = loads(away)[-1]
    assert away.outcome == "deload"
    lifter.does("squat", f"{cut}x5", kind="work")
    assert lifter.next("squat").outcome == "deload"  # the same session still
    lifter.does("squat", *[f"{cut}x5"] * 4, kind="work").ends().rests(days=2)
    after = lifter.next("squat")
    assert (after.outcome, Decimal(loads(after)[-1] or 0) - Decimal(cut or 0)) == ("raise", Decimal("2.5"))
    assert not any("20 days" in text for text in after.because)


def test_after_a_break_the_same_again_is_hold() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts")).baseline("squat", "100 kg")
    lifter.does("squat", *["100x5"] * 5, kind="work").ends().rests(days=20)
    cut = loads(lifter.next("squat"))[-1]
    lifter.does("squat", *[f"{cut}x5"] * 4, f"{cut}x3", kind="work").ends().rests(days=2)
    again = lifter.next("squat")
    assert (again.outcome, loads(again)[-1]) == ("hold", cut)


def test_a_raise_earned_before_a_light_session_is_told_after_it_too_and_derived() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts")).baseline("squat", "100 kg")
    lifter.does("squat", *["100x5"] * 5, kind="work").ends().rests(days=2)
    earned = lifter.next("squat")
    lifter.logs(DeloadRequested())
    light = lifter.next("squat")
    work = [each for each in light.sets if each.kind == "work"]
    assert light.outcome == "deload"
    lifter.does("squat", *[f"{loads(light)[-1]}x5"] * len(work), kind="work").ends().rests(days=2)
    after = lifter.next("squat")
    assert (earned.outcome, after.outcome) == ("raise", "raise")
    assert (loads(after)[-1], after.because) == (loads(earned)[-1], earned.because)
    moves = [move for each in lifter.derivation(after)["triggers"] for move in each.get("moves", ())]
    assert [move["rule"] for move in moves if move["from"] != move["to"]] == ["enough-successes"]


def test_nothing_earned_before_a_light_session_is_hold_after_it() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "stronglifts")).baseline("squat", "100 kg")
    lifter.does("squat", *["100x5"] * 4, "100x3", kind="work").ends().rests(days=2)
    lifter.logs(DeloadRequested())
    light = lifter.next("squat")
    lifter.does("squat", *[f"{loads(light)[-1]}x5"] * 3, kind="work").ends().rests(days=2)
    assert (lifter.next("squat").outcome, loads(lifter.next("squat"))[-1]) == ("hold", "100")


def test_a_max_that_fell_by_less_than_a_plate_is_no_advance() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "rpe-block"))
    lifter.logs(BaselineSet("bench-press", one_rep_max=Load(Decimal(100), "kg")))
    asked = loads(lifter.next("bench-press", "one/bench"))[-1]
    lifter.does("bench-press", *[f"{asked}x4 rir 1.5"] * 3, kind="work", slot="one/bench").ends().rests(days=7)
    answer = lifter.next("bench-press", "one/bench")
    assert (answer.outcome, loads(answer)[-1]) == ("hold", asked)


def test_what_is_asked_after_a_break_goes_on_from_there_under_the_default() -> None:
    lifter = Lifter("kg")
    for _ in range(5):
        lifter.does("bench-press", *["100x8"] * 3).ends().rests(days=3)
    lifter.rests(days=36)
    assert loads(lifter.next("bench-press"))[-1] == "80"
    lifter.does("bench-press", *["80x8"] * 3).ends().rests(days=3)
    assert (lifter.next("bench-press").outcome, loads(lifter.next("bench-press"))[-1]) == ("raise", "82.5")


def test_less_than_is_asked_after_a_break_brings_no_older_load_back() -> None:
    lifter = Lifter("kg")
    for _ in range(5):
        lifter.does("bench-press", *["100x8"] * 3).ends().rests(days=3)
    lifter.rests(days=36).does("bench-press", *["70x8"] * 3).ends().rests(days=3)
    assert (lifter.next("bench-press").outcome, loads(lifter.next("bench-press"))[-1]) == ("hold", "80")
