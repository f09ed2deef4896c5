"""Warnings over HTTP: each code, at every door, and the same again on a retry."""

import json
from typing import Any

import pytest

from tests.support.contract import Answer, ContractClient

_EVENTS = "/v1/lifters/ann/events"
_NDJSON = {"Content-Type": "application/x-ndjson"}


def _event(event_id: str, day: int, kind: str = "set_logged", **data: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "occurred_at": f"2026-10-{day:02}T18:00:00Z", "data": data}


def _squat(event_id: str, day: int, value: float, **data: Any) -> dict[str, Any]:
    return _event(event_id, day, exercise="squat", load={"value": value, "unit": "kg"}, reps=5, **data)


_PROGRAMME = _event("p", 1, "programme_assigned", programme="stronglifts")
_BASE: Any = {"load": {"value": 60, "unit": "kg"}}
_CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "unknown_exercise": (
        _event("x", 2, exercise="sqaut", reps=5, **_BASE),
        {"code": "unknown_exercise", "pointer": "/data/exercise", "did_you_mean": "squat"},
    ),
    "unknown_exercise of a note": (
        _event("x", 2, "lifter_noted", note="sore", exercise="sqaut"),
        {"code": "unknown_exercise", "pointer": "/data/exercise", "did_you_mean": "squat"},
    ),
    "unknown_muscle": (
        _event("x", 2, "lifter_noted", note="sore", muscle="hamstring"),
        {"code": "unknown_muscle", "pointer": "/data/muscle", "did_you_mean": "hamstrings"},
    ),
    "unknown_slot": (
        _squat("x", 2, 60, slot="a/sqat"),
        {"code": "unknown_slot", "pointer": "/data/slot", "did_you_mean": "a/squat"},
    ),
    "unknown_slot of a skip": (
        _event("x", 2, "session_skipped", slots=["a/sqat", "b/squat", "default/plank"]),
        {"code": "unknown_slot", "pointer": "/data/slots/0", "did_you_mean": "a/squat"},
    ),
    "unknown_slot of an override": (
        _event("x", 2, "overridden", slot="a/sqat", **_BASE),
        {"code": "unknown_slot", "pointer": "/data/slot", "did_you_mean": "a/squat"},
    ),
    "substitution": (
        _event("x", 2, exercise="front-squat", reps=5, slot="a/squat", **_BASE),
        {"code": "substitution", "pointer": "/data/slot"},
    ),
    "not_read": (
        _event("x", 2, "baseline_set", exercise="leg-press", **_BASE),
        {"code": "not_read", "pointer": "/data/exercise"},
    ),
}


def _warnings(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "detail"} for each in document.get("warnings", [])]


def _in_bulk(api: ContractClient, *events: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    body = b"\n".join(json.dumps({"lifter": "ann", **event}).encode() for event in events)
    answer: Answer = api.send("POST", "/v1/events", data=body, headers={**_NDJSON, **headers})
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("code", _CASES)
def test_a_single_event_is_warned_of_and_its_retry_alike(api: ContractClient, code: str) -> None:
    event, warning = _CASES[code]
    assert _warnings(api.post(_EVENTS, _PROGRAMME).json) == []
    first = api.post(_EVENTS, event)
    assert _warnings(first.json) == [warning]
    api.post(_EVENTS, _event("later", 3, "programme_ended"))
    again = api.post(_EVENTS, event)
    assert (again.json["outcome"], again.json["warnings"]) == ("already_appended", first.json["warnings"])


@pytest.mark.parametrize("code", _CASES)
def test_a_line_is_warned_of_and_its_retry_alike(api: ContractClient, code: str) -> None:
    event, warning = _CASES[code]
    lines = [_PROGRAMME, event, _event("later", 3, "programme_ended")]
    first = [_warnings(each) for each in _in_bulk(api, *lines)]
    assert first == [[], [warning], []]
    assert [_warnings(each) for each in _in_bulk(api, *lines)] == first


def test_a_minimal_return_keeps_warnings(api: ContractClient) -> None:
    event, warning = _CASES["unknown_exercise"]
    headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
    assert _warnings(api.send("POST", _EVENTS, data=json.dumps(event), headers=headers).json) == [warning]
    warned, counts = _in_bulk(api, _PROGRAMME, {**event, "event_id": "y"}, Prefer="return=minimal")
    assert (warned["line"], _warnings(warned)) == (2, [warning])
    assert counts["lines"] == 2


def test_a_slip_of_a_digit_is_an_outlier_after_three_sessions_whatever_came_since(api: ContractClient) -> None:
    slip = {"code": "outlier", "pointer": "/data/load"}
    for day in (1, 3):
        assert _warnings(api.post(_EVENTS, _squat(f"s{day}", day, 84.6)).json) == []
    assert _warnings(api.post(_EVENTS, _squat("early", 4, 846)).json) == []
    api.post(_EVENTS, _event("void", 4, "set_voided", voids="early"))
    api.post(_EVENTS, _squat("s5", 5, 84.6))
    first = api.post(_EVENTS, _squat("typed", 7, 846))
    assert _warnings(first.json) == [slip]
    api.post(_EVENTS, _event("mended", 7, "set_corrected", corrects="typed", load={"value": 84.6, "unit": "kg"}))
    assert api.post(_EVENTS, _squat("typed", 7, 846)).json["warnings"] == first.json["warnings"]
    assert _warnings(api.post(_EVENTS, _squat("s9", 9, 169.2)).json) == []
    assert _warnings(api.post(_EVENTS, _squat("warmup", 11, 846, kind="warmup")).json) == []


def test_several_things_at_once(api: ContractClient) -> None:
    api.post(_EVENTS, _PROGRAMME)
    event = _event("x", 2, exercise="my-machine", reps=5, slot="a/squat", **_BASE)
    assert [each["code"] for each in _warnings(api.post(_EVENTS, event).json)] == ["unknown_exercise", "substitution"]
