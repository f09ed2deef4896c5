"""Slots of several exercises: in turn by week, in weeks of their own, as the rungs of a ladder."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.ruleset.programme import Programme
from tests.support.mistakes import told_at
from tests.support.training import LIBRARY, Lifter, rule_set_of

PROGRAMME = """\
programme: mine
title: Several exercises
sources: [{title: a test}]
weeks: 6
progressions:
  push: {ladder: {reps: [5, 8]}}
templates:
  heavy: {progression: linear, exercises: [box-squat, front-squat, squat]}
days:
  - day: a
    slots:
      - slot: push
        exercises: [push-up, {exercise: plank, progression: {push: {reps: [10, 30]}}, rest_s: 60}, dip]
        progression: push
      - {slot: heavy, use: heavy}
      - slot: pull
        progression: double-progression
        exercises:
          - {exercise: barbell-row, weeks: [1, 3]}
          - {exercise: pull-up, weeks: [4, 6], label: strict}
  - day: b
    slots:
      - {slot: light, weeks: "1, 3, 4, 6", exercises: [squat, front-squat, squat, deadlift], progression: linear}
"""


def programme(*changes: tuple[str, str]) -> Programme:
    text = PROGRAMME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return library_from_files({"programmes/mine.yaml": text.encode()}, LIBRARY).programmes["mine"]


def test_they_are_slots_of_their_own() -> None:
    weeks = {slot.id: sorted(slot.weeks or ()) for slot in programme().slots}
    assert weeks == {
        "a/push-push-up": [],
        "a/push-plank": [],
        "a/push-dip": [],
        "a/heavy-box-squat": [1, 4],
        "a/heavy-front-squat": [2, 5],
        "a/heavy-squat": [3, 6],
        "a/pull-barbell-row": [1, 2, 3],
        "a/pull-pull-up": [4, 5, 6],
        "b/light-squat": [1, 4],
        "b/light-front-squat": [3],
        "b/light-deadlift": [6],
    }
    rungs = [slot for slot in programme().slots if slot.is_rung]
    assert [(slot.track, slot.rest_s, dict(slot.progression.params)) for slot in rungs] == [
        ("push", None, {"rung": 1, "rungs": 3, "reps": (5, 8)}),
        ("push", 60, {"rung": 2, "rungs": 3, "reps": (10, 30)}),
        ("push", None, {"rung": 3, "rungs": 3, "reps": (5, 8)}),
    ]


def asked(lifter: Lifter) -> list[tuple[str, str]]:
    """The slots that are asked for next, each with its first set."""
    found = []
    for each in lifter.next_session():
        first = each.sets[0]
        amount = first.reps or first.seconds
        found.append((each.slot, "" if amount is None else f"{amount.min}-{amount.max}{'s' if first.seconds else ''}"))
    return found


def test_a_ladder_goes_on_over_repetitions_and_seconds_and_back() -> None:
    lifter = Lifter("kg").follows(rule_set_of({"programmes/mine.yaml": PROGRAMME}, "mine"))
    assert asked(lifter)[0] == ("a/push-push-up", "5-8")
    lifter.does("push-up", *["0x8"] * 3).ends().does("squat", *["60x5"] * 5).ends()
    assert asked(lifter)[0] == ("a/push-plank", "10-30s")
    lifter.does("plank", *["0x30s"] * 3).ends()
    assert asked(lifter) == [("a/push-dip", "5-8"), *asked(lifter)[1:]]
    for _ in range(2):
        lifter.rests(days=1).does("dip", *["0x4"] * 3).ends()
    assert lifter.next("plank").sets[0].seconds is not None
    assert lifter.next("dip").sets == ()
    assert "back to rung 2 of 3" in " ".join(lifter.next("plank").because)


def test_what_is_done_on_another_rung_moves_nothing() -> None:
    lifter = Lifter("kg").follows(rule_set_of({"programmes/mine.yaml": PROGRAMME}, "mine"))
    lifter.does("dip", *["0x8"] * 3).ends()
    assert lifter.next("push-up").sets != ()
    assert lifter.next("dip").sets == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("[box-squat, front-squat, squat]", "[squat]", "[squat]", "lists 2 to 30 of them, but here are 1"),
        ("[box-squat, front-squat, squat]", "squat", "squat", "exercises is a list"),
        ("[box-squat, front-squat, squat]", "[a, b, c, d]", "[a, b", "4 exercises take turns, but 6 weeks"),
        ("[box-squat, front-squat, squat]", "[box-sqat, squat]", "box-sqat", "Did you mean box-squat?"),
        ("slot: heavy, use", "slot: heavy, exercise: squat, use", "squat", "or several under exercises, not both"),
        ("weeks: [4, 6], label", "label", "{exercise: pull-up", "say in which weeks they are done, or none does"),
        ("weeks: [1, 3]", "weeks: [1, 9]", "[1, 9]", "weeks names week 9, but a cycle of the programme has 6 weeks"),
        ("plank, progression", "plank, use: x, progression", "{exercise: plank", "neither exercises nor use"),
        ("{exercise: barbell-row, weeks", "{weeks", "{weeks", "needs a line exercise"),
        ("label: strict", "lable: strict", "lable", "Did you mean label?"),
        ("push-up, {exercise: plank", "squat, {exercise: plank", "plank", "loads that are total"),
        (", dip]", ", push-up]", "push-up", "the slot a/push-push-up is there twice"),
        ("[squat, front-squat, squat, deadlift]", "[squat, {exercise: squat, rest_s: 9}]", "{exer", "give one a slot"),
    ],
)
def test_what_is_refused(old: str, new: str, at: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        programme((old, new))
    told = [error for error in refused.value.errors if message in error.message]
    assert told, [str(error) for error in refused.value.errors]
    assert told_at(told[0], PROGRAMME.replace(old, new)).startswith(at)
