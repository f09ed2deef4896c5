"""Prescriptions: what is due, when it holds, why, and an id that leads back to it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import NotFound
from service.domain.events import ProgrammeEnded
from service.domain.instants import HOUR, Instant, parse, render
from service.domain.prescription import Prescription, PrescriptionId, Range, ShownLoad
from tests.support.training import DAY, DEFAULT, MINUTE, MONDAY, UPPER_BACK, Lifter, loads, rule_set_of

TWO_SLOTS = rule_set_of(
    {
        "programmes/two-slots.yaml": """
programme: two-slots
title: One track, fed by two slots, of which only one backs off after a layoff
sources: [{title: a test, gives: all}]
days:
  - day: a
    slots:
      - {slot: heavy, exercise: deadlift, progression: double-progression, deload: [layoff], rest_s: 180}
      - {slot: light, exercise: deadlift, progression: {double-progression: {reps: [8, 10]}}}
  - day: b
    slots:
      - {slot: heavy, exercise: deadlift, progression: double-progression, deload: [layoff]}
"""
    },
    "two-slots",
)


def on_deadlifts(start: str = "225 lb") -> Lifter:
    return Lifter().follows("upper-back").baseline("deadlift", start)


def substance(prescription: Prescription) -> tuple[object, ...]:
    """Everything but when it was asked for."""
    return (prescription.status, prescription.sets, prescription.outcome, prescription.because, prescription.rule_set)


# What it says


def test_a_prescription_says_all_that_is_to_be_done() -> None:
    answer = on_deadlifts().next("deadlift")
    assert (answer.lifter, answer.exercise, answer.slot) == ("lifter", "deadlift", "a/hinge")
    assert (answer.status, answer.outcome, answer.version) == ("next_session", "start", 2)
    assert [each.index for each in answer.sets] == [1, 2, 3]
    assert answer.sets[0].kind == "work"
    assert answer.sets[0].load == ShownLoad(Decimal(225), "lb")
    assert (answer.sets[0].reps, answer.sets[0].rir, answer.sets[0].rest_s) == (Range(4, 6), Range(1, 2), 180)
    assert answer.rule_set.digest == UPPER_BACK.digest
    assert answer.derivation == f"/v1/lifters/lifter/derivations/{answer.prescription_id}"
    assert answer.because == ("Deadlift starts at 225 lb; no set has been logged since.",)


def test_an_exercise_without_a_load_yet_is_prescribed_all_the_same() -> None:
    answer = on_deadlifts().next("face-pull")
    assert [each.load for each in answer.sets] == [None, None, None]
    assert answer.because == ("No load is known for Face pull yet: choose one that fits, and go on from there.",)


def test_an_exercise_that_nobody_knows_is_not_found() -> None:
    with pytest.raises(NotFound, match="reverse-unicorn"):
        on_deadlifts().next("reverse-unicorn")


@pytest.mark.parametrize("slot", ["a/press", "c/hinge", "hinge/a", "default/reverse-unicorn"])
def test_a_slot_that_is_none_of_the_lifters_is_not_found(slot: str) -> None:
    with pytest.raises(NotFound):
        on_deadlifts().next("", slot)


def test_a_catalogue_exercise_is_known_before_it_is_logged() -> None:
    assert on_deadlifts().next("squat").rule_set.digest == DEFAULT.digest


# In the open session and after it


def test_within_a_session_the_sets_still_to_do_are_prescribed() -> None:
    answer = on_deadlifts().does("deadlift", "225x5").next("deadlift")
    assert (answer.status, [each.index for each in answer.sets]) == ("in_session", [2, 3])


def test_a_slot_that_is_done_is_prescribed_for_the_next_session() -> None:
    answer = on_deadlifts().does("deadlift", "225x5", "225x5", "225x5").next("deadlift")
    assert (answer.status, [each.index for each in answer.sets]) == ("next_session", [1, 2, 3])


def test_a_closed_session_is_done_whatever_is_left_of_it() -> None:
    answer = on_deadlifts().does("deadlift", "225x5").ends().next("deadlift")
    assert (answer.status, len(answer.sets)) == ("next_session", 3)


def test_a_slot_of_the_day_that_was_not_begun_yet_belongs_to_the_open_session() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5")
    assert lifter.next("barbell-row").status == "in_session"
    assert lifter.next("romanian-deadlift").status == "next_session"


def test_a_read_closes_the_gap_on_a_copy() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5")
    assert lifter.next("deadlift", as_of=lifter.now + 4 * HOUR - 1).status == "in_session"
    assert lifter.next("deadlift", as_of=lifter.now + 4 * HOUR).status == "next_session"
    assert lifter.state().shared.session.open


# Which slot is due


def test_the_slot_of_the_current_day_is_due_before_the_others() -> None:
    lifter = Lifter().follows(TWO_SLOTS).baseline("deadlift", "200 lb")
    assert lifter.next("deadlift").slot == "a/heavy"
    lifter.does("deadlift", "200x5", "200x5", "200x5")
    assert (lifter.next("deadlift").slot, lifter.next("deadlift").status) == ("a/light", "in_session")
    lifter.does("deadlift", "200x5", "200x5", "200x5")
    assert (lifter.next("deadlift").slot, lifter.next("deadlift").status) == ("b/heavy", "next_session")
    assert lifter.ends().next("deadlift").slot == "b/heavy"


def test_a_slot_that_is_named_is_answered_whatever_is_due() -> None:
    answer = Lifter().follows(TWO_SLOTS).baseline("deadlift", "200 lb").next("deadlift", "b/heavy")
    assert (answer.slot, answer.status) == ("b/heavy", "next_session")


def test_slots_of_one_track_are_answered_each_by_itself() -> None:
    """In a list as alone: that one slot's rules were asked says nothing to the other."""
    lifter = Lifter().follows(TWO_SLOTS).baseline("deadlift", "200 lb").does("deadlift", "200x5")
    lifter.logs(ProgrammeEnded())
    listed = lifter.follows(TWO_SLOTS).rests(days=20).next_session()
    assert [(each.slot, loads(each)[0], each.outcome) for each in listed] == [
        ("a/heavy", "180", "deload"),
        ("a/light", "200", "hold"),
    ]
    assert listed == [lifter.next("deadlift", each.slot) for each in listed]


# Lists


def test_the_next_session_is_the_day_of_the_programme() -> None:
    lifter = on_deadlifts()
    assert [each.slot for each in lifter.next_session()] == ["a/hinge", "a/row", "a/one-sided-row", "a/rear-delts"]
    lifter.does("deadlift", "225x5").ends()
    assert [each.slot for each in lifter.next_session()] == [
        "b/hinge",
        "b/supported-row",
        "b/cable-row",
        "b/rear-delts",
    ]


def test_of_an_open_session_what_is_left_is_listed() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5", "225x5").does("barbell-row", "135x7")
    listed = lifter.next_session()
    assert [each.slot for each in listed] == ["a/row", "a/one-sided-row", "a/rear-delts"]
    assert {each.status for each in listed} == {"in_session"}
    assert len(listed[0].sets) == 2


def test_without_a_programme_everything_ever_logged_is_listed() -> None:
    lifter = Lifter().does("squat", "135x5", "135x5").does("bench-press", "95x5").ends()
    assert [each.exercise for each in lifter.next_session()] == ["bench-press", "squat"]
    assert [each.exercise for each in lifter.does("squat", "135x5").next_session()] == ["squat"]


def test_who_logged_nothing_has_an_empty_list() -> None:
    assert Lifter().profile(unit="kg").next_session() == []


# Outcomes


@pytest.mark.parametrize(
    ("sets", "outcome"),
    [
        (["225x6"], "raise"),
        (["225x5"], "hold"),
        (["225x6", "235x3"], "raise"),  # 225 -> 235 -> 230
        (["225x6", "235x3", "230x3"], "hold"),  # 225 -> 235 -> 230 -> 225
    ],
)
def test_the_outcome_compares_the_lever_with_where_the_session_found_it(sets: list[str], outcome: str) -> None:
    assert on_deadlifts().does("deadlift", *sets).next("deadlift").outcome == outcome


def test_a_load_that_fell_is_an_outcome_of_its_own() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").ends().rests(days=2)
    assert lifter.does("deadlift", "235x3").next("deadlift").outcome == "raise"  # until what was begun is over
    assert lifter.ends().next("deadlift").outcome == "lower"


def test_the_next_session_that_performs_the_track_has_its_own_outcome() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").ends().rests(days=2)
    assert lifter.next("deadlift").outcome == "raise"
    lifter.does("barbell-row", "135x7").ends()
    assert lifter.next("deadlift").outcome == "raise"
    assert lifter.does("deadlift", "235x5").ends().next("deadlift").outcome == "hold"


def test_an_outcome_is_of_the_last_session_only() -> None:
    lifter = Lifter("kg").does("pull-up", "0x8").ends().does("pull-up", "0x12").ends().rests(days=2)
    assert lifter.next("pull-up").outcome == "advance"
    assert lifter.does("pull-up", "0x3", kind="work").next("pull-up").outcome == "hold"


def test_every_reason_is_given_in_order() -> None:
    assert on_deadlifts().does("deadlift", "225x6", "235x3", "230x5").next("deadlift").because == (
        "6 reps at 225 lb is the top of 4-6: 235 lb next.",
        "3 reps at the new load of 235 lb is under 4-6: 230 lb next.",
        "5 reps at 230 lb is within 4-6: stay and add reps.",
    )


def test_a_layoff_says_so_beside_what_was_done_before_it() -> None:
    answer = on_deadlifts().does("deadlift", "225x5").ends().rests(days=14).next("deadlift")
    assert answer.because == (
        "5 reps at 225 lb is within 4-6: stay and add reps.",
        "14 days away: come back with 10 % off 225 lb.",
    )
    assert answer.outcome == "deload"


# Time


def test_as_of_leaves_out_what_occurred_later() -> None:
    lifter = on_deadlifts()
    before = lifter.now
    lifter.does("deadlift", "225x6")
    assert loads(lifter.next("deadlift"))[0] == "235"
    earlier = lifter.next("deadlift", as_of=before)
    assert (loads(earlier)[0], earlier.version, earlier.as_of) == ("225", 3, render(before))


def test_a_void_counts_also_for_a_time_before_it() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6")
    then = lifter.now
    lifter.rests(days=1).voids("e3")
    assert loads(lifter.next("deadlift", as_of=then))[0] == "225"


def test_at_version_knows_what_was_known_then() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").voids("e3")
    assert loads(lifter.next("deadlift", version=3))[0] == "235"
    assert loads(lifter.next("deadlift", version=4))[0] == "225"


@pytest.mark.parametrize(
    ("asked_after", "valid_from", "valid_until"),
    [
        (0, "2026-01-05T18:03:00Z", "2026-01-05T22:03:00Z"),  # from the set to the end of the session's gap
        (4 * HOUR, "2026-01-05T22:03:00Z", "2026-01-06T00:00:00Z"),  # from there to midnight
        (6 * HOUR, "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z"),  # and from midnight to midnight
    ],
)
def test_a_prescription_holds_from_breakpoint_to_breakpoint(
    asked_after: Instant, valid_from: str, valid_until: str
) -> None:
    lifter = on_deadlifts().does("deadlift", "225x5")
    answer = lifter.next("deadlift", as_of=lifter.now + asked_after)
    assert (answer.valid_from, answer.valid_until) == (valid_from, valid_until)


def test_midnight_is_the_lifters() -> None:
    answer = on_deadlifts().profile(time_zone="America/New_York").next("deadlift")
    assert answer.valid_until == "2026-01-06T05:00:00Z"


def test_what_was_prescribed_before_an_event_held_until_the_event() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").rests(minutes=4).does("deadlift", "235x5")
    first, second = (event.occurred_at for event in lifter.log[-2:])
    answer = lifter.next("deadlift", as_of=first + MINUTE)
    assert (answer.valid_from, answer.valid_until) == (render(first), render(second))


@given(st.integers(0, 40 * 24 * 60))
def test_between_breakpoints_a_prescription_is_constant(minutes: int) -> None:
    lifter = LAID_OFF
    answer = lifter.next("deadlift", as_of=MONDAY + minutes * MINUTE)
    begins, ends = parse(answer.valid_from), parse(answer.valid_until)
    assert begins <= MONDAY + minutes * MINUTE < ends
    for at in (begins, ends - 1):
        again = lifter.next("deadlift", as_of=at)
        assert substance(again) == substance(answer)
        assert again.prescription_id == answer.prescription_id
    assert lifter.next("deadlift", as_of=ends).prescription_id != answer.prescription_id


LAID_OFF = (
    on_deadlifts()
    .does("deadlift", "225x6")
    .rests(days=1)
    .does("romanian-deadlift", "155x5")
    .ends()
    .rests(days=3)
    .does("deadlift", "235x5", "235x4")
)


# Ids


@given(
    slot=st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9})?/[a-z0-9]{1,64}", fullmatch=True),
    version=st.integers(0, 2**53),
    digest=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    engine=st.integers(1, 1000),
    valid_from=st.integers(-(2**51), 2**53),
)
def test_an_id_says_all_that_the_prescription_is_made_of(
    slot: str, version: int, digest: str, engine: int, valid_from: int
) -> None:
    made = PrescriptionId(slot, version, digest, engine, valid_from)
    text = made.encode()
    assert PrescriptionId.decode(text) == made
    assert text.isascii()
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


GIVEN = on_deadlifts().next("deadlift").prescription_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "====",
        "é",
        GIVEN[:-1],
        GIVEN + "A",
        GIVEN + "=",
        GIVEN + "\n",
        GIVEN.lower(),
        "A" * 301,
        "gqFhAA",
        "wA",
    ],
)
def test_what_was_never_given_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="not a prescription id"):
        PrescriptionId.decode(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_ids(text: str) -> None:
    try:
        decoded = PrescriptionId.decode(text)
    except ValueError:
        return
    assert decoded.encode() == text


def test_an_id_leads_back_to_its_prescription() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6", "235x4").ends()
    given = [lifter.next("deadlift", as_of=lifter.now + days * DAY) for days in (0, 1, 13, 14, 27, 28, 100)]
    lifter.rests(days=101).does("deadlift", "190x5").voids("e4")
    assert [substance(lifter.resolved(each.prescription_id)) for each in given] == list(map(substance, given))
    assert len({each.prescription_id for each in given}) == len(given)
