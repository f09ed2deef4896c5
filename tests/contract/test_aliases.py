"""Aliases of exercises: they may be said wherever an exercise is named, and answers and log have the id."""

import json
from typing import Any

import pytest

from tests.support.contract import ContractClient

_ANN = "/v1/lifters/ann"
_EVENTS = f"{_ANN}/events"


def _event(event_id: str, day: int = 1, kind: str = "set_logged", **data: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "occurred_at": f"2026-10-{day:02}T18:00:00Z", "data": data}


def _set(event_id: str, exercise: str, day: int = 1, **data: Any) -> dict[str, Any]:
    return _event(event_id, day, exercise=exercise, load={"value": 100, "unit": "kg"}, reps=5, **data)


def _logged(api: ContractClient, query: str = "") -> list[dict[str, Any]]:
    return [each["data"] for each in api.get(f"{_EVENTS}{query}").json["events"]]


@pytest.mark.parametrize("alias", ["back-squat", "squat-barbell", "barbell-squat"])
def test_a_set_is_logged_with_the_id_and_warned_of_nothing(api: ContractClient, alias: str) -> None:
    receipt = api.post(_EVENTS, _set("a", alias, slot=f"default/{alias}")).json
    assert "warnings" not in receipt
    assert [(each["exercise"], each["slot"]) for each in _logged(api)] == [("squat", "default/squat")]


def test_so_is_every_event_that_names_one(api: ContractClient) -> None:
    api.post(_EVENTS, _event("b", 1, "baseline_set", exercise="ohp", load={"value": 50, "unit": "kg"}))
    api.post(_EVENTS, _event("n", 1, "lifter_noted", note="sore", exercise="rdl"))
    counting = {"back-squat": {"unit": "lb"}, "barbell": {"unit": "kg"}}
    api.post(_EVENTS, _event("p", 1, "profile_changed", counting=counting))
    api.post(_EVENTS, _set("s", "squat"))
    api.post(_EVENTS, _event("c", 1, "set_corrected", corrects="s", exercise="military-press"))
    api.post(_EVENTS, _event("d", 1, "baseline_corrected", corrects="b", exercise="back-squat"))
    api.post(_EVENTS, _event("o", 1, "overridden", slot="default/ohp", load={"value": 45, "unit": "kg"}))
    api.post(_EVENTS, _event("k", 1, "session_skipped", slots=["default/rdl", "default/ohp"]))
    first, note, profile, _, correction, other, once, skipped = _logged(api)
    named = first["exercise"], note["exercise"], correction["exercise"], other["exercise"]
    assert named == ("overhead-press", "romanian-deadlift", "overhead-press", "squat")
    assert (once["slot"], skipped["slots"]) == (
        "default/overhead-press", ["default/overhead-press", "default/romanian-deadlift"]
    )  # fmt: skip
    assert profile["counting"] == {"squat": {"unit": "lb"}, "barbell": {"unit": "kg"}}


def test_an_exercise_that_is_counted_twice_is_refused(api: ContractClient) -> None:
    counting = {"back-squat": {"unit": "lb"}, "squat": {"unit": "kg"}}
    answer = api.post(_EVENTS, _event("p", 1, "profile_changed", counting=counting))
    assert answer.status == 422
    assert answer.json["errors"] == [{"pointer": "/data/counting/back-squat", "message": "is squat, named twice"}]


def test_a_retry_is_the_same_event_by_either_name(api: ContractClient) -> None:
    assert api.post(_EVENTS, _set("a", "back-squat")).status == 201
    for exercise in ("back-squat", "squat", "barbell-squat"):
        assert api.post(_EVENTS, _set("a", exercise)).json["outcome"] == "already_appended"
    assert api.post(_EVENTS, _set("a", "deadlift")).status == 409


def test_lines_are_taken_alike(api: ContractClient) -> None:
    lines = [_set("a", "squat"), _set("a", "back-squat"), _set("b", "back-squat")]
    body = b"\n".join(json.dumps({"lifter": "ann", **each}).encode() for each in lines)
    answer = api.send("POST", "/v1/events", data=body, headers={"Content-Type": "application/x-ndjson"})
    outcomes = [json.loads(line)["outcome"] for line in answer.text.splitlines()]
    assert outcomes == ["appended", "already_appended", "appended"]


def test_a_slot_of_a_programme_is_fed(api: ContractClient) -> None:
    api.post(_EVENTS, _event("p", 1, "programme_assigned", programme="stronglifts"))
    assert "warnings" not in api.post(_EVENTS, _set("a", "back-squat", slot="a/squat")).json
    asked = api.get(f"{_ANN}/prescriptions/squat?as_of=2026-10-01T18:05:00Z").json
    assert (asked["slot"], asked["sets"][0]["index"]) == ("a/squat", 2)


@pytest.mark.parametrize(
    "path",
    [
        "prescriptions/{}?as_of=2026-10-02T00:00:00Z",
        "prescriptions/{}?slot=default/{}&as_of=2026-10-02T00:00:00Z",
        "prescriptions/{}/history",
        "statistics?exercise={}",
        "events?exercise={}",
    ],
)
def test_reading_answers_as_for_the_id(api: ContractClient, path: str) -> None:
    api.post(_EVENTS, _set("a", "squat"))
    by_id = api.get(f"{_ANN}/{path.format('squat', 'squat')}")
    by_alias = api.get(f"{_ANN}/{path.format('back-squat', 'back-squat')}")
    assert (by_alias.status, by_alias.json) == (200, by_id.json)


def test_the_library_knows_it(api: ContractClient) -> None:
    assert api.get("/v1/exercises/back-squat").json == api.get("/v1/exercises/squat").json


def test_a_simulation_takes_it(api: ContractClient) -> None:
    rule_set = {"digest": api.get("/v1/programmes/stronglifts").json["digest"]}
    simulated = [
        api.post("/v1/simulations", {"rule_set": rule_set, "events": [_set("a", name)]}).json
        for name in ("squat", "back-squat")
    ]
    assert simulated[0] == simulated[1]


@pytest.mark.parametrize(
    "path",
    [
        "prescriptions/sqaut",
        "prescriptions/sqaut/history",
        "statistics?exercise=sqaut",
        "events?exercise=sqaut",
        "events?exercise=sqaut&type=set_logged",
    ],
)
def test_who_asks_for_one_that_nobody_knows_is_told_what_was_meant(api: ContractClient, path: str) -> None:
    api.post(_EVENTS, _set("a", "squat"))
    answer = api.get(f"{_ANN}/{path}")
    assert (answer.status, answer.json["did_you_mean"]) == (404, "squat")


def test_an_exercise_of_the_lifter_s_own_is_known_whatever_of_it_is_asked_for(api: ContractClient) -> None:
    api.post(_EVENTS, _set("a", "sqaut"))
    for of_it, ids in (("", ["a"]), ("&type=set_voided", []), ("&to=2020-01-01T00:00:00Z", []), ("&after=MTA", [])):
        answer = api.get(f"{_EVENTS}?exercise=sqaut{of_it}")
        assert answer.status == 200, answer.text
        assert [event["event_id"] for event in answer.json["events"]] == ids
