"""What a lifter's settings change, and from when on: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.events import ProfileChanged
from service.domain.instants import HOUR
from service.domain.loads import Unit
from service.domain.prescription import Prescription
from tests.support.training import Lifter, load, loads, rule_set_of

GYMS = {
    "plates of 20 kg": Equipment(bar=load("20 kg"), plates=(Plates(load("20 kg"), 8),)),
    "a bar of 15 kg": Equipment(bar=load("15 kg")),
    "fixed barbells": Equipment(barbells=(load("60 kg"), load("100 kg"), load("140 kg"))),
    "always down": Equipment(rounding="down", plates=(Plates(load("5 kg"), 20),)),
    "plates in pounds": Equipment(bar=load("45 lb"), plates=(Plates(load("45 lb"), 8), Plates(load("10 lb"), 4))),
}
PROGRAMMES = ["stronglifts", "gzclp", "greyskull", "ice-cream-fitness"]


def squatting(programme: str) -> Lifter:
    lifter = Lifter("kg").follows(rule_set_of({}, programme)).baseline("squat", "101 kg")
    return lifter.rests(days=1)


def does(lifter: Lifter, asked: Prescription, first: int, last: int) -> None:
    """Do some of the work sets that are asked, as asked."""
    work = [each for each in asked.sets if each.kind != "warmup"]
    for each in work[first:last]:
        assert each.load is not None
        assert each.reps is not None
        lifter.does(
            asked.exercise, f"{each.load.value}x{each.reps.min}", kind="amrap" if each.kind == "amrap" else "work"
        )


def work(lifter: Lifter) -> list[str | None]:
    """The loads of the bench press' work sets."""
    asked = lifter.next("bench-press")
    return [load for each, load in zip(asked.sets, loads(asked), strict=True) if each.kind != "warmup"]


def lever(lifter: Lifter, programme: str) -> object:
    track = lifter.next("squat").slot
    due = lifter.asked().due_in(track)
    return programme, due.fold.tracks.of(due.slot).lever


@pytest.mark.parametrize("gym", GYMS.values(), ids=GYMS)
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_settings_equipment_told_within_a_session_holds_from_the_next(programme: str, gym: Equipment) -> None:
    lifter, other = squatting(programme), squatting(programme)
    asked = lifter.next("squat")
    for each in (lifter, other):
        does(each, asked, 0, 1)
    lifter.profile(equipment=gym)
    other.rests(minutes=1)
    assert loads(lifter.next("squat")) == loads(other.next("squat")), "the open session goes on as it began"
    for each in (lifter, other):
        does(each, asked, 1, 20)
        each.ends()
    other.profile(equipment=gym)
    lifter.rests(minutes=1)
    assert lifter.next("squat").outcome == other.next("squat").outcome
    assert lever(lifter, programme) == lever(other, programme)
    assert loads(lifter.next("squat")) == loads(other.next("squat"))


@pytest.mark.parametrize("gym", GYMS.values(), ids=GYMS)
def test_settings_what_is_due_after_the_open_session_is_in_the_new_equipment(gym: Equipment) -> None:
    lifter = squatting("stronglifts")
    asked = lifter.next("squat")
    does(lifter, asked, 0, 20)
    lifter.profile(equipment=gym)
    ahead = loads(lifter.next("squat"))
    assert ahead == loads(lifter.ends().next("squat"))


@pytest.mark.parametrize("gym", GYMS.values(), ids=GYMS)
def test_settings_a_late_profile_acts_from_when_it_occurred(gym: Equipment) -> None:
    late, in_time = squatting("stronglifts"), squatting("stronglifts")
    asked = late.next("squat")
    for each in (late, in_time):
        does(each, asked, 0, 20)
        each.ends().rests(days=2)
    told_at = late.now - 12 * HOUR
    in_time.logs(ProfileChanged(equipment=gym), at=told_at)
    for each in (late, in_time):
        each.does("squat", *["102.5x5"] * 5, kind="work").ends()
    late.logs(ProfileChanged(equipment=gym), at=told_at)
    assert late.track("squat").lever == in_time.track("squat").lever
    assert loads(late.next("squat")) == loads(in_time.next("squat"))
    assert late.next("squat").because == in_time.next("squat").because


def test_settings_nothing_before_a_profile_is_judged_anew() -> None:
    lifter = squatting("stronglifts")
    does(lifter, lifter.next("squat"), 0, 20)
    before = lifter.ends().track("squat")
    assert lifter.profile(equipment=GYMS["plates of 20 kg"]).track("squat") == before


@pytest.mark.parametrize(("unit", "raw", "house", "small"), [("kg", "76", "75", "76"), ("lb", "187.5", "185", "187.5")])
def test_case_23_small_plates_are_opted_into(unit: Unit, raw: str, house: str, small: str) -> None:
    lifter = Lifter(unit).baseline("bench-press", f"{raw} {unit}")
    assert set(work(lifter)) == {house}
    assert set(work(lifter.owns_small_plates())) == {small}


@pytest.mark.parametrize(("unit", "start", "grid"), [("kg", "60", "2.5"), ("lb", "135", "5")])
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_case_23_no_house_barbell_is_asked_for_between_its_plates(
    programme: str, unit: Unit, start: str, grid: str
) -> None:
    lifter = Lifter(unit).follows(rule_set_of({}, programme))
    for exercise in ("squat", "bench-press", "deadlift"):
        lifter.baseline(exercise, f"{start} {unit}")
    for _ in range(6):
        for asked in lifter.next_session():
            if asked.exercise in ("squat", "bench-press", "deadlift"):
                assert all(Decimal(load) % Decimal(grid) == 0 for load in loads(asked) if load is not None)
                does(lifter, asked, 0, 20)
        lifter.ends().rests(days=2)


def test_case_23_small_increases_add_up_to_the_next_load_and_say_so() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "greyskull")).baseline("bench-press", "60 kg").rests(days=1)
    told, reasons = [], []
    for _ in range(3):
        asked = lifter.next("bench-press")
        told.append((work(lifter)[0], asked.outcome))
        reasons.append(asked.because[-1])
        does(lifter, asked, 0, 20)
        lifter.ends().rests(days=2)
    assert told == [("60", "start"), ("60", "hold"), ("62.5", "raise")]  # 1.25 kg each time
    assert reasons[1] == (
        "That comes to 61.25 kg, which rounds to what was asked before; "
        "the next heavier load that your equipment has is 2.5 kg away."
    )
    assert reasons[2] == "5 reps in the last set at 60 kg: 62.5 kg next."
