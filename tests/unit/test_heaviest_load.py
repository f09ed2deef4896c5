"""No load rises past the heaviest that the equipment makes: nobody could lift it, and a deload would take it off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment, Plates, learned_loading, loading
from service.domain.loads import Load, Unit
from service.domain.prescription import Prescription
from tests.support.training import Lifter


def dumbbells(unit: Unit) -> Equipment:
    return Equipment(dumbbells=tuple(Load(Decimal(each), unit) for each in (5, 10, 15, 20, 30, 40)))


def does_all(lifter: Lifter, sessions: int, reps: int) -> Prescription:
    """Rows with the heaviest dumbbells, as many repetitions as raise the load each time."""
    for _ in range(sessions):
        lifter.does("chest-supported-row", *[f"40x{reps}"] * 3, slot="b/supported-row").ends().rests(days=3)
    return row(lifter)


def row(lifter: Lifter) -> Prescription:
    return lifter.next("", "b/supported-row")


def loads(asked: Prescription) -> list[Decimal]:
    return [each.load.value for each in asked.sets if each.load is not None and each.kind != "warmup"]


@pytest.mark.parametrize("unit", ["kg", "lb"])
def test_a_raise_past_the_last_dumbbell_says_that_there_is_nothing_heavier(unit: Unit) -> None:
    lifter = Lifter(unit).profile(unit=unit, equipment=dumbbells(unit)).follows("upper-back")
    asked = does_all(lifter, 6, 8)
    assert lifter.track("chest-supported-row").lever == 40
    assert asked.outcome == "hold"
    assert asked.because[-1] == "Your equipment has nothing heavier."
    assert loads(asked) == [40, 40, 40]


def test_time_away_then_takes_something_off() -> None:
    lifter = Lifter("kg").profile(unit="kg", equipment=dumbbells("kg")).follows("upper-back")
    does_all(lifter, 6, 8)
    asked = row(lifter.rests(days=30))
    assert asked.outcome == "deload"
    assert max(loads(asked)) == 30


def test_what_was_lifted_beyond_what_the_gym_has_now_stays() -> None:
    lifter = Lifter("kg").follows("upper-back").baseline("chest-supported-row", "60 kg")
    lifter.does("chest-supported-row", *["60x6"] * 3, slot="b/supported-row").ends()
    before = lifter.track("chest-supported-row").lever
    lifter.rests(days=1).profile(equipment=dumbbells("kg")).rests(days=2)
    assert does_all(lifter, 3, 8).outcome == "hold"
    assert lifter.track("chest-supported-row").lever == before


def test_the_heaviest_load_of_equipment() -> None:
    own = Equipment(plates=(Plates(Load(Decimal(20), "kg"), 4),), dumbbells=(Load(Decimal(30), "kg"),))
    assert loading("barbell", own, "kg").heaviest == 100
    assert loading("dumbbell", own, "kg").heaviest == 30
    assert loading("cable", own, "kg").heaviest is None
    assert learned_loading(loading("dumbbell", own, "kg"), (Decimal(34),), "dumbbell", "kg").heaviest == 34
    assert learned_loading(loading("cable", own, "kg"), (Decimal(34),), "cable", "kg").heaviest is None
