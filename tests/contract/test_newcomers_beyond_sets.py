"""What newcomers get wrong beyond posting sets, a table for each part of the API: the answer says what to write."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.contract import Answer, ContractClient

_JSON = {"Content-Type": "application/json"}
_EVENTS = "/v1/lifters/ann/events"
_LOAD = {"value": 60, "unit": "kg"}
_SET = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-10-01T18:00:00Z",
    "data": {"exercise": "squat", "load": _LOAD, "reps": 5},
}

ADDRESSES = {
    "rollout": "/v1/rollouts",
    "backtest": "/v1/backtests",
    "rollouts/ro_1/cancel": "/v1/rollouts/ro_1/stop",
    "ticket": "/v1/tickets",
    "tickets/new": "/v1/tickets",
    "time": "/v1/clock",
    "clock/now": "/v1/clock",
    "sandbox": "/v1/clock",
    "exercise_names": "/v1/exercise-names",
    "exercise-names/Kniebeuge": "/v1/exercise-names",
    "names": "/v1/exercise-names",
    "imports": "/v1/lifters/{lifter}/imports",
    "upload": "/v1/lifters/{lifter}/imports",
    "lifters/ann/upload": "/v1/lifters/ann/imports",
    "lifters//events": "/v1/lifters/{lifter}/events",
    "lifters//prescriptions": "/v1/lifters/{lifter}/prescriptions",
    "lifters//statistics": "/v1/lifters/{lifter}/statistics",
    "export": "/v1/lifters/{lifter}/export",
    "tokens": "/v1/lifters/{lifter}/tokens",
    "lifters/ann/token": "/v1/lifters/ann/tokens",
    "rules/check": "/v1/rules/checks",
    "rules/validate": "/v1/rules/checks",
    "rules/test": "/v1/rules/tests",
    "rules/diff": "/v1/rules/diffs",
}
INSTEAD = {
    "POST /v1/lifters": "begins with the first event",
    "GET /v1/lifters/ann": "/state, /profile",
    "PATCH /v1/lifters/ann": "a profile_changed",
    "DELETE /v1/lifters/ann/events": "a set_voided",
    "GET /v1/lifters/ann/sessions": "/v1/lifters/{lifter}/statistics",
    "GET /v1/events": "/v1/lifters/{lifter}/events",
    "POST /v1/lifters/ann/prescriptions": "an overridden event",
    "PUT /v1/lifters/ann/profile": "a profile_changed",
    "POST /v1/exercises": "needs no making",
    "GET /v1/lifters/ann/imports": "/imports/{import_id}",
    "POST /v1/exercise-names": "PUT a name",
    "POST /v1/clock": "PUT the instant",
    "DELETE /v1/reset": "POST takes all lifters",
    "GET /v1/tickets": "POST makes a ticket",
    "POST /v1/programmes": "/v1/programmes/{programme}",
    "POST /v1/programmes/ours": "PUT the files",
    "GET /v1/rollouts": "/v1/rollouts/{rollout}",
    "DELETE /v1/rollouts/ro_1": "/stop",
    "GET /v1/backtests": "/v1/backtests/{backtest}",
    "DELETE /v1/backtests/bt_1": "/stop",
}

_SLOT = {"slot": "a/squat"}
_THROUGH = "what is due at occurred_at is passed by"
EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("session_skipped", {"slot": "a/squat"}, "Did you mean slots?"),
    ("session_skipped", {"exercise": "squat"}, "Did you mean slots?"),
    ("session_skipped", {"slots": "a/squat"}, 'such as ["day-1/deadlift"]'),
    ("session_skipped", {"slots": ["squat"]}, "a slot id: a day and a slot, such as day-1/deadlift"),
    ("session_skipped", {"session_id": "monday"}, _THROUGH),
    ("session_skipped", {"date": "2026-10-01"}, _THROUGH),
    ("session_skipped", {"note": "ill"}, "Did you mean reason?"),
    ("session_skipped", {"mood": 1}, "there are slots, reason"),
    ("overridden", _SLOT, 'is required: a load, such as {"value": 102.5, "unit": "kg"}'),
    ("overridden", {**_SLOT, "weight": 60}, "Did you mean load?"),
    ("overridden", {"load": _LOAD}, "is required: a slot id"),
    ("overridden", {"exercise": "squat", "load": _LOAD}, "Did you mean slot?"),
    ("overridden", {**_SLOT, "load": _LOAD, "why": "ill"}, "Did you mean reason?"),
    ("overridden", {**_SLOT, "load": _LOAD, "reps": 5}, "there are slot, load, reason"),
    ("session_voided", {}, "is required: 1 to 64 visible ASCII characters"),
    ("session_voided", {"session": "monday"}, "Did you mean session_id?"),
    ("session_voided", {"session_id": "monday"}, "names no session of this lifter"),
    ("session_voided", {"voids": "a1"}, "there are session_id, reason"),
    ("set_voided", {"voids": "a1", "session_id": "monday"}, "a session_voided takes a session back"),
    ("set_corrected", {"corrects": "a1", "reps": None}, "cannot be cleared: say what it should be"),
    ("set_corrected", {"corrects": "a1", "load": None}, "cannot be cleared: say what it should be"),
    ("set_corrected", {"corrects": "a1"}, "at least one field must be corrected"),
    ("baseline_corrected", {"corrects": "a1", "load": None}, "cannot be cleared: say what it should be"),
    ("baseline_corrected", {"corrects": "a1", "reps": 5}, "a load, a one_rep_max or a training_max"),
    ("session_end_corrected", {"corrects": "a1", "occurred_at": None}, "cannot be cleared: say what it should be"),
    ("session_end_corrected", {"id": "a1", "session_id": "x"}, "Did you mean corrects?"),
]

_SESSION = {"events": [_SET]}
SESSIONS: list[tuple[Any, str]] = [
    ([_SET], 'put the events into it as {"events": [...]}'),
    (_SET, "one event belongs to /v1/lifters/{lifter}/events"),
    ({}, "each as it is posted to /v1/lifters/{lifter}/events"),
    ({"sets": [_SET]}, "Did you mean events?"),
    ({"workout": [_SET]}, "Did you mean events?"),
    ({"exercises": [_SET]}, "Did you mean events?"),
    ({"events": []}, "a list of 1 to 200 events"),
    ({"events": _SET}, "a list of 1 to 200 events"),
    ({**_SESSION, "atomic": "true"}, "must be true or false"),
    ({**_SESSION, "atomic": 1}, "must be true or false"),
    ({**_SESSION, "transaction": True}, "there are session_id, expected_version, atomic, events"),
    ({**_SESSION, "lifter": "ann"}, "the path says whose it is"),
    ({**_SESSION, "user_id": "ann"}, "the path says whose it is"),
    ({**_SESSION, "exercise": "squat"}, "it belongs into the data of an event"),
    ({**_SESSION, "session": "monday"}, "Did you mean session_id?"),
    ({**_SESSION, "session_id": "my monday"}, "Did you mean my-monday?"),
    ({**_SESSION, "version": 1}, "Did you mean expected_version?"),
    ({"atomic": True, "events": [{**_SET, "expected_version": 1}]}, "belongs beside events"),
    ({"atomic": True, "events": [{**_SET, "lifter": "ann"}]}, "the path says whose it is"),
    ({"atomic": True, "events": [_SET["data"]]}, "it belongs into data"),
    ({"atomic": True, "events": [{**_SET, "type": "set"}]}, "Did you mean set_logged?"),
    ({"atomic": True, "events": [[_SET]]}, "must be one event"),
    ({"atomic": True, "events": [_SET, {**_SET, "data": {**_SET["data"], "reps": 6}}]}, "with other content"),  # type: ignore[dict-item]
]

BODIES: list[tuple[str, Any, str]] = [
    ("PUT /v1/clock", {"now": "tomorrow"}, "is not an RFC 3339 time with an offset"),
    ("PUT /v1/clock", {"time": "2026-01-01T00:00:00Z"}, "Did you mean now?"),
    ("POST /v1/reset", {"confirm": True}, "there is now"),
    ("PUT /v1/exercise-names", {"name": "x", "exercise": "Squat It"}, "Did you mean squat-it?"),
    ("PUT /v1/exercise-names", {"name": "x", "exercise_id": "squat"}, "Did you mean exercise?"),
    ("PUT /v1/exercise-names", {"Kniebeuge": "squat"}, "is required: a text of 1 to 200 characters"),
    ("POST /v1/lifters/ann/tokens", {}, "a list of some of read, write"),
    ("POST /v1/lifters/ann/tokens", {"scopes": "read"}, "a list of at least one of read, write"),
    ("POST /v1/lifters/ann/tokens", {"scopes": ["admin"]}, "must be one of read, write"),
    ("POST /v1/lifters/ann/tokens", {"scope": "read"}, "Did you mean scopes?"),
    ("POST /v1/lifters/ann/tokens", {"scopes": ["read"], "expires_in": 60}, "Did you mean lifetime_s?"),
    ("POST /v1/lifters/ann/tokens", {"scopes": ["read"], "ttl": 60}, "Did you mean lifetime_s?"),
    ("POST /v1/lifters/ann/tokens", {"scopes": ["read"], "lifetime_s": "1h"}, "a whole number from"),
    ("POST /v1/rollouts", {"program": "stronglifts", "preview": True}, "Did you mean programme?"),
    ("POST /v1/rollouts", {"programme": "stronglift", "preview": True}, "Did you mean stronglifts?"),
    ("POST /v1/rollouts", {"programme": "stronglifts"}, "is required: true or false"),
    ("POST /v1/rollouts", {"programme": "stronglifts", "preview": "yes"}, "must be true or false"),
    ("POST /v1/rollouts", {"programme": "stronglifts", "preview": True, "lifters": "ann"}, "a list of 1 to"),
    ("POST /v1/backtests", {}, "either a digest, or files and a programme"),
    ("POST /v1/backtests", {"rule_set": "f" * 64}, "an object with either a digest, or files and a programme"),
    ("POST /v1/backtests", {"digest": "f" * 64}, "Did you mean rule_set?"),
    ("POST /v1/backtests", {"programme": "stronglifts"}, "Did you mean rule_set?"),
    ("PUT /v1/programmes/ours", {"file": {}}, "Did you mean files?"),
    ("PUT /v1/programmes/ours", {}, 'path to text, such as {"programmes/ours.yaml"'),
    (
        "PUT /v1/programmes/ours",
        {"files": {"theirs.yaml": "programme: theirs"}},
        "as programmes/ours.yaml or ours.yaml",
    ),
    ("PUT /v1/programmes/Ours", {"files": {}}, "Did you mean ours?"),
    ("PUT /v1/programmes/stronglifts", {"files": {"stronglifts.yaml": "x"}}, "give yours another one"),
    ("POST /v1/rules/checks", {"files": "x"}, "path to text"),
    ("POST /v1/rules/checks", {"yaml": "x"}, "Did you mean files?"),
    ("POST /v1/rules/checks", {"files": {"ours.yaml": 5}}, "must be the text of the file"),
    ("POST /v1/rules/diffs", {"programme": "stronglifts"}, "there are before, after, weeks"),
    ("POST /v1/rules/diffs", {"before": "x", "after": "y"}, "either a digest, or files and a programme"),
    ("GET /v1/lifters/ann/imports/x", None, "12 hexadecimal digits in lower case"),
]

QUERIES = {
    "lifters/ann/statistics?muscle=quads": "there are from, to, as_of, at_version, exercise",
    "lifters/ann/statistics?since=2026-10-01T00:00:00Z": "Did you mean from?",
    "lifters/ann/statistics?until=2026-10-01T00:00:00Z": "Did you mean to?",
    "lifters/ann/statistics?from=2026-10-01": "RFC 3339 time with an offset",
    "lifters/ann/statistics?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z": "must be later than from",
    "lifters/ann/statistics?exercise=sqaut": "Did you mean squat?",
    "lifters/ann/statistics?movement=squat": "Did you mean exercise?",
    "lifters/ann/statistics?at_version=0": "a whole number from 1",
    "lifters/ann/statistics?as_of=9999-01-01T00:00:00Z": "between the years 1900 and 2200",
    "lifters/ann/profile?when=2026-10-01T00:00:00Z": "Did you mean as_of?",
    "lifters/ann/profile?fields=unit": "there are as_of, at_version",
    "lifters/ann/prescriptions?ahead=9": "a whole number from 1 to 8",
    "lifters/ann/prescriptions?ahead=all": "a whole number from 1 to 8",
    "lifters/ann/prescriptions?include=all": "must be one of dormant",
    "lifters/ann/prescriptions?weeks=2": "there are as_of, at_version, include, ahead",
    "lifters/ann/prescriptions/squat?ahead=2": "there are as_of, at_version, slot",
    "lifters?q=ann": "there are limit, after, only",
    "lifters?page=2": "Did you mean after?",
    "lifters?after=2": "as it was given",
    "lifters/ann/events?order=desc": "there are from, to, limit, after, exercise, type",
    "programmes?days=3": "Did you mean days_a_week?",
    "programmes?goal=muscle": "Did you mean hypertrophy?",
    "programmes?level=novice": "Did you mean beginner?",
    "programmes?level=advanced": "Did you mean expert?",
    "programmes?equipment=dumbell": "Did you mean dumbbell?",
    "programmes?minutes=1h": "a whole number from 1 to 240",
    "exercises?search=ohp": "Did you mean q?",
    "exercise-names?q=x": "there are none here",
}

_PROOF = "/v1/lifters/ann/derivations/{proof}"
REST: list[tuple[str, Any, str]] = [
    ("POST /v1/webhooks", {"endpoint": "https://x.example"}, "Did you mean url?"),
    ("POST /v1/webhooks", {"url": "http://x.example"}, "must begin with https://"),
    ("POST /v1/webhooks", {"url": "https://x.example", "events": ["set_logged"]}, "told every change of the gym"),
    ("PATCH /v1/webhooks/wh_1", {}, "/rotation"),
    ("POST /v1/webhooks/wh_1/rotate", {}, "Did you mean /v1/webhooks/wh_1/rotation?"),
    ("GET /v1/webhooks/x", None, "wh_ and 16 hexadecimal digits"),
    ("POST /v1/keys", {}, "a list of some of read, write, audit, rules, admin"),
    ("POST /v1/keys", {"scopes": ["all"]}, "must be one of read, write, audit, rules, admin"),
    ("POST /v1/keys", {"scopes": ["read"], "expires_in": "30d"}, "Did you mean expires_at?"),
    ("POST /v1/keys", {"scopes": ["read"], "limit": 5}, "Did you mean rate_limit?"),
    ("DELETE /v1/keys/k_0000000000000000", {}, "/revocation"),
    ("GET /v1/keys/x", None, "k_ and 16 hexadecimal digits"),
    ("GET /v1/changes?since=1", None, "there are limit, after"),
    ("GET /v1/changes?lifter=ann", None, "it is of the whole gym"),
    ("GET /v1/changes?after=0", None, "as it was given"),
    ("POST /v1/simulations", {"events": []}, "either a digest, or files and a programme"),
    ("POST /v1/simulations", {"programme": "stronglifts"}, "Did you mean rule_set?"),
    ("POST /v1/simulations", {"rules": {}, "events": []}, "Did you mean rule_set?"),
    ("POST /v1/simulations", {"rule_set": {"digest": "f" * 64}}, "a list of events, as they are posted"),
    (f"GET {_PROOF}/why-not", None, "either an outcome or a rule"),
    (f"GET {_PROOF}/why-not?outcome=rise", None, "Did you mean raise?"),
    (f"GET {_PROOF}/why-not?reason=hold", None, "there are outcome, rule"),
    (f"GET {_PROOF}/what-if?reps=5", None, "there is outcome"),
    (f"GET {_PROOF}/diff", None, "the id of a prescription, as it was given"),
    (f"GET {_PROOF}/diff?with=x", None, "Did you mean against?"),
    (f"GET {_PROOF}/whynot", None, "/why-not?"),
]

_CSV = "Date,Exercise,Weight,Reps\n2026-10-01,Squat,100,5\n"
IMPORTS: dict[str, str] = {
    "": "suggest date=Date, exercise=Exercise",
    "source=strong": "Did you mean app?",
    "format=csv": "Did you mean app?",
    "app=storng": "Did you mean strong?",
    "app=Strong": "Did you mean strong?",
    "app=hevi": "Did you mean hevy?",
    "app=fitnote": "Did you mean fitnotes?",
    "units=kg": "Did you mean unit?",
    "unit=kgs": "Did you mean kg?",
    "unit=lbs": "Did you mean lb?",
    "unit=pounds": "Did you mean lb?",
    "time_zone=Berlin": "Did you mean Europe/Berlin?",
    "time_zone=Europe/Berln": "Did you mean Europe/Berlin?",
    "tz=Europe/Berlin": "Did you mean time_zone?",
    "date_order=dmy": "must be one of day-month, month-day",
    "date_format=day-month": "Did you mean date_order?",
    "columns=Date,Exercise": "must be like date=Datum",
    "column=date=Date": "Did you mean columns?",
    "preview=true": "unless confirm has the import_id of one",
    "dry_run=true": "unless confirm has the import_id of one",
    "confirm=yes": "12 hexadecimal digits in lower case",
    "unit=kg&unit=lb": "is given more than once",
}


def _said(answer: Answer) -> str:
    """Everything that an answer says, with its quotes as they are."""
    return json.dumps(answer.json, ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize(("wrong", "meant"), ADDRESSES.items())
def test_an_address(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.get(f"/v1/{wrong}")
    assert (answer.status, answer.json.get("did_you_mean")) == (404, meant)


@pytest.mark.parametrize(("asked", "said"), INSTEAD.items())
def test_what_to_do_instead(api: ContractClient, asked: str, said: str) -> None:
    answer = api.send(*asked.split(), data="{}", headers=_JSON)
    assert (answer.status, said in answer.json["detail"]) == (405, True), answer.text


@pytest.mark.parametrize(("kind", "data", "said"), EVENTS)
def test_an_event_that_changes_what_is_due_or_was_said(
    api: ContractClient, kind: str, data: Mapping[str, Any], said: str
) -> None:
    answer = api.post(_EVENTS, {**_SET, "event_id": "b1", "type": kind, "data": data})
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(("body", "said"), SESSIONS)
def test_a_session(api: ContractClient, body: Any, said: str) -> None:
    answer = api.post("/v1/lifters/ann/sessions", body)
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(("asked", "body", "said"), BODIES)
def test_a_body_for_programmes_apps_and_imports(api: ContractClient, asked: str, body: Any, said: str) -> None:
    method, path = asked.split()
    answer = api.get(path) if body is None else api.send(method, path, data=json.dumps(body), headers=_JSON)
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(("asked", "body", "said"), REST)
def test_what_serves_a_gym_and_what_argues(api: ContractClient, asked: str, body: Any, said: str) -> None:
    api.post(_EVENTS, _SET)
    method, path = asked.format(proof=api.get("/v1/lifters/ann/prescriptions/squat").json["prescription_id"]).split()
    answer = api.get(path) if body is None else api.send(method, path, data=json.dumps(body), headers=_JSON)
    assert (answer.status in (404, 405, 422), said in _said(answer)) == (True, True), _said(answer)


@pytest.mark.parametrize(("wrong", "said"), QUERIES.items())
def test_a_parameter(api: ContractClient, wrong: str, said: str) -> None:
    api.post(_EVENTS, _SET)
    answer = api.get(f"/v1/{wrong}")
    assert (answer.status in (404, 422), said in _said(answer)) == (True, True), _said(answer)


@pytest.mark.parametrize(("wrong", "said"), IMPORTS.items())
def test_an_import(api: ContractClient, wrong: str, said: str) -> None:
    answer = api.send("POST", f"/v1/lifters/ann/imports?{wrong}", data=_CSV, headers={"Content-Type": "text/csv"})
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


def test_a_name_that_is_said_to_mean_what_nobody_knows(api: ContractClient) -> None:
    asked = {"name": "Kniebeuge", "exercise": "sqaut"}
    answer = api.send("PUT", "/v1/exercise-names", data=json.dumps(asked), headers=_JSON)
    assert [(each["pointer"], each["did_you_mean"]) for each in answer.json["warnings"]] == [("/exercise", "squat")]
    right = api.send("PUT", "/v1/exercise-names", data=json.dumps({**asked, "exercise": "back-squat"}), headers=_JSON)
    assert (right.json["exercise"], "warnings" in right.json) == ("squat", False)


def test_a_byte_order_mark(api: ContractClient) -> None:
    answer = api.send("POST", _EVENTS, data=b"\xef\xbb\xbf" + json.dumps(_SET).encode(), headers=_JSON)
    assert (answer.status, "without one" in answer.json["detail"]) == (400, True)


def test_each_kind_has_twenty() -> None:
    kinds = [ADDRESSES, INSTEAD, EVENTS, SESSIONS, BODIES, QUERIES, REST, IMPORTS]
    assert [len(kind) for kind in kinds if len(kind) < 20] == []
