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
    "unknown_exercise of a word": (
        _event("x", 2, exercise="benchpress", reps=5, **_BASE),
        {"code": "unknown_exercise", "pointer": "/data/exercise", "did_you_mean": "bench-press"},
    ),
    "other_measure": (
        _event("x", 2, exercise="squat", seconds=30, **_BASE),
        {"code": "other_measure", "pointer": "/data/seconds", "did_you_mean": "reps"},
    ),
    "other_measure of a hold": (
        _event("x", 2, exercise="plank", reps=3, **_BASE),
        {"code": "other_measure", "pointer": "/data/reps", "did_you_mean": "seconds"},
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
    "not_loadable": (
        _event("x", 2, "overridden", slot="a/squat", load={"value": -20, "unit": "kg"}),
        {"code": "not_loadable", "pointer": "/data/load"},
    ),
    "not_loadable for a bar": (
        _event("x", 2, "overridden", slot="a/squat", load={"value": 15, "unit": "kg"}),
        {"code": "not_loadable", "pointer": "/data/load"},
    ),
    "unknown_session": (
        _event("x", 2, "session_completed", session_id="monday"),
        {"code": "unknown_session", "pointer": "/data/session_id"},
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


_CORRECTIONS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"seconds": 30}, [{"code": "other_measure", "pointer": "/data/seconds", "did_you_mean": "reps"}]),
    ({"reps": 3, "exercise": "plank"}, [{"code": "other_measure", "pointer": "/data/reps", "did_you_mean": "seconds"}]),
    ({"seconds": 30, "exercise": "plank"}, []),
    ({"reps": 6}, []),
    ({"note": "x"}, []),
]


@pytest.mark.parametrize(("said", "warned"), _CORRECTIONS)
def test_a_correction_to_another_measure(
    api: ContractClient, said: dict[str, Any], warned: list[dict[str, Any]]
) -> None:
    api.post(_EVENTS, _squat("s", 1, 60))
    for _ in range(2):
        answer = api.post(_EVENTS, _event("c", 2, "set_corrected", corrects="s", **said))
        assert (answer.status in (200, 201), _warnings(answer.json)) == (True, warned)


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


_STRICT = {"Content-Type": "application/json", "Prefer": "handling=strict"}


def _strictly(api: ContractClient, event: dict[str, Any], prefer: str = "handling=strict") -> Answer:
    return api.send("POST", _EVENTS, data=json.dumps(event), headers={**_STRICT, "Prefer": prefer})


@pytest.mark.parametrize("code", _CASES)
def test_handled_strictly_it_is_refused_and_nothing_is_appended(api: ContractClient, code: str) -> None:
    event, warning = _CASES[code]
    taken = _strictly(api, _PROGRAMME)
    assert (taken.status, taken.headers["Preference-Applied"]) == (201, "handling=strict")
    for _ in range(2):
        refused = _strictly(api, event)
        assert (refused.status, refused.json["type"], _warnings(refused.json)) == (422, "/problems/warned", [warning])
        assert refused.headers["Preference-Applied"] == "handling=strict"
    assert len(api.get(_EVENTS).json["events"]) == 1
    assert _warnings(api.post(_EVENTS, event).json) == [warning]
    again = _strictly(api, event)
    assert (again.status, again.json["outcome"], _warnings(again.json)) == (200, "already_appended", [warning])


@pytest.mark.parametrize("code", _CASES)
def test_so_is_a_line_and_the_others_are_taken(api: ContractClient, code: str) -> None:
    event, warning = _CASES[code]
    lines = [_PROGRAMME, event, _event("later", 3, "programme_ended")]
    said = _in_bulk(api, *lines, Prefer="handling=strict")
    assert [each["outcome"] for each in said] == ["appended", "refused", "appended"]
    assert _warnings(said[1]["problem"]) == [warning]
    assert _strictly(api, _PROGRAMME, "handling=strict, return=minimal").json["outcome"] == "already_appended"


def test_a_line_is_judged_by_the_lines_that_were_taken(api: ContractClient) -> None:
    lines = [{**_PROGRAMME, "event_id": "p0", "data": {"programme": "stronglift"}}, _squat("x", 2, 60, slot="a/squat")]
    refused, warned = _in_bulk(api, *lines, Prefer="handling=strict")
    assert refused["problem"]["errors"][0]["did_you_mean"] == "stronglifts"
    assert _warnings(warned["problem"]) == [
        {"code": "unknown_slot", "pointer": "/data/slot", "did_you_mean": "default/squat"}
    ]


def test_a_slip_of_a_digit_is_refused_strictly_also_where_it_comes_late(api: ContractClient) -> None:
    for day in (1, 3, 5, 9):
        assert _strictly(api, _squat(f"s{day}", day, 84.6)).status == 201
    for day in (7, 11):
        refused = _strictly(api, _squat("typed", day, 846))
        assert _warnings(refused.json) == [{"code": "outlier", "pointer": "/data/load"}]
    late = _strictly(api, _squat("late", 7, 84.6))
    assert (late.status, late.json["version"], "changes" in late.json) == (201, 5, True)


def test_other_preferences_are_passed_over(api: ContractClient) -> None:
    event, warning = _CASES["unknown_exercise"]
    for number, prefer in enumerate(["handling=lenient", "handling=lenient, handling=strict", "strict", "wait=5"]):
        answer = _strictly(api, {**event, "event_id": f"x{number}"}, prefer)
        assert (answer.status, _warnings(answer.json)) == (201, [warning])
        assert "Preference-Applied" not in answer.headers


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


@pytest.mark.parametrize(
    ("slot", "value"), [("a/squat", 20), ("a/squat", 15), ("default/pull-up", -20), ("default/dumbbell-curl", 4)]
)
def test_a_load_that_can_be_lifted_is_not_warned_of(api: ContractClient, slot: str, value: float) -> None:
    bar = {"equipment": {"bar": {"value": 15, "unit": "kg"}}}
    api.post(_EVENTS, _event("e", 1, "profile_changed", **bar))
    api.post(_EVENTS, _PROGRAMME)
    override = _event("x", 2, "overridden", slot=slot, load={"value": value, "unit": "kg"})
    assert _warnings(api.post(_EVENTS, override).json) == []


def test_the_end_of_a_session_is_not_warned_of_where_anything_was_logged_under_its_id(api: ContractClient) -> None:
    api.post(_EVENTS, _squat("s", 1, 60, session_id="monday"))
    for number in range(60):
        api.post(_EVENTS, _squat(f"s{number}", 2, 60, session_id="tuesday"))
    assert _warnings(api.post(_EVENTS, _event("x", 3, "session_completed", session_id="monday")).json) == []
    ended = _event("y", 4, "session_completed", session_id="wednesday")
    lines = _in_bulk(api, _squat("w", 4, 60, session_id="wednesday"), ended, {**ended, "event_id": "z"})
    assert [_warnings(line) for line in lines] == [[], [], []]
