"""What a lifter's settings change, and from when on: cases of real training."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.events import BaselineSet, ProfileChanged
from service.domain.instants import HOUR
from service.domain.loads import Load, Unit, convert, convert_reversibly
from service.domain.prescription import Prescription
from service.engine.derive.why import why
from tests.support.training import LIBRARY, Lifter, a_set, load, loads, rule_set_of

GYMS = {
    "plates of 20 kg": Equipment(bar=load("20 kg"), plates=(Plates(load("20 kg"), 8),)),
    "a bar of 15 kg": Equipment(bar=load("15 kg")),
    "fixed barbells": Equipment(barbells=(load("60 kg"), load("100 kg"), load("140 kg"))),
    "always down": Equipment(rounding="down", plates=(Plates(load("5 kg"), 20),)),
    "plates in pounds": Equipment(bar=load("45 lb"), plates=(Plates(load("45 lb"), 8), Plates(load("10 lb"), 4))),
}
SETTINGS: dict[str, dict[str, Any]] = {name: {"equipment": gym} for name, gym in GYMS.items()}
SETTINGS |= {"pounds": {"unit": "lb"}, "pounds and plates": {"unit": "lb", "equipment": GYMS["plates in pounds"]}}
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
        lifter.does("squat", f"{each.load.value}x{each.reps.min}", kind="amrap" if each.kind == "amrap" else "work")


def lever(lifter: Lifter, programme: str) -> object:
    track = lifter.next("squat").slot
    due = lifter.asked().due_in(track)
    return programme, due.fold.tracks.of(due.slot).lever


@pytest.mark.parametrize("told", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("programme", PROGRAMMES)
def test_settings_told_within_a_session_hold_from_the_next(programme: str, told: dict[str, Any]) -> None:
    lifter, other = squatting(programme), squatting(programme)
    asked = lifter.next("squat")
    for each in (lifter, other):
        does(each, asked, 0, 1)
    lifter.profile(**told)
    other.rests(minutes=1)
    assert loads(lifter.next("squat")) == loads(other.next("squat")), "the open session goes on as it began"
    for each in (lifter, other):
        does(each, asked, 1, 20)
        each.ends()
    other.profile(**told)
    lifter.rests(minutes=1)
    assert lifter.next("squat").outcome == other.next("squat").outcome
    assert lever(lifter, programme) == lever(other, programme)
    assert loads(lifter.next("squat")) == loads(other.next("squat"))


@pytest.mark.parametrize("told", SETTINGS.values(), ids=SETTINGS)
def test_settings_what_is_due_after_the_open_session_is_in_the_new_ones(told: dict[str, Any]) -> None:
    lifter = squatting("stronglifts")
    asked = lifter.next("squat")
    does(lifter, asked, 0, 20)
    lifter.profile(**told)
    ahead = loads(lifter.next("squat"))
    assert ahead == loads(lifter.ends().next("squat"))


@pytest.mark.parametrize("told", SETTINGS.values(), ids=SETTINGS)
def test_settings_a_late_profile_acts_from_when_it_occurred(told: dict[str, Any]) -> None:
    late, in_time = squatting("stronglifts"), squatting("stronglifts")
    asked = late.next("squat")
    for each in (late, in_time):
        does(each, asked, 0, 20)
        each.ends().rests(days=2)
    told_at = late.now - 12 * HOUR
    in_time.logs(ProfileChanged(**told), at=told_at)
    for each in (late, in_time):
        each.does("squat", *["102.5x5"] * 5, kind="work").ends()
    late.logs(ProfileChanged(**told), at=told_at)
    assert late.track("squat").lever == in_time.track("squat").lever
    assert loads(late.next("squat")) == loads(in_time.next("squat"))
    assert late.next("squat").because == in_time.next("squat").because


def test_settings_nothing_before_a_profile_is_judged_anew() -> None:
    lifter = squatting("stronglifts")
    does(lifter, lifter.next("squat"), 0, 20)
    before = lifter.ends().track("squat")
    assert lifter.profile(equipment=GYMS["plates of 20 kg"]).track("squat") == before


# Another unit

rules_of = cache(partial(rule_set_of, {}))
OTHER: Final[dict[Unit, Unit]] = {"kg": "lb", "lb": "kg"}
EVERY_PROGRAMME = sorted(
    path.removeprefix("programmes/").removesuffix(".yaml") for path in LIBRARY.files if path.startswith("programmes/")
)
BOTH_WAYS = pytest.mark.parametrize("unit", ["kg", "lb"])


def trained(programme: str, unit: Unit, *, sessions: int = 3) -> Lifter:
    """Somebody who has done a programme's first sessions as asked."""
    known = _trained(programme, unit, sessions)
    lifter = Lifter(unit)
    lifter.now, lifter.log = known.now, list(known.log)
    return lifter


@cache
def _trained(programme: str, unit: Unit, sessions: int) -> Lifter:
    rules = rules_of(programme)
    lifter = Lifter(unit).profile(unit=unit, body_weight=load("80 kg")).follows(rules)
    slots = [slot for day in rules.programme.days for slot in day.slots]
    for exercise in sorted({slot.exercise or "" for slot in slots} or {"squat", "bench-press"}):
        if rules.exercises[exercise].load != "added":
            lifter.logs(BaselineSet(exercise, load=Load(Decimal(100), unit), one_rep_max=Load(Decimal(130), unit)))
    for _ in range(sessions):
        does_session(lifter)
    return lifter


def does_session(lifter: Lifter) -> None:
    """Do all of the next session as asked."""
    lifter.rests(days=2)
    for asked in lifter.next_session():
        for each in asked.sets:
            if each.kind == "warmup":
                continue
            shown = Load(Decimal(0), lifter.unit) if each.load is None else Load(each.load.value, each.load.unit)
            amount = f"{each.reps.min}" if each.reps else f"{each.seconds.min if each.seconds else 0}s"
            kind = "amrap" if each.kind == "amrap" else "work"
            done = a_set(asked.exercise, f"{shown.value}x{amount}", shown.unit, kind=kind, slot=asked.slot)
            lifter.logs(done)
    lifter.ends()


def due(lifter: Lifter) -> list[tuple[Any, ...]]:
    """What a lifter notices of every slot."""
    asked = lifter.asked()
    given = (asked.prescription("lifter", each)[0] for each in asked.every_slot())
    return [(each.slot, each.outcome, each.because, each.sets) for each in given]


def test_case_13_a_success_stays_one_in_another_unit() -> None:
    lifter = Lifter("lb").profile(unit="lb").follows(rule_set_of({}, "stronglifts")).baseline("deadlift", "200 lb")
    lifter.rests(days=1).does("deadlift", "200x5", kind="work").ends()
    assert lifter.next("deadlift").outcome == "raise"
    said = lifter.next("deadlift").because
    lifter.profile(unit="kg")
    now = lifter.next("deadlift")
    assert (now.outcome, now.because) == ("raise", said)
    assert lifter.track("deadlift").lever == Decimal("95.2544")
    assert loads(now)[-1] in ("95", "95.5")
    told = why(lifter.derivation(now))
    assert "From then on loads are in another unit: from 210 lb to 95.2544 kg." in told


@BOTH_WAYS
@pytest.mark.parametrize("programme", EVERY_PROGRAMME)
def test_settings_another_unit_changes_loads_and_nothing_else(programme: str, unit: Unit) -> None:
    lifter = trained(programme, unit)
    before = lifter.state()
    after = lifter.profile(unit=OTHER[unit]).state()
    fold = lifter.asked().due_in(lifter.next_session(dormant=True)[0].slot).fold
    for slot, _ in fold.tracks.existing():
        was, now = before.tracks.get(slot.track), after.tracks.get(slot.track)
        assert was is not None
        assert now is not None
        assert now.lever == (None if was.lever is None else convert_reversibly(was.lever, unit, OTHER[unit]))
        assert (now.unit, now.outcome, now.adjusted, now.sessions) == (None, was.outcome, was.adjusted, was.sessions)
        assert (now.failures_in_a_row, now.sessions_since_raise) == (was.failures_in_a_row, was.sessions_since_raise)
        assert {reason.unit for reason in now.reasons} <= {unit}
        for scheme, kept in now.own.items():
            pairs = zip(slot.rule_set.schemes[scheme].state, was.own[scheme], kept, strict=True)
            for variable, one, other in pairs:
                if variable.type == "load":
                    assert isinstance(one, Decimal)
                    assert other == convert_reversibly(one, unit, OTHER[unit]), variable.name
                else:
                    assert other == one, variable.name
    does_session(lifter)
    outcomes = {outcome for _, outcome, *_ in due(lifter)}
    assert outcomes.isdisjoint({"lower", "deload"}) or outcomes == {
        each for _, each, *_ in due(trained(programme, unit, sessions=4))
    }


@BOTH_WAYS
@pytest.mark.parametrize("programme", EVERY_PROGRAMME)
def test_settings_there_and_back_is_as_if_nothing_had_been_said(programme: str, unit: Unit) -> None:
    lifter = trained(programme, unit)
    before = due(lifter)
    lifter.profile(unit=OTHER[unit]).profile(unit=unit)
    assert due(lifter) == before


@BOTH_WAYS
def test_settings_what_is_remembered_of_an_exercise_is_in_the_new_unit(unit: Unit) -> None:
    lifter = trained("stronglifts", unit)
    was, now = lifter.state(), lifter.profile(unit=OTHER[unit]).state()
    one, other = was.memory("squat"), now.memory("squat")

    def carried(value: Decimal | None) -> Decimal | None:
        return None if value is None else convert_reversibly(value, unit, OTHER[unit])

    assert other.baseline.load == carried(one.baseline.load)
    assert other.baseline.one_rep_max == carried(one.baseline.one_rep_max)
    assert (other.lever, other.best_e1rm) == (carried(one.lever), carried(one.best_e1rm))
    assert other.tops == list(map(carried, one.tops))
    assert other.rep_maxes == list(map(carried, one.rep_maxes))
    assert other.estimates == [(week, carried(each)) for week, each in one.estimates]
    assert now.shared.body_weight == convert(Decimal(80), "kg", OTHER[unit])
    assert (other.sessions, other.lever_reps, other.timed) == (one.sessions, one.lever_reps, one.timed)


def test_settings_a_record_is_none_again_in_another_unit() -> None:
    lifter = Lifter("lb").does("squat", "225x5", kind="work").ends().rests(days=2).profile(unit="kg")
    before = lifter.state().memory("squat")
    lifter.does("squat", "225x5", kind="work")
    assert lifter.state().memory("squat").best_e1rm_at == before.best_e1rm_at
    assert lifter.state().memory("squat").rep_maxes == before.rep_maxes


@BOTH_WAYS
@pytest.mark.parametrize("programme", ["stronglifts", "juggernaut", "dynamic-full-body"])
def test_settings_a_programme_left_in_one_unit_is_taken_up_in_another(programme: str, unit: Unit) -> None:
    lifter, other = trained(programme, unit, sessions=2), trained(programme, unit, sessions=2)
    for each in (lifter, other):
        each.follows(rules_of("upper-lower"))
    lifter.profile(unit=OTHER[unit])
    other.rests(minutes=1)
    for each in (lifter, other):
        each.follows(rules_of(programme))
    other.profile(unit=OTHER[unit])
    lifter.rests(minutes=1)
    assert due(lifter) == due(other)
    mine, theirs = lifter.state().tracks, other.state().tracks
    for key in mine.names():
        one, two = mine.get(key), theirs.get(key)
        assert one is not None
        assert two is not None
        assert (one.lever, one.own, one.unit) == (two.lever, two.own, two.unit)


def test_settings_a_derivation_in_the_old_unit_stays_what_it_was() -> None:
    lifter = trained("stronglifts", "lb")
    asked = lifter.next("squat")
    before = lifter.derivation(asked)
    lifter.profile(unit="kg")
    in_kilograms = lifter.next("squat")
    after = lifter.derivation(in_kilograms)
    does_session(lifter)
    assert lifter.derivation(asked) == before
    assert lifter.derivation(in_kilograms) == after
    assert lifter.resolved(asked.prescription_id).sets == asked.sets
