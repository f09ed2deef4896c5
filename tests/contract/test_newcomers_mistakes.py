"""What newcomers get wrong, a table for each kind of mistake: the answer says what to write instead."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.support.contract import Answer, ContractClient

_EVENTS = "/v1/lifters/ann/events"
_JSON = {"Content-Type": "application/json"}
_SQUAT: dict[str, Any] = {"exercise": "squat", "load": {"value": 100, "unit": "kg"}, "reps": 5}
_EVENT: dict[str, Any] = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-10-01T18:00:00Z",
    "data": _SQUAT,
}


def _with(**fields: Any) -> dict[str, Any]:
    return {**_EVENT, **fields}


def _set(**fields: Any) -> dict[str, Any]:
    return _with(data={**_SQUAT, **fields})


def _without(*names: str) -> dict[str, Any]:
    data = {name: value for name, value in _SQUAT.items() if name not in names}
    return {name: value for name, value in _with(data=data).items() if name not in names}


def _said(answer: Answer) -> str:
    """Everything that an answer says is wrong, and what was probably meant."""
    document = answer.json
    said = [*document.get("errors", []), *document.get("warnings", [])]
    return json.dumps([document.get("detail"), document.get("did_you_mean"), said], ensure_ascii=False)


def _meant(answer: Answer) -> set[str]:
    document = answer.json
    said = [document, *document.get("errors", []), *document.get("warnings", [])]
    return {each["did_you_mean"] for each in said if "did_you_mean" in each}


EXERCISES = {
    "sqaut": "squat",
    "Squat": "squat",
    "squats": "squat",
    "benchpress": "bench-press",
    "bench": "bench-press",
    "Bench Press": "bench-press",
    "bench_press": "bench-press",
    "BenchPress": "bench-press",
    "deadlft": "deadlift",
    "Deadlift (Barbell)": "deadlift-barbell",
    "pullup": "pull-up",
    "chinups": "chin-up",
    "leg-pres": "leg-press",
    "lat pulldown": "lat-pulldown",
    "overheadpress": "overhead-press",
    "db-row": "dumbbell-row",
    "bicep-curl": "barbell-curl",
    "ez-curl": "ez-bar-curl",
    "front-sqaut": "front-squat",
    "hip-thrusts": "hip-thrust",
    "dips": "dip",
}
PROGRAMMES = {
    "stronglift": "stronglifts",
    "strong-lifts": "stronglifts",
    "StrongLifts": "strong-lifts",
    "STRONGLIFTS": "stronglifts",
    "starting-strenght": "starting-strength",
    "Starting Strength": "starting-strength",
    "starting_strength": "starting-strength",
    "gzclpp": "gzclp",
    "GZCLP": "gzclp",
    "nsun": "nsuns",
    "texas": "texas-method",
    "madcow-5x5": "madcow",
    "greyscull": "greyskull",
    "upperback": "upper-back",
    "upper lower": "upper-lower",
    "juggernout": "juggernaut",
    "smolovjr": "smolov-jr",
    "bbb": "boring-but-big",
    "boring but big": "boring-but-big",
    "ppl": "coolcicada-ppl",
}
SCHEMES = {
    "linaer": "linear",
    "Linear": "linear",
    "doubleprogression": "double-progression",
    "double_progression": "double-progression",
    "Double Progression": "double-progression",
    "stage": "stages",
    "wave-climp": "wave-climb",
    "amrap": "amrap-steps",
    "weekly": "weekly-add",
    "layof": "layoff",
    "stal": "stall",
    "rpe": "rpe-load",
    "apres": "apre",
    "sum-reps": "sum-of-reps",
    "timed": "timed-hold",
    "training-max-step": "training-max-steps",
    "volume": "volume-climb",
    "restpause": "rest-pause",
    "request": "requested",
    "percentages": "GET /v1/schemes lists them",
}
TYPES = {
    "set": "set_logged",
    "set-logged": "set_logged",
    "setLogged": "set_logged",
    "SetLogged": "set_logged",
    "log_set": "set_logged",
    "set_log": "set_logged",
    "workout": "session_completed",
    "session_complete": "session_completed",
    "session_ended": "session_completed",
    "program_assigned": "programme_assigned",
    "programme_assign": "programme_assigned",
    "baseline": "baseline_set",
    "set_baseline": "baseline_set",
    "1rm": "baseline_set",
    "profile": "profile_changed",
    "deload": "deload_requested",
    "note": "lifter_noted",
    "delete": "set_voided",
    "void": "set_voided",
    "correct": "set_corrected",
    "": "one of set_logged",
}
FIELDS: dict[str, str] = {
    "weight": "load",
    "kg": "load",
    "Reps": "reps",
    "repetitions": "reps",
    "RIR": "rir",
    "reps_in_reserve": "rir",
    "effort": "rpe",
    "duration": "seconds",
    "time": "seconds",
    "distance": "say seconds",
    "sets": "an event of its own",
    "set_type": "kind",
    "notes": "note",
    "comment": "note",
    "workout_id": "session_id",
    "sessionId": "session_id",
    "exercise_id": "exercise",
    "exerciseName": "exercise",
    "bodyweight": "body_weight",
    "Load": "load",
}
ENVELOPES = {
    "id": "event_id",
    "eventId": "event_id",
    "uuid": "event_id",
    "timestamp": "occurred_at",
    "date": "occurred_at",
    "time": "occurred_at",
    "created_at": "occurred_at",
    "occurredAt": "occurred_at",
    "occured_at": "occurred_at",
    "payload": "data",
    "Data": "data",
    "event": "type",
    "event_type": "type",
    "version": "expected_version",
    "expectedVersion": "expected_version",
    "exercise": "belongs into data",
    "reps": "belongs into data",
    "load": "belongs into data",
    "lifter": "the path says",
    "user_id": "the path says",
}
UNITS: dict[Any, str] = {
    "KG": "kg",
    "Kg": "kg",
    "kgs": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "kilo": "kg",
    "kilos": "kg",
    "kg ": "kg",
    "metric": "kg",
    "lbs": "lb",
    "LB": "lb",
    "Lbs": "lb",
    "pounds": "lb",
    "pound": "lb",
    "lb.": "lb",
    "lbs.": "lb",
    "imperial": "lb",
    "#": "lb",
    "stone": "must be kg or lb",
    "": "must be kg or lb",
    None: "must be kg or lb",
}
_OFFSET = "RFC 3339 time with an offset, such as 2026-11-22T18:03:00+01:00"
TIMES: dict[Any, str] = {
    "2026-10-01": _OFFSET,
    "2026-10-01 18:00:00": _OFFSET,
    "2026-10-01T18:00:00": _OFFSET,
    "2026-10-01T18:00": _OFFSET,
    "2026-10-01T18:00Z": _OFFSET,
    "2026-10-01T18:00:00 +01:00": _OFFSET,
    "2026-10-01T18:00:00+0100": _OFFSET,
    "2026-10-01T18:00:00 Europe/Berlin": _OFFSET,
    "01.10.2026 18:00": _OFFSET,
    "10/01/2026": _OFFSET,
    "1790000000": _OFFSET,
    "now": _OFFSET,
    "": _OFFSET,
    "Thu, 01 Oct 2026 18:00:00 GMT": _OFFSET,
    1790000000: _OFFSET,
    1790000000000: _OFFSET,
    "2026-13-01T18:00:00Z": "on the calendar",
    "2026-02-30T18:00:00Z": "on the calendar",
    "2026-10-01T25:00:00Z": "on the calendar",
    "2199-01-01T00:00:00Z": "more than 5 minutes in the future",
    "1026-10-01T18:00:00Z": "between the years 1900 and 2200",
}
ADDRESSES = {
    "/v1/lifter/ann/events": _EVENTS,
    "/v1/users/ann/events": _EVENTS,
    "/lifters/ann/events": _EVENTS,
    "/v1/lifters/ann/sets": _EVENTS,
    "/v1/lifters/ann/event": _EVENTS,
    "/v1/lifters/ann/events/": _EVENTS,
    "/v1/lifters/ann/prescription": "/v1/lifters/ann/prescriptions",
    "/v1/lifters/ann/next": "/v1/lifters/ann/prescriptions",
    "/v1/lifters/ann/prescriptions/": "/v1/lifters/ann/prescriptions",
    "/v1/lifters/ann/stats": "/v1/lifters/ann/statistics",
    "/v1/lifters/ann/status": "/v1/lifters/ann/state",
    "/v1/exercise/squat": "/v1/exercises/squat",
    "/v1/programs": "/v1/programmes",
    "/v1/scheme": "/v1/schemes",
    "/api/v1/exercises": "/v1/exercises",
    "/v2/exercises": "/v1/exercises",
    "/exercises": "/v1/exercises",
    "/v1/simulate": "/v1/simulations",
    "/health": "/readyz",
    "/openapi.json": "/openapi.yaml",
    "/v1/webhook": "/v1/webhooks",
}
METHODS = {
    ("PUT", _EVENTS): "GET, HEAD, OPTIONS, POST",
    ("PATCH", _EVENTS): "GET, HEAD, OPTIONS, POST",
    ("DELETE", _EVENTS): "GET, HEAD, OPTIONS, POST",
    ("GET", "/v1/lifters/ann"): "DELETE",
    ("PUT", "/v1/lifters/ann"): "DELETE",
    ("PATCH", "/v1/lifters/ann"): "DELETE",
    ("POST", "/v1/lifters"): "GET",
    ("PUT", "/v1/lifters"): "GET",
    ("GET", "/v1/events"): "OPTIONS, POST",
    ("PUT", "/v1/events"): "OPTIONS, POST",
    ("GET", "/v1/simulations"): "OPTIONS, POST",
    ("PUT", "/v1/simulations"): "OPTIONS, POST",
    ("POST", "/v1/exercises"): "GET",
    ("PUT", "/v1/exercises/squat"): "GET",
    ("POST", "/v1/programmes/stronglifts"): "DELETE, GET, HEAD, OPTIONS, PUT",
    ("PATCH", "/v1/programmes/stronglifts"): "DELETE, GET, HEAD, OPTIONS, PUT",
    ("POST", "/v1/lifters/ann/prescriptions"): "GET",
    ("POST", "/v1/lifters/ann/prescriptions/squat"): "GET",
    ("POST", "/v1/lifters/ann/state"): "GET",
    ("POST", "/v1/changes"): "GET",
}
MEDIA = [
    *("", "text/plain", "text/json", "text/html", "text/xml", "text/csv", "json", "application/x-json", "*/*"),
    *("application/x-www-form-urlencoded", "application/x-ndjson", "application/jsonl", "application/xml"),
    *("application/octet-stream", "application/vnd.api+json", "application/problem+json", "application/yaml"),
    *("multipart/form-data; boundary=x", "application/javascript", "application", "application/jsonp"),
]
KEYS = {
    "": "Authorization: Bearer <key>",
    "{key}": "Authorization: Bearer <key>",
    "Basic {key}": "Authorization: Bearer <key>",
    "Token {key}": "Authorization: Bearer <key>",
    "ApiKey {key}": "Authorization: Bearer <key>",
    "Key {key}": "Authorization: Bearer <key>",
    "Digest {key}": "Authorization: Bearer <key>",
    "X-Api-Key {key}": "Authorization: Bearer <key>",
    "Bearer": "Authorization: Bearer <key>",
    "Bearer:{key}": "Authorization: Bearer <key>",
    "Bearer{key}": "Authorization: Bearer <key>",
    "Bearer={key}": "Authorization: Bearer <key>",
    "key={key}": "Authorization: Bearer <key>",
    "Bearer wrong": "spotter keys add",
    "Bearer <{key}>": "spotter keys add",
    'Bearer "{key}"': "spotter keys add",
    "Bearer '{key}'": "spotter keys add",
    "Bearer {key},": "spotter keys add",
    "Bearer Bearer {key}": "spotter keys add",
    "Bearer ${{SPOTTER_API_KEY}}": "spotter keys add",
}
_WHOLE = "a whole number from 0 to 1000"
VALUES: list[tuple[dict[str, Any], str]] = [
    (_set(reps="5"), f"{_WHOLE}, without quotes"),
    (_set(reps="5-8"), _WHOLE),
    (_set(reps=-1), _WHOLE),
    (_set(reps=True), _WHOLE),
    (_set(reps={"min": 5, "max": 8}), _WHOLE),
    (_set(load=100), 'such as {\\"value\\": 102.5, \\"unit\\": \\"kg\\"}'),
    (_set(load="100 kg"), 'such as {\\"value\\": 102.5, \\"unit\\": \\"kg\\"}'),
    (_set(load={"amount": 100, "unit": "kg"}), "Did you mean value?"),
    (_set(load={"value": 100, "units": "kg"}), "Did you mean unit?"),
    (_set(load={"value": "100", "unit": "kg"}), "must be a number, without quotes"),
    (_set(unit="kg"), 'it belongs into the load, as in {\\"value\\": 102.5, \\"unit\\": \\"kg\\"}'),
    (_with(eventType="set_logged"), "Did you mean type?"),
    (_set(rpe=11), "from 0 to 10"),
    (_set(rir=1, rpe=8), "must be 10 - rpe"),
    (_set(seconds=30), "must not stand beside reps"),
    (_set(kind="warm-up"), "Did you mean warmup?"),
    (_set(kind="working"), "Did you mean work?"),
    (_set(kind="dropset"), "Did you mean drop?"),
    (_set(side="L"), "Did you mean left?"),
    (_set(slot="A/Squat"), "Did you mean a/squat?"),
    (_set(session_id="my session"), "Did you mean my-session?"),
    (_with(event_id="no. 1"), "Did you mean no-1?"),
    (_with(type="profile_changed", data={"time_zone": "Berlin"}), "Did you mean Europe/Berlin?"),
    (_with(type="profile_changed", data={"time_zone": "Europe/Berln"}), "Did you mean Europe/Berlin?"),
]
MISSING: list[tuple[dict[str, Any], str]] = [
    (_without("event_id"), "is required: 1 to 64 visible ASCII characters"),
    (_without("type"), "is required: one of set_logged"),
    (_without("occurred_at"), "is required: when it happened, such as"),
    (_without("data"), "/data"),
    (_without("exercise"), "is required: an exercise id"),
    (_without("load"), 'of a set with the body weight alone it is {\\"value\\": 0, \\"unit\\": \\"kg\\"}'),
    (_set(load=None), 'of a set with the body weight alone it is {\\"value\\": 0, \\"unit\\": \\"kg\\"}'),
    (_without("reps"), "or seconds, for a timed set"),
    (_without("reps", "load"), "of a set with the body weight alone"),
    (_set(load={"value": 100}), "must be kg or lb"),
    (_set(load={"unit": "kg"}), "must be a number"),
    (_set(load={}), "must be kg or lb"),
    (_with(type="baseline_set", data=_SQUAT), "a start is a load, a one_rep_max or a training_max"),
    (_with(type="baseline_set", data={"exercise": "squat"}), "one of load, one_rep_max and training_max"),
    (_with(type="baseline_set", data={"exercise": "squat", "1rm": _SQUAT["load"]}), "Did you mean one_rep_max?"),
    (_with(type="set_voided", data={"event_id": "a1"}), "Did you mean voids?"),
    (_with(type="set_corrected", data={"event_id": "a1", "reps": 5}), "Did you mean corrects?"),
    (_with(type="programme_assigned", data={"program": "gzclp"}), "Did you mean programme?"),
    (_with(type="profile_changed", data={}), "at least one fact must be given"),
    (_with(type="lifter_noted", data={"text": "sore"}), "Did you mean note?"),
    (_with(type="profile_changed", data={"equipment": {"plates": [20]}}), 'such as {\\"load\\": {\\"value\\": 20'),
]
QUERIES = {
    f"{_EVENTS}?limt=5": "limit",
    f"{_EVENTS}?page=2": "after",
    f"{_EVENTS}?offset=5": "after",
    f"{_EVENTS}?per_page=5": "limit",
    f"{_EVENTS}?since=2026-10-01T00:00:00Z": "from",
    f"{_EVENTS}?until=2026-10-01T00:00:00Z": "to",
    f"{_EVENTS}?limit=5000": "from 1 to 1000",
    f"{_EVENTS}?type=set": "set_logged",
    f"{_EVENTS}?exercise=Bench+Press": "bench-press",
    f"{_EVENTS}?limit=5&limit=6": "is given more than once",
    "/v1/lifters/ann/prescriptions?date=2026-10-01": "as_of",
    "/v1/lifters/ann/prescriptions?version=1": "at_version",
    "/v1/lifters/ann/prescriptions?as_of=2026-10-01": _OFFSET,
    "/v1/lifters/ann/prescriptions?as_of=2026-10-01T18:00:00+01:00": "as %2B, or use Z",
    "/v1/lifters/ann/prescriptions?at_version=99": "the log is at version 1",
    "/v1/lifters/ann/prescriptions/squat?slot=default/sqaut": "squat",
    "/v1/exercises?query=ohp": "q",
    "/v1/exercises?name=squat": "q",
    "/v1/exercises?muscle=tricep": "triceps",
    "/v1/exercises?muscle=chest": "pectorals",
    "/v1/exercises?muscle=abs": "abdominals",
    "/v1/exercises?equipment=barbel": "barbell",
    "/v1/exercises?equipment=Body+Weight": "body-weight",
}


@pytest.mark.parametrize(("wrong", "meant"), EXERCISES.items())
def test_an_exercise(api: ContractClient, wrong: str, meant: str) -> None:
    assert _meant(api.post(_EVENTS, _set(exercise=wrong))) == {meant}
    assert _meant(api.get(f"/v1/exercises/{quote(wrong)}")) == {meant}


@pytest.mark.parametrize(("wrong", "meant"), PROGRAMMES.items())
def test_a_programme(api: ContractClient, wrong: str, meant: str) -> None:
    for answer in (
        api.post(_EVENTS, _with(type="programme_assigned", data={"programme": wrong})),
        api.get(f"/v1/programmes/{quote(wrong)}"),
    ):
        assert meant in _meant(answer) | {_said(answer)} or meant in _said(answer)
        assert answer.status in (404, 422)


@pytest.mark.parametrize(("wrong", "meant"), SCHEMES.items())
def test_a_scheme(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.get(f"/v1/schemes/{quote(wrong)}")
    assert answer.status in (404, 422)
    assert _meant(answer) == {meant} or meant in _said(answer)


@pytest.mark.parametrize(("wrong", "meant"), TYPES.items())
def test_a_type_of_event(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.post(_EVENTS, _with(type=wrong))
    assert answer.status == 422
    assert _meant(answer) == {meant} or meant in _said(answer)


@pytest.mark.parametrize(("wrong", "meant"), FIELDS.items())
def test_a_field_of_a_set(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.post(_EVENTS, _set(**{wrong: 5}))
    assert answer.status == 422
    assert _meant(answer) == {meant} or (not _meant(answer) and meant in _said(answer))


@pytest.mark.parametrize(("wrong", "meant"), ENVELOPES.items())
def test_a_field_beside_the_data(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.post(_EVENTS, _with(**{wrong: "x"}))
    assert answer.status == 422
    assert _meant(answer) == {meant} or (not _meant(answer) and meant in _said(answer))


@pytest.mark.parametrize(("wrong", "meant"), UNITS.items(), ids=repr)
def test_a_unit(api: ContractClient, wrong: Any, meant: str) -> None:
    answer = api.post(_EVENTS, _set(load={"value": 100, "unit": wrong}))
    assert answer.status == 422
    assert _meant(answer) == {meant} or (not _meant(answer) and meant in _said(answer))


@pytest.mark.parametrize(("wrong", "said"), TIMES.items(), ids=repr)
def test_a_time(api: ContractClient, wrong: Any, said: str) -> None:
    answer = api.post(_EVENTS, _with(occurred_at=wrong))
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(("wrong", "meant"), ADDRESSES.items())
def test_an_address(api: ContractClient, wrong: str, meant: str) -> None:
    answer = api.get(wrong)
    assert (answer.status, answer.json["did_you_mean"]) == (404, meant)
    assert api.send("OPTIONS", meant).status == 204


@pytest.mark.parametrize(("method", "path"), METHODS)
def test_a_method(api: ContractClient, method: str, path: str) -> None:
    answer = api.send(method, path, data="{}", headers=_JSON)
    assert answer.status == 405
    assert f"this path takes {METHODS[method, path]}" in _said(answer)


@pytest.mark.parametrize("wrong", MEDIA)
def test_a_media_type(api: ContractClient, wrong: str) -> None:
    answer = api.send("POST", _EVENTS, data=json.dumps(_EVENT), headers={"Content-Type": wrong} if wrong else {})
    assert answer.status == 415
    assert "Content-Type: application/json" in _said(answer)


@pytest.mark.parametrize(("wrong", "said"), KEYS.items())
def test_a_key(api: ContractClient, key: str, wrong: str, said: str) -> None:
    answer = api.get(_EVENTS, Authorization=wrong.format(key=key))
    assert (answer.status, said in _said(answer)) == (401, True), _said(answer)


@pytest.mark.parametrize(("wrong", "said"), [*VALUES, *MISSING])
def test_a_value(api: ContractClient, wrong: dict[str, Any], said: str) -> None:
    answer = api.post(_EVENTS, wrong)
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("set_corrected", "baseline", "and this is a baseline_set; a baseline_corrected corrects it"),
        ("set_corrected", "correction", "correct what that corrects once more"),
        ("set_corrected", "note", "and this is a lifter_noted; a set_voided can void it"),
        ("session_end_corrected", "a1", "and this is a set_logged; a set_corrected corrects it"),
    ],
)
def test_a_correction_of_something_else(api: ContractClient, kind: str, target: str, said: str) -> None:
    api.post(_EVENTS, _EVENT)
    start = {"exercise": "squat", "load": _SQUAT["load"]}
    api.post(_EVENTS, _with(event_id="baseline", type="baseline_set", data=start))
    api.post(_EVENTS, _with(event_id="correction", type="set_corrected", data={"corrects": "a1", "reps": 4}))
    api.post(_EVENTS, _with(event_id="note", type="lifter_noted", data={"note": "x"}))
    part = {"session_id": "x"} if kind == "session_end_corrected" else {"reps": 4}
    answer = api.post(_EVENTS, _with(event_id="b", type=kind, data={"corrects": target, **part}))
    assert (answer.status, said in _said(answer)) == (422, True), _said(answer)


@pytest.mark.parametrize(("wrong", "meant"), QUERIES.items())
def test_a_parameter(api: ContractClient, wrong: str, meant: str) -> None:
    api.post(_EVENTS, _EVENT)
    answer = api.get(wrong)
    assert answer.status in (404, 422)
    assert _meant(answer) == {meant} or meant in _said(answer)


def test_each_kind_has_twenty() -> None:
    kinds = [EXERCISES, PROGRAMMES, SCHEMES, TYPES, FIELDS, ENVELOPES, UNITS, TIMES, ADDRESSES, METHODS, MEDIA, KEYS]
    assert [len(kind) for kind in (*kinds, VALUES, MISSING, QUERIES) if len(kind) < 20] == []


def test_a_slash_too_many_at_a_page(app: Flask) -> None:
    for page in ("/docs", "/problems", "/problems/not-found"):
        answer = app.test_client().get(f"{page}/")
        assert (answer.status_code, answer.headers["Location"]) == (308, page)
