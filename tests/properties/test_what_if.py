"""What would have changed a prescription: found, it really does; not found, nothing smaller does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.events import Event, SetCorrected, SetLogged
from service.domain.loads import Load
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.derive.what_if import Alternatives, at_distance, what_if
from service.engine.replay.projection import replay_whole
from tests.support.histories import event, logs, run_of
from tests.support.training import DAY, PLANS, Lifter, asked

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
OUTCOMES = st.sampled_from([None, None, "raise", "hold", "lower", "deload", "advance"])


def prescribed(events: Sequence[Event], slot: str, as_of: int) -> Prescription:
    """What a whole replay prescribes."""
    prescriber = asked(replay_whole(run_of(events), PLANS, as_of=as_of), as_of)
    return prescriber.prescription("lifter", prescriber.due_in(slot))[0]


def loads(prescription: Prescription) -> dict[int, Any]:
    return {each.index: each.load for each in prescription.sets}


def elsewhere(there: Prescription, now: Prescription, wanted: str | None) -> bool:
    if wanted is not None:
        return there.outcome == wanted
    ones, others = loads(there), loads(now)
    return there.outcome != now.outcome or any(ones[index] != others[index] for index in ones.keys() & others.keys())


def corrected(events: Sequence[Event], changes: Sequence[dict[str, Any]]) -> list[Event]:
    """The log with each change made by an event that corrects the set."""
    made = list(events)
    for change in changes:
        value = change["to"]
        if change["field"] == "load":
            value = Load(Decimal(value["value"]), value["unit"])
        elif change["field"] == "rir":
            value = Decimal(value)
        correction = SetCorrected(change["event_id"], **{change["field"]: value})
        made.append(event(len(made) + 1, made[-1].occurred_at, correction, f"c{len(made)}"))
    return made


@LAW
@given(logs(in_order=True, ties=False, most=12), OUTCOMES, st.integers(0, 10), st.sampled_from([0, DAY, 20 * DAY]))
def test_the_change_found_leads_there_and_none_smaller_does(
    events: list[Event], wanted: str | None, place: int, later: int
) -> None:
    state = replay_whole(run_of(events), PLANS)
    as_of = (state.shared.newest_at or 0) + later
    prescriber = asked(state, as_of)
    due = prescriber.every_slot()
    if not due:
        return
    now = prescriber.prescription("lifter", due[place % len(due)])[0]
    asked_for = PrescriptionId.decode(now.prescription_id)
    run = run_of(events, last=asked_for.version)
    answer = what_if(run, PLANS, "lifter", asked_for, wanted)
    for way in answer["ways"]:
        there = prescribed(corrected(events, way["changes"]), now.slot, asked_for.valid_from)
        assert sum(abs(change["steps"]) for change in way["changes"]) == answer["distance"]
        assert there.outcome == way["outcome"]
        assert elsewhere(there, now, wanted)
    assert (answer["distance"] == 0) == (wanted == now.outcome)

    alternatives = Alternatives(run, PLANS, "lifter", asked_for)
    smaller = min(answer["searched"], 2)
    turns = [range(-smaller, smaller + 1)] * len(alternatives.dials)
    if answer["distance"] == 0 or len(turns) > 5:
        return
    for steps in product(*turns):
        if sum(map(abs, steps)) <= smaller and all(
            turned in dial.values for dial, turned in zip(alternatives.dials, steps, strict=True)
        ):
            there = prescribed(corrected(events, alternatives.changes(steps)), now.slot, asked_for.valid_from)
            assert not elsewhere(there, now, wanted), steps


@given(st.lists(st.integers(0, 3), max_size=4), st.integers(0, 4))
@settings(derandomize=True, deadline=None)
def test_every_way_to_turn_the_dials_is_tried_once(reaches: list[int], distance: int) -> None:
    dials = [range(-reach, reach + 1) for reach in reaches]
    tried = list(at_distance(dials, distance))
    every = {steps for steps in product(*dials) if sum(map(abs, steps)) == distance}
    assert len(tried) == len(set(tried))
    assert set(tried) == every


def question(lifter: Lifter, exercise: str, wanted: str | None = None) -> dict[str, Any]:
    asked_for = PrescriptionId.decode(lifter.next(exercise).prescription_id)
    return what_if(lifter.run(last=asked_for.version), PLANS, "lifter", asked_for, wanted)


def test_one_repetition_more_would_have_raised_the_load() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb").does("deadlift", "225x5")
    answer = question(lifter, "deadlift", "raise")
    assert answer["distance"] == 1
    reps, load = answer["ways"]
    assert reps["changes"] == [{"event_id": "e3", "version": 3, "field": "reps", "steps": 1, "from": 5, "to": 6}]
    assert reps["sets"][0]["load"] == {"value": "235", "unit": "lb"}
    assert load["changes"][0]["to"] == {"value": "230", "unit": "lb"}
    assert answer["said"] == "One step leads to the outcome raise."


def test_two_steps_are_the_smallest_where_one_is_not_enough() -> None:
    lifter = Lifter().owns_small_plates().follows("upper-back").baseline("deadlift", "225 lb")
    lifter.does("deadlift", "220x4")
    answer = question(lifter, "deadlift", "lower")
    assert (answer["distance"], answer["said"]) == (
        None,
        "No change of at most 6 steps to the last session leads to the outcome lower.",
    )
    assert question(lifter, "deadlift", "raise")["distance"] == 3, "a step up, to 222.5, to 225, to 227.5"


def test_without_a_session_there_is_nothing_to_change() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    assert question(lifter, "deadlift")["said"].startswith("There is no session to change")
    assert question(lifter, "deadlift", "start")["said"] == "start is what came out."


def test_a_timed_set_is_changed_by_five_seconds() -> None:
    lifter = Lifter("kg").does("plank", "0x30s").ends().rests(days=2).does("plank", "0x20s").ends()
    answer = question(lifter, "plank", "advance")
    (way,) = answer["ways"]
    assert [(change["field"], change["to"]) for change in way["changes"]] == [("seconds", 35)]


def test_reserve_is_changed_only_where_it_was_logged() -> None:
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    fields = {dial.field for dial in alternatives_of(lifter.does("deadlift", "225x5")).dials}
    assert fields == {"reps", "load"}
    answer = question(lifter.does("deadlift", "225x5 rir 3"), "deadlift", "raise")
    assert {"field": "rir", "steps": 1}.items() <= answer["ways"][-1]["changes"][0].items()


def test_reserve_is_left_alone_where_no_rule_reads_it() -> None:
    assert {dial.field for dial in alternatives_of(Lifter("kg").does("deadlift", "100x5 rir 3")).dials} == {
        "reps",
        "load",
    }


def test_the_budget_ends_a_search_and_the_answer_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.derive.what_if.MOST_FOLDS", 20)
    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb").does("deadlift", "225x5", "225x5")
    answer = question(lifter, "deadlift", "deload")
    assert (answer["folds"], answer["searched"], answer["distance"]) == (20, 1, None)
    assert answer["said"].endswith("(the search ended there, after 20 folds).")


def alternatives_of(lifter: Lifter) -> Alternatives:
    asked_for = PrescriptionId.decode(lifter.next("deadlift").prescription_id)
    return Alternatives(lifter.run(last=asked_for.version), PLANS, "lifter", asked_for)


def test_a_set_stays_as_it_was_logged_while_its_dial_is_not_turned() -> None:
    lifter = Lifter("kg").owns_small_plates().does("deadlift", "101.3x5")
    (dial,) = (dial for dial in alternatives_of(lifter).dials if dial.field == "load")
    logged = lifter.log[-1].data
    assert isinstance(logged, SetLogged)
    assert dial.values[0] == logged.load
    assert [msgspec.to_builtins(dial.values[steps])[0] for steps in (-1, 1)] == ["101", "102.5"]
