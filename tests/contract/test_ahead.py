"""The sessions after the next, done as prescribed."""

from typing import Any

import pytest

from tests.support.contract import ContractClient

_LIFTER = "/v1/lifters/ann"
_SESSION = f"{_LIFTER}/prescriptions"
_NOW = "as_of=2026-11-20T23:00:00Z"


def _log(api: ContractClient, event_id: str, of: str, **data: Any) -> None:
    event = {"event_id": event_id, "type": of, "occurred_at": "2026-11-20T18:00:00Z", "data": data}
    assert api.post(f"{_LIFTER}/events", event).status == 201


@pytest.fixture
def lifter(api: ContractClient) -> ContractClient:
    """Ann follows StrongLifts from known loads."""
    _log(api, "p", "programme_assigned", programme="stronglifts")
    for exercise in ("squat", "bench-press", "barbell-row", "overhead-press", "deadlift"):
        _log(api, f"b-{exercise}", "baseline_set", exercise=exercise, load={"value": 100, "unit": "kg"})
    return api


def _squats(sessions: list[dict[str, Any]]) -> list[float]:
    return [
        each["sets"][-1]["load"]["value"]
        for session in sessions
        for each in session["prescriptions"]
        if each["exercise"] == "squat"
    ]


def test_days_take_turns_and_loads_rise(lifter: ContractClient) -> None:
    shown = lifter.get(f"{_SESSION}?ahead=3&{_NOW}").json
    assert _squats([shown]) == [100]
    assert _squats(shown["ahead"]) == [102.5, 105, 107.5]
    exercises = [{each["exercise"] for each in session["prescriptions"]} for session in [shown, *shown["ahead"]]]
    assert exercises[0] == exercises[2] != exercises[1] == exercises[3]
    times = [session["at"] for session in shown["ahead"]]
    assert times == sorted(times)
    assert times[0] > "2026-11-21"


def test_what_is_ahead_is_what_will_be_prescribed_once_it_is_done(lifter: ContractClient) -> None:
    shown = lifter.get(f"{_SESSION}?ahead=1&{_NOW}").json
    for prescription in shown["prescriptions"]:
        for number, each in enumerate(prescription["sets"]):
            if each["kind"] == "warmup":
                continue
            data = {"exercise": prescription["exercise"], "load": each["load"], "reps": each["reps"]["min"]}
            _log(lifter, f"{prescription['exercise']}-{number}", "set_logged", **data, slot=prescription["slot"])
    _log(lifter, "end", "session_completed")
    then = lifter.get(f"{_SESSION}?as_of=2026-11-22T23:00:00Z", Prefer="return=minimal").json["prescriptions"]
    (ahead,) = shown["ahead"]
    assert [(each["slot"], each["sets"], each["outcome"]) for each in ahead["prescriptions"]] == [
        (each["slot"], each["sets"], each["outcome"]) for each in then
    ]


def test_without_it_nothing_is_shown_and_nothing_changes(lifter: ContractClient) -> None:
    plain, with_it = lifter.get(f"{_SESSION}?{_NOW}"), lifter.get(f"{_SESSION}?ahead=2&{_NOW}")
    assert "ahead" not in plain.json
    assert with_it.json["prescriptions"] == plain.json["prescriptions"]
    assert with_it.headers["ETag"] != plain.headers["ETag"]
    assert lifter.get(f"{_SESSION}?ahead=2&{_NOW}", If_None_Match=with_it.headers["ETag"]).status == 304
    assert lifter.get(f"{_SESSION}?ahead=2&as_of=2026-11-20T23:30:00Z").json["ahead"] == with_it.json["ahead"]


def test_nothing_is_ahead_of_what_has_no_load(api: ContractClient) -> None:
    _log(api, "p", "programme_assigned", programme="stronglifts")
    assert api.get(f"{_SESSION}?ahead=2&{_NOW}").json["ahead"] == []


@pytest.mark.parametrize("query", ["ahead=0", "ahead=9", "ahead=all"])
def test_parameters_that_are_refused(lifter: ContractClient, query: str) -> None:
    assert lifter.get(f"{_SESSION}?{query}").json["errors"][0]["pointer"] == "/ahead"
