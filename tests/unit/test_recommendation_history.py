"""Every recommendation that was current at some version, and what was performed against it."""

from __future__ import annotations

from typing import Any

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.events import ProgrammeAssigned, ProgrammeEnded, SetCorrected
from service.domain.loads import canonical
from service.domain.prescription import PrescriptionId
from service.engine.prescribe.recommendation_history import Recommendation, recommendations
from tests.support.training import DAY, DEFAULT, MINUTE, MONDAY, Lifter, load, rule_set_of

ROW = "single-arm-dumbbell-row"


def given(lifter: Lifter, exercise: str = "deadlift") -> list[Recommendation]:
    return recommendations(lifter.run(), lifter.plans, "lifter", exercise, lambda _: DEFAULT.digest)


def told(lifter: Lifter, exercise: str = "deadlift") -> list[tuple[int, str, str | None]]:
    """The version, the sets asked for, and what came of it, of each recommendation."""
    return [(each.version, asked(each), each.verdict) for each in given(lifter, exercise)]


def asked(recommendation: Recommendation) -> str:
    first = recommendation.sets[0]
    weight = "?" if first.load is None else canonical(first.load.value)
    return f"{len(recommendation.sets)}x{weight}"


def done(recommendation: Recommendation) -> list[tuple[Any, ...]]:
    return [(each.event_ids, canonical(each.load.value), each.reps, each.verdict) for each in recommendation.performed]


def on_deadlifts() -> Lifter:
    return Lifter().follows("upper-back").baseline("deadlift", "225 lb")


def test_set_by_set_each_recommendation_is_followed_by_the_next() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6", "235x3", "230x5")
    assert told(lifter) == [
        (1, "3x?", "changed"),
        (2, "3x225", "followed"),
        (3, "2x235", "missed"),
        (4, "1x230", "followed"),
        (5, "3x230", None),
    ]
    assert [done(each) for each in given(lifter)] == [
        [],
        [(("e3",), "225", 6, "followed")],
        [(("e4",), "235", 3, "missed")],
        [(("e5",), "230", 5, "followed")],
        [],
    ]


def test_what_is_left_of_a_recommendation_is_the_same_one() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5")
    _, one = given(lifter)
    assert (asked(one), one.verdict, len(one.performed)) == ("3x225", None, 2)
    _, one, following = given(lifter.does("deadlift", "225x5"))
    assert (one.verdict, len(one.performed), one.replaced_by) == ("followed", 3, following.prescription_id)
    assert (following.replaced_by, following.verdict) == (None, None)


def test_other_exercises_change_nothing_and_a_day_of_rest_neither() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5", "225x5").ends()
    before = told(lifter)
    lifter.rests(days=1).does("squat", "135x5", "135x5").does("barbell-row", "135x6").ends().rests(days=1)
    assert told(lifter.does("squat", "135x5")) == before


def test_a_session_that_ends_before_the_last_set_missed() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5").ends()
    assert told(lifter)[1:] == [(2, "3x225", "missed"), (5, "3x225", None)]


def test_heavier_or_more_than_asked_exceeds() -> None:
    heavier = on_deadlifts().does("deadlift", "230x5", "230x5", "230x5")
    assert [each.verdict for each in given(heavier)][1:3] == ["exceeded", "followed"]
    longer = on_deadlifts().does("deadlift", "225x7")
    assert given(longer)[1].performed[0].verdict == "exceeded"


def test_heavier_for_too_few_repetitions_missed() -> None:
    assert given(on_deadlifts().does("deadlift", "235x2"))[1].performed[0].verdict == "missed"


def test_sets_beyond_those_asked_for_are_told_and_decide_nothing() -> None:
    lifter = Lifter("kg").does("squat", "100x5", "100x5", "100x5", "80x5").ends()
    first = next(each for each in given(lifter, "squat") if any(p.index == 4 for p in each.performed))
    assert done(first)[-1] == (("e4",), "80", 5, "missed")
    assert first.verdict == "followed"


def test_what_time_alone_changed_is_a_recommendation_of_its_own() -> None:
    lifter = on_deadlifts().owns_small_plates().does("deadlift", "225x5", "225x5", "225x5").ends().rests(days=14)
    held, cut, *_ = given(lifter.does("deadlift", "202.5x5"))[2:]
    assert (asked(held), held.outcome, held.verdict) == ("3x225", "hold", "changed")
    assert (asked(cut), cut.outcome, len(cut.performed)) == ("3x202.5", "deload", 1)


def test_a_correction_changes_what_follows_and_what_was_performed() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").ends()
    lifter.logs(SetCorrected("e3", reps=3))
    assert told(lifter)[1:] == [
        (2, "3x225", "missed"),  # three repetitions were performed, not six
        (3, "2x235", "changed"),
        (4, "3x235", "changed"),
        (5, "3x225", None),
    ]
    assert done(given(lifter)[1]) == [(("e3",), "225", 3, "missed")]


def test_a_voided_set_was_not_performed() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").voids("e3")
    assert told(lifter)[1:] == [(2, "3x225", "changed"), (3, "2x235", "changed"), (4, "3x225", None)]


def test_a_set_that_came_late_counts_against_none_and_changes_what_follows() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", at=MONDAY + DAY)
    lifter.does("deadlift", "225x6", at=MONDAY + 5 * MINUTE)
    assert [each for recommendation in given(lifter) for each in done(recommendation)] == [
        (("e3",), "225", 5, "followed")
    ]
    assert told(lifter)[-1][0] == 4


@pytest.mark.parametrize(("minutes", "versions"), [(0, {1, 2, 6}), (1, {1, 2, 4, 5, 6})])
def test_late_events_of_one_call_are_one_step(minutes: int, versions: set[int]) -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", at=MONDAY + DAY)
    for text in ("225x6", "235x6", "245x6"):
        lifter.rests(minutes=minutes).does("deadlift", text, at=MONDAY + 5 * MINUTE)
    assert {each.version for each in given(lifter)} == versions


def test_both_sides_are_one_set_and_the_weaker_counts() -> None:
    lifter = Lifter().follows("upper-back").baseline(ROW, "60 lb")
    lifter.does(ROW, "60x8", side="left").does(ROW, "60x5", side="right")
    performed = [each for recommendation in given(lifter, ROW) for each in done(recommendation)]
    assert performed == [(("e3", "e4"), "60", 5, "missed")]


def test_timed_sets_are_held_against_seconds() -> None:
    lifter = Lifter("kg").does("plank", "0x30s").ends().rests(days=2).does("plank", "0x20s")
    last = next(each for each in given(lifter, "plank") if each.performed and each.version > 1)
    assert [(each.seconds, each.reps, each.verdict) for each in last.performed] == [(20, None, "missed")]


def test_a_programme_taken_up_or_left_replaces_what_was_recommended() -> None:
    lifter = Lifter().does("deadlift", "225x5").ends().follows("upper-back")
    slots = [(each.slot, each.verdict) for each in given(lifter)]
    assert slots[-2:] == [("default/deadlift", "changed"), ("a/hinge", None)]
    lifter.logs(ProgrammeEnded())
    assert [each.slot for each in given(lifter)][-1] == "default/deadlift"


def test_other_equipment_or_another_unit_changes_what_is_recommended() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5", "225x5").ends()
    lifter.profile(equipment=Equipment(bar=load("55 lb"), plates=(Plates(load("45 lb"), 4),)))
    assert told(lifter)[-2:] == [(5, "3x225", "changed"), (7, "3x235", None)]
    newest = given(lifter.profile(unit="kg"))[-1].sets[0].load
    assert newest is not None
    assert newest.unit == "kg"


LINKED = rule_set_of(
    {
        "deload/heavier.yaml": """
scheme: heavier
title: A tenth off for whoever weighs more than the limit
sources: [{title: a test, gives: all}]
params:
  limit: {type: load, default: {kg: 100, lb: 220}, from: 0}
before prescription:
  - rule: too-heavy
    when: known(lifter.body_weight) and lifter.body_weight > limit
    then: {lever: "lever - percent_of(10, lever)"}
    outcome: deload
    because: "You weigh {lifter.body_weight}."
examples:
  - {name: none, progression: double-progression, baseline: 100 kg, log: ["100x5 -> 100"]}
""",
        "programmes/linked.yaml": """
programme: linked
title: Two exercises that share a track
sources: [{title: a test, gives: all}]
days:
  - day: a
    slots:
      - {slot: pull, exercise: deadlift, track: pull, progression: double-progression, deload: [heavier]}
      - {slot: other, exercise: romanian-deadlift, track: pull, progression: double-progression}
      - {slot: row, exercise: barbell-row, progression: double-progression}
""",
    },
    "linked",
)


def test_a_set_of_another_exercise_that_feeds_the_same_track_counts() -> None:
    lifter = Lifter().follows(LINKED).baseline("deadlift", "225 lb").does("barbell-row", "95x5", "95x5")
    before = told(lifter)
    assert before[-1] == (2, "3x225", None)
    assert told(lifter.does("romanian-deadlift", "225x6"))[-1] == (5, "3x235", None)


def test_a_body_weight_told_with_a_set_of_another_exercise_counts() -> None:
    lifter = Lifter("kg").follows(LINKED).baseline("deadlift", "100 kg").does("deadlift", "100x5").ends().rests(days=1)
    lifter.does("barbell-row", "60x5").does("barbell-row", "60x5", body_weight=load("120 kg"))
    assert told(lifter)[-2:] == [(4, "3x100", "changed"), (6, "3x90", None)]


def test_every_recommendation_has_an_id_that_leads_back_to_it() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6", "235x3", "230x5").ends().rests(days=20).does("deadlift", "205x5")
    for each in given(lifter.voids("e4")):
        resolved = lifter.resolved(each.prescription_id)
        assert (resolved.prescription_id, resolved.sets) == (each.prescription_id, each.sets)
        assert PrescriptionId.decode(each.prescription_id).version == each.version


def test_an_event_that_cannot_be_folded_stops_them_until_it_is_voided() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5")
    poison = lifter.logs(ProgrammeAssigned("ghost", "0" * 64))
    before = told(lifter)
    assert told(lifter.does("deadlift", "225x6")) == before
    assert told(lifter.voids(poison))[-1][0] == 6


def test_nobody_knows_the_exercise() -> None:
    assert given(on_deadlifts(), "our-own-machine") == []


@pytest.mark.parametrize("count", [1, 4])
def test_a_log_in_order_gives_what_it_gave_when_it_was_shorter(count: int) -> None:
    lifter = on_deadlifts().does("deadlift", "225x6", "235x3", "230x5").ends().rests(days=3)
    lifter.does("deadlift", "230x6", "240x4")
    whole = told(lifter)
    shorter = recommendations(lifter.run(last=count), lifter.plans, "lifter", "deadlift", lambda _: DEFAULT.digest)
    assert [each.prescription_id for each in shorter] == [
        each.prescription_id for each in given(lifter) if each.version <= count
    ]
    assert len(whole) > len(shorter)
