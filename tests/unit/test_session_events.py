"""What is said of one session alone: taken back, skipped, or asked with another load."""

from __future__ import annotations

import pytest

from service.domain.events import (
    BaselineCorrected,
    BaselineSet,
    EventData,
    Overridden,
    ProgrammeEnded,
    SessionCompleted,
    SessionEndCorrected,
    SessionSkipped,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from tests.support.training import MINUTE, UPPER_BACK, Lifter, load, loads, rule_set_of
from tests.unit.test_effective_history import FIVE, Logged, history, ids

STRONGLIFTS = rule_set_of({}, "stronglifts")
MONDAY_SET = SetLogged("deadlift", load("100 kg"), reps=5, session_id="monday")


def on_stronglifts() -> Lifter:
    lifter = Lifter("kg").follows(STRONGLIFTS)
    for exercise, start in (("squat", "100 kg"), ("bench-press", "60 kg"), ("barbell-row", "50 kg")):
        lifter.baseline(exercise, start)
    for exercise, start in (("overhead-press", "40 kg"), ("deadlift", "120 kg")):
        lifter.baseline(exercise, start)
    return lifter


def due(lifter: Lifter) -> dict[str, str | None]:
    """The slots of the session that is due, each with its last load."""
    return {each.slot: loads(each)[-1] for each in lifter.next_session()}


# A session taken back


def test_a_session_is_taken_back_with_its_end() -> None:
    assert ids((10, MONDAY_SET), (20, FIVE), (30, SessionCompleted("monday")), (40, SessionVoided("monday"))) == ["e2"]


def test_what_is_logged_in_it_later_counts() -> None:
    assert ids((10, MONDAY_SET), (20, SessionVoided("monday")), (15, MONDAY_SET)) == ["e3"]


def test_a_voided_void_of_a_session_gives_it_back() -> None:
    assert ids((10, MONDAY_SET), (20, SessionVoided("monday")), (30, SetVoided("e2"))) == ["e1"]


@pytest.mark.parametrize(
    ("then", "left"),
    [
        ([SetCorrected("e1", session_id="friday"), SessionVoided("friday")], []),
        ([SetCorrected("e1", session_id="friday"), SessionVoided("monday")], ["e1"]),
        ([SetCorrected("e1", cleared=("session_id",)), SessionVoided("monday")], ["e1"]),
        ([SessionVoided("monday"), SetCorrected("e1", session_id="friday")], []),
        ([SetCorrected("e1", session_id="friday"), SetVoided("e2"), SessionVoided("friday")], ["e1"]),
        ([SetCorrected("e1", session_id="friday"), SessionVoided("friday"), SetVoided("e2")], ["e1"]),
        ([SessionVoided("friday"), SetCorrected("e1", session_id="friday"), SessionVoided("monday")], ["e1"]),
    ],
)
def test_a_set_is_of_the_session_that_was_said_last_by_then(then: list[EventData], left: list[str]) -> None:
    logged: list[Logged] = [(10, MONDAY_SET), *((20, each) for each in then)]
    assert ids(*logged) == left


# Corrections


def test_a_correction_takes_back_what_was_said() -> None:
    said = SetLogged("deadlift", load("100 kg"), reps=5, kind="work", note="belt")
    right = SetLogged("deadlift", load("100 kg"), reps=5, note="belt")
    assert history((10, said), (20, SetCorrected("e1", cleared=("kind",)))) == [("e1", right)]
    again = SetCorrected("e1", kind="work")
    assert history((10, said), (20, SetCorrected("e1", cleared=("kind",))), (30, again)) == [("e1", said)]


def test_a_baseline_says_one_thing_however_it_is_corrected() -> None:
    said, right = BaselineSet("squat", load=load("100 kg")), BaselineSet("squat", training_max=load("120 kg"))
    assert history((10, said), (20, BaselineCorrected("e1", training_max=load("120 kg")))) == [("e1", right)]
    moved = BaselineCorrected("e1", exercise="front-squat", occurred_at=5)
    assert history((7, FIVE), (10, said), (20, BaselineCorrected("e2", occurred_at=5))) == [("e2", said), ("e1", FIVE)]
    assert history((10, said), (20, moved)) == [("e1", BaselineSet("front-squat", load=load("100 kg")))]


def test_the_end_of_a_session_is_corrected() -> None:
    end = SessionCompleted("monday")
    assert history((10, end), (20, FIVE), (30, SessionEndCorrected("e1", occurred_at=25))) == [
        ("e2", FIVE),
        ("e1", end),
    ]
    assert history((10, end), (20, SessionEndCorrected("e1", cleared=("session_id",)))) == [("e1", SessionCompleted())]


# Skipped


def test_a_skipped_session_is_no_failure_and_the_plan_goes_on() -> None:
    lifter = on_stronglifts()
    lifter.logs(SessionSkipped(reason="ill"))
    assert due(lifter) == {"b/squat": "100", "b/press": "40", "b/deadlift": "120"}
    lifter.logs(SessionSkipped())
    assert due(lifter) == {"a/squat": "100", "a/bench": "60", "a/row": "50"}
    assert lifter.next("squat").outcome == "start"


def test_what_is_left_of_an_open_session_is_skipped() -> None:
    lifter = on_stronglifts().does("squat", *["100x5"] * 5)
    lifter.logs(SessionSkipped())
    assert due(lifter) == {"b/squat": "102.5", "b/press": "40", "b/deadlift": "120"}
    assert lifter.next("bench-press").because == ("Bench press starts at 60 kg; no set has been logged since.",)


def test_a_skipped_slot_is_left_out_once() -> None:
    lifter = on_stronglifts()
    lifter.logs(SessionSkipped(("a/squat",)))
    assert list(due(lifter)) == ["a/bench", "a/row"]
    assert lifter.next("squat").slot == "b/squat"
    lifter.does("bench-press", *["60x5"] * 5)
    assert list(due(lifter)) == ["a/row"]
    lifter.does("barbell-row", *["50x5"] * 5).ends()
    assert due(lifter)["b/squat"] == "100"
    lifter.does("squat", *["100x5"] * 5).ends()
    assert list(due(lifter)) == ["a/squat", "a/bench", "a/row"]


def test_an_exercise_of_which_nothing_was_logged_but_a_skip_is_none_of_the_lifter_s() -> None:
    lifter = Lifter("kg")
    lifter.logs(SessionSkipped(("default/deadlift",)))
    lifter.does("pull-up", "0x8").ends()
    assert [due.slot.id for due in lifter.asked().every_slot()] == ["default/pull-up"]
    assert lifter.state().exercises.names() == ["pull-up"]


def test_an_exercise_of_a_programme_that_was_left_before_it_came_is_none_of_the_lifter_s() -> None:
    lifter = Lifter("kg").follows(STRONGLIFTS).baseline("squat", "100 kg").does("squat", "100x5").ends()
    lifter.logs(ProgrammeEnded())
    assert [due.slot.id for due in lifter.asked().every_slot()] == ["default/squat"]


def test_a_day_of_which_all_is_skipped_is_passed_by() -> None:
    lifter = on_stronglifts()
    lifter.logs(SessionSkipped(("a/bench", "a/row", "a/squat")))
    assert list(due(lifter)) == ["b/squat", "b/press", "b/deadlift"]
    lifter = on_stronglifts()
    lifter.does("face-pull", "20x10")
    lifter.logs(SessionSkipped(("a/bench", "a/row", "a/squat")))
    assert list(due(lifter.ends())) == ["b/squat", "b/press", "b/deadlift"]


def test_a_day_alone_is_passed_by_once() -> None:
    lifter = Lifter().follows(UPPER_BACK).baseline("deadlift", "225 lb")
    days = [list(due(lifter))]
    for _ in range(2):
        lifter.logs(SessionSkipped())
        days.append(list(due(lifter)))
    assert all(days)


def test_a_set_in_a_skipped_slot_counts_all_the_same() -> None:
    lifter = on_stronglifts()
    lifter.logs(SessionSkipped(("a/squat",)))
    lifter.does("squat", "100x5")
    assert lifter.next("squat", "a/squat").status == "in_session"
    lifter.does("squat", *["100x5"] * 4).ends()
    assert due(lifter)["b/squat"] == "102.5"


def test_a_skip_is_void_like_any_event_and_late_like_any() -> None:
    lifter = on_stronglifts()
    skipped = lifter.logs(SessionSkipped())
    lifter.voids(skipped)
    assert list(due(lifter)) == ["a/squat", "a/bench", "a/row"]
    at = lifter.now + MINUTE
    lifter.now += 5 * MINUTE
    lifter.does("squat", *["100x5"] * 5, slot="b/squat").ends()
    lifter.logs(SessionSkipped(), at=at)
    assert list(due(lifter)) == ["a/squat", "a/bench", "a/row"]


def test_a_proof_names_what_was_skipped() -> None:
    lifter = on_stronglifts()
    event_id = lifter.logs(SessionSkipped(("a/squat",), "knee"))
    (note,) = [each for each in lifter.derivation(lifter.next("squat", "a/squat"))["triggers"] if "event_id" in each]
    assert (note["event_id"], note["type"], note["why"]) == (event_id, "session_skipped", "skipped: knee")


# Asked with another load


def test_an_override_is_asked_once_with_its_reason() -> None:
    lifter = on_stronglifts()
    lifter.logs(Overridden("a/bench", load("50 kg"), "shoulder"))
    asked = lifter.next("bench-press")
    assert loads(asked)[-5:] == ["50"] * 5
    assert asked.because[-1] == "For this session alone the load is 50 kg; the rules go on without it: shoulder."
    lifter.does("bench-press", "50x5")
    assert loads(lifter.next("bench-press")) == ["50"] * 4
    lifter.does("bench-press", *["50x5"] * 4)
    assert lifter.next("bench-press").status == "next_session"
    lifter.ends()
    asked = lifter.next("bench-press")
    assert (loads(asked)[-1], asked.outcome) == ("60", "hold")
    track = lifter.track("bench-press")
    assert (track.failures_in_a_row, track.sessions_since_change) == (0, 0)


@pytest.mark.parametrize("sets", [["65x5"] * 5, ["65x2"] * 5, ["55x5"] * 5])
def test_no_rule_of_the_progression_is_asked_about_it(sets: list[str]) -> None:
    lifter = on_stronglifts()
    lifter.logs(Overridden("a/bench", load("65 kg")))
    lifter.does("bench-press", *sets).ends()
    asked = lifter.next("bench-press")
    assert (loads(asked)[-1], asked.outcome) == ("60", "hold")
    assert lifter.state().memory("bench-press").rep_maxes, "records are of what was lifted"


def test_an_override_is_over_with_the_day_even_if_it_was_not_done() -> None:
    lifter = on_stronglifts()
    lifter.logs(Overridden("a/bench", load("50 kg")))
    lifter.does("squat", *["100x5"] * 5).ends()
    assert loads(lifter.next("bench-press"))[-1] == "60"
    assert lifter.state().shared.once == {}


def test_lighter_sets_keep_their_share() -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, "madcow"))
    lifter.baseline("squat", "100 kg")
    slot = lifter.next("squat").slot
    before = [each for each in loads(lifter.next("squat", slot)) if each]
    top = max(map(float, before))
    lifter.logs(Overridden(slot, load(f"{top / 2} kg")))
    after = [each for each in loads(lifter.next("squat", slot)) if each]
    assert max(map(float, after)) == top / 2
    assert len(set(after)) > 1


def test_an_override_in_the_other_unit_and_outside_a_programme() -> None:
    lifter = Lifter("kg")
    for _ in range(3):
        lifter.does("bench-press", "60x8", "60x8", "60x8").ends().rests(days=3)
    before = loads(lifter.next("bench-press"))
    lifter.logs(Overridden("default/bench-press", load("110.25 lb")))
    assert loads(lifter.next("bench-press"))[-1] == "50"
    lifter.does("bench-press", "50x8", "50x8", "50x8").ends()
    assert loads(lifter.next("bench-press")) == before


def test_a_proof_names_the_override() -> None:
    lifter = on_stronglifts()
    event_id = lifter.logs(Overridden("a/bench", load("50 kg"), "shoulder"))
    said = lifter.derivation(lifter.next("bench-press"))["overridden"]
    assert (said["event_id"], said["load"], said["reason"]) == (event_id, {"value": "50", "unit": "kg"}, "shoulder")
    lifter.does("bench-press", *["50x5"] * 5).ends()
    proof = lifter.derivation(lifter.next("bench-press"))
    assert "overridden" not in proof
    (note,) = [each for each in proof["triggers"] if each.get("type") == "overridden"]
    assert note["event_id"] == event_id
