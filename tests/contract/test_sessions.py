"""A session in one request: each event by itself, or all of them or none; and where else things belong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.http.schemas.sessions import MOST_EVENTS
from tests.support.contract import Answer, ContractClient

_SESSIONS = "/v1/lifters/ann/sessions"
_EVENTS = "/v1/lifters/ann/events"
_LOAD = {"value": 100, "unit": "kg"}


def _event(event_id: str, minute: int, kind: str = "set_logged", **data: Any) -> dict[str, Any]:
    at = f"2026-11-20T18:{minute:02d}:00Z"
    return {"event_id": event_id, "type": kind, "occurred_at": at, "data": data}


def _set(event_id: str, minute: int = 0, **data: Any) -> dict[str, Any]:
    return _event(event_id, minute, **{"exercise": "deadlift", "load": _LOAD, "reps": 5, **data})


_WORKOUT = [_set("s1"), _set("s2", 3), _event("s3", 9, "session_completed")]


def _post(api: ContractClient, events: list[Any], **beside: Any) -> Answer:
    return api.post(_SESSIONS, {"events": events, **beside})


def _logged(api: ContractClient) -> list[dict[str, Any]]:
    answer = api.get(_EVENTS)
    return [] if answer.status == 404 else answer.json["events"]


def _errors(answer: Answer, status: int = 422) -> list[str]:
    assert answer.status == status, answer.text
    return [each["pointer"] for each in answer.json["errors"]]


@pytest.mark.parametrize("atomic", [False, True])
class TestRightOnes:
    def test_each_has_a_receipt_in_order(self, api: ContractClient, *, atomic: bool) -> None:
        answer = _post(api, _WORKOUT, atomic=atomic)
        assert answer.status == 201
        assert [answer.json[name] for name in ("appended", "already_appended", "refused")] == [3, 0, 0]
        assert [(each["event_id"], each["version"]) for each in answer.json["receipts"]] == [
            ("s1", 1),
            ("s2", 2),
            ("s3", 3),
        ]
        assert [event["event_id"] for event in _logged(api)] == ["s1", "s2", "s3"]

    def test_sending_it_again_changes_nothing(self, api: ContractClient, *, atomic: bool) -> None:
        _post(api, _WORKOUT, atomic=atomic, expected_version=0)
        again = _post(api, [*_WORKOUT, _WORKOUT[0]], atomic=atomic, expected_version=0)
        assert again.status == 200
        assert [each["outcome"] for each in again.json["receipts"]] == ["already_appended"] * 4
        assert [each["version"] for each in again.json["receipts"]] == [1, 2, 3, 1]
        assert len(_logged(api)) == 3

    def test_a_set_is_the_same_as_one_that_was_posted_alone(self, api: ContractClient, *, atomic: bool) -> None:
        api.post(_EVENTS, _set("s1", session_id="monday"))
        answer = _post(
            api, [*_WORKOUT[:2], _event("n", 4, "lifter_noted", note="x")], session_id="monday", atomic=atomic
        )
        assert [each["outcome"] for each in answer.json["receipts"]] == ["already_appended", "appended", "appended"]
        assert [event["data"].get("session_id") for event in _logged(api)] == ["monday", "monday", None]

    def test_what_is_said_of_one_event_comes_before_what_is_said_of_all(
        self, api: ContractClient, *, atomic: bool
    ) -> None:
        _post(api, [_set("s1", session_id="tuesday")], session_id="monday", atomic=atomic)
        assert [event["data"]["session_id"] for event in _logged(api)] == ["tuesday"]

    def test_warnings_are_those_of_single_events(self, api: ContractClient, *, atomic: bool) -> None:
        answer = _post(api, [_set("s1", exercise="deadlfit"), _set("s2")], atomic=atomic)
        said, none = answer.json["receipts"]
        assert [each["did_you_mean"] for each in said["warnings"]] == ["deadlift"]
        assert "warnings" not in none

    def test_an_event_may_act_on_one_before_it(self, api: ContractClient, *, atomic: bool) -> None:
        voided = [*_WORKOUT, _event("v", 10, "session_voided", session_id="monday")]
        assert _post(api, voided, session_id="monday", atomic=atomic).json["appended"] == 4


class TestWrongOnes:
    def test_singly_the_others_are_appended(self, api: ContractClient) -> None:
        api.post(_EVENTS, _set("s2", 30))
        events = [
            _set("s1"),
            _set("s2"),
            _set("s3", reps=-1),
            _event("s4", 5, "set_voided", voids="nothing"),
            _set("s5"),
        ]
        answer = _post(api, events)
        assert answer.status == 201
        assert [each["outcome"] for each in answer.json["receipts"]] == ["appended", *["refused"] * 3, "appended"]
        assert [each["problem"]["status"] for each in answer.json["receipts"][1:4]] == [409, 422, 422]
        assert [event["event_id"] for event in _logged(api)] == ["s2", "s1", "s5"]

    def test_at_once_none_is_and_every_mistake_is_told(self, api: ContractClient) -> None:
        events = [_set("s1"), _set("s2", reps=-1), _set("s3", Reps=4), "s4"]
        assert _errors(_post(api, events, atomic=True)) == ["/events/1/data/reps", "/events/2/data/Reps", "/events/3"]
        assert _logged(api) == []

    def test_at_once_none_is_where_one_acts_on_nothing(self, api: ContractClient) -> None:
        events = [
            _set("s1"),
            _event("v", 5, "set_voided", voids="nothing"),
            _event("w", 5, "set_corrected", corrects="v"),
        ]
        events[2]["data"]["reps"] = 3
        assert _errors(_post(api, events, atomic=True)) == ["/events/1/data/voids", "/events/2/data/corrects"]
        assert _logged(api) == []

    def test_at_once_none_is_where_an_id_is_taken(self, api: ContractClient) -> None:
        api.post(_EVENTS, _set("s2", 30))
        answer = _post(api, [_set("s1"), _set("s2"), _set("s3")], atomic=True)
        assert (answer.status, answer.json["type"]) == (409, "/problems/idempotency-conflict")
        assert answer.json["version"] == 1
        assert [event["event_id"] for event in _logged(api)] == ["s2"]
        same = _post(api, [_set("s1"), _set("s1", 9)], atomic=True)
        assert (same.status, len(_logged(api))) == (409, 1)

    @pytest.mark.parametrize("atomic", [False, True])
    def test_at_another_version_none_is(self, api: ContractClient, *, atomic: bool) -> None:
        answer = _post(api, _WORKOUT, expected_version=3, atomic=atomic)
        assert (answer.status, answer.json["actual_version"], _logged(api)) == (409, 0, [])

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ([], [""]),
            (_WORKOUT, [""]),
            ({}, ["/events"]),
            ({"events": []}, ["/events"]),
            ({"events": {}}, ["/events"]),
            ({"events": [_WORKOUT[2]] * (MOST_EVENTS + 1)}, ["/events"]),
            ({"events": _WORKOUT, "atomic": 1}, ["/atomic"]),
            ({"events": _WORKOUT, "session_id": "two words"}, ["/session_id"]),
            ({"events": _WORKOUT, "sets": []}, ["/sets"]),
            ({"events": [{**_WORKOUT[0], "expected_version": 0}], "atomic": True}, ["/events/0/expected_version"]),
        ],
    )
    def test_the_request_as_a_whole(self, api: ContractClient, body: Any, pointers: list[str]) -> None:
        headers = {"Content-Type": "application/json"}
        assert _errors(api.send("POST", _SESSIONS, data=json.dumps(body), headers=headers)) == pointers
        assert _logged(api) == []


_STRICT = {"Prefer": "handling=strict"}


_HEAVY = _set("s3", 6, load={"value": 250, "unit": "kg"})
_MISTAKEN = [_set("s1"), _set("s2", 3, exercise="deadlfit"), _HEAVY]


class TestStrictOnes:
    """What would be warned of is refused."""

    @pytest.fixture(autouse=True)
    def _trained(self, api: ContractClient) -> None:
        for day in range(1, 5):
            at = f"2026-11-{day:02d}T18:00:00Z"
            assert api.post(_EVENTS, {**_set(f"b{day}"), "occurred_at": at}).status == 201

    def test_singly_the_others_are_appended(self, api: ContractClient) -> None:
        answer = api.post(_SESSIONS, {"events": [*_MISTAKEN, _set("s4", 9)]}, **_STRICT)
        assert (answer.status, answer.headers["Preference-Applied"]) == (201, "handling=strict")
        first, second, third, fourth = answer.json["receipts"]
        assert [each["outcome"] for each in answer.json["receipts"]] == ["appended", "refused", "refused", "appended"]
        assert [each["problem"]["warnings"][0]["code"] for each in (second, third)] == ["unknown_exercise", "outlier"]
        assert [event["event_id"] for event in _logged(api)][4:] == ["s1", "s4"]
        assert (first["version"], fourth["version"]) == (5, 6)

    def test_at_once_none_is_and_every_warning_has_its_place(self, api: ContractClient) -> None:
        answer = api.post(_SESSIONS, {"events": _MISTAKEN, "atomic": True}, **_STRICT)
        assert (answer.status, answer.json["type"]) == (422, "/problems/warned")
        assert answer.headers["Preference-Applied"] == "handling=strict"
        assert [(each["code"], each["pointer"]) for each in answer.json["warnings"]] == [
            ("unknown_exercise", "/events/1/data/exercise"),
            ("outlier", "/events/2/data/load"),
        ]
        assert len(_logged(api)) == 4

    @pytest.mark.parametrize("atomic", [False, True])
    def test_what_is_logged_already_is_not_refused_for_its_warnings(self, api: ContractClient, *, atomic: bool) -> None:
        _post(api, _MISTAKEN)
        body = {"events": [*_MISTAKEN, _set("s4", 9)], "atomic": atomic}
        answer = api.post(_SESSIONS, body, **_STRICT)
        assert [each["outcome"] for each in answer.json["receipts"]] == [*["already_appended"] * 3, "appended"]

    @pytest.mark.parametrize("atomic", [False, True])
    def test_the_version_expected_is_that_before_the_session(self, api: ContractClient, *, atomic: bool) -> None:
        body = {"events": _WORKOUT, "atomic": atomic, "expected_version": 3}
        assert api.post(_SESSIONS, body, **_STRICT).json["actual_version"] == 4
        answer = api.post(_SESSIONS, body | {"expected_version": 4}, **_STRICT)
        assert (answer.status, answer.json["appended"]) == (201, 3)
        assert api.post(_SESSIONS, body | {"expected_version": 4}, **_STRICT).json["already_appended"] == 3


class TestLateOnes:
    """What a session changed that came late."""

    @pytest.fixture(autouse=True)
    def _trained(self, api: ContractClient) -> None:
        _post(api, [{**_set("a"), "occurred_at": "2026-11-21T18:00:00Z"}])

    @pytest.mark.parametrize("strict", [False, True])
    def test_it_is_told_of_all_together(self, api: ContractClient, *, strict: bool) -> None:
        events = [_set("s1", load={"value": 110, "unit": "kg"}), _set("s2", 3, exercise="squat")]
        answer = api.post(_SESSIONS, {"events": events}, **(_STRICT if strict else {}))
        (squat,) = [change for change in answer.json["changes"] if change["exercise"] == "squat"]
        assert (squat["before"], squat["after"]["exercise"]) == (None, "squat")
        assert "changes" not in api.post(_SESSIONS, {"events": events}).json, "nothing is new"

    def test_it_is_left_out_where_less_is_preferred(self, api: ContractClient) -> None:
        answer = api.post(_SESSIONS, {"events": [_set("s2", exercise="squat")]}, Prefer="return=minimal")
        assert (answer.status, answer.headers["Preference-Applied"]) == (201, "return=minimal")
        assert "changes" not in answer.json

    def test_a_session_in_time_has_changed_nothing(self, api: ContractClient) -> None:
        answer = _post(api, [{**_set("s1"), "occurred_at": "2026-11-22T18:00:00Z"}])
        assert "changes" not in answer.json


class TestWrongAddresses:
    """What is posted where it does not belong is told where it does."""

    def test_an_array_of_events(self, api: ContractClient) -> None:
        for path in (_EVENTS, _SESSIONS):
            headers = {"Content-Type": "application/json"}
            (error,) = api.send("POST", path, data=json.dumps(_WORKOUT), headers=headers).json["errors"]
            assert '{"events": [...]}' in error["message"]

    def test_a_session(self, api: ContractClient) -> None:
        (error,) = api.post(_EVENTS, {"events": _WORKOUT}).json["errors"]
        assert "/v1/lifters/{lifter}/sessions" in error["message"]

    @pytest.mark.parametrize("path", [_EVENTS, _SESSIONS])
    def test_lines(self, api: ContractClient, path: str) -> None:
        lines = "".join(json.dumps(each) + "\n" for each in _WORKOUT)
        for kind, status in (("application/x-ndjson", 415), ("application/json", 400)):
            answer = api.send("POST", path, data=lines, headers={"Content-Type": kind})
            assert (answer.status, "/v1/events" in answer.json["detail"]) == (status, True), answer.text

    def test_a_session_among_lines(self, api: ContractClient) -> None:
        headers = {"Content-Type": "application/json"}
        answer = api.send("POST", "/v1/events", data=json.dumps(_WORKOUT), headers=headers)
        assert (answer.status, "/v1/lifters/{lifter}/sessions" in answer.json["detail"]) == (415, True)
        headers = {"Content-Type": "application/x-ndjson"}
        answer = api.send("POST", "/v1/events", data=json.dumps(_WORKOUT), headers=headers)
        assert "/v1/lifters/{lifter}/sessions" in answer.text
