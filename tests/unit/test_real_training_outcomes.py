"""What is said is what is prescribed: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment
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
def test_case_8_what_rounding_swallows_is_hold_and_adds_up_to_a_step(exercise: str, step: str) -> None:
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


def test_case_9_a_single_set_is_not_told_in_the_plural() -> None:
    lifter = Lifter("kg").does("squat", "100x5").ends()
    assert not any(" 1 sets" in text or " 1 sessions" in text for text in lifter.next("squat").because)
