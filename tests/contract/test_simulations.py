"""Trying rules out over HTTP: the contract's example, what is refused, and that nothing is written."""

import copy
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.store.connections import Client, primaries_of
from tests.support.contract import CONTRACT, ContractClient

_PATH = "/v1/simulations"
_EXAMPLES = CONTRACT["paths"][_PATH]["post"]["requestBody"]["content"]["application/json"]["examples"]


def _asked() -> dict[str, Any]:
    return copy.deepcopy(_EXAMPLES["files"]["value"])


def _set(load: float, reps: int, at: str, **data: Any) -> dict[str, Any]:
    return {
        "type": "set_logged",
        "occurred_at": at,
        "data": {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": reps, **data},
    }


def _loads(prescriptions: list[dict[str, Any]]) -> list[float]:
    return [each["sets"][0]["load"]["value"] for each in prescriptions]


def test_the_contracts_example(api: ContractClient, log_server: Client) -> None:
    def keys() -> set[bytes]:
        return {key for server in primaries_of(log_server) for key in server.keys("*:*")}

    before = keys()
    answer = api.post(_PATH, _asked())
    written = keys() - before
    assert not [name for name in written if name.startswith((b"{p", b"rules"))]  # how often the key asked, is counted
    (documented,) = CONTRACT["paths"][_PATH]["post"]["responses"]["200"]["content"]["application/json"]["example"][
        "sessions"
    ]
    assert answer.status == 200
    assert _loads(answer.json["initial"]) == [225]
    assert answer.json["initial"][0]["outcome"] == "start"
    (session,) = answer.json["sessions"]
    assert session["read"] == documented["read"]
    assert (session["number"], session["session_id"]) == (1, "s1")
    (prescribed,) = session["prescriptions"]
    (expected,) = documented["prescriptions"]
    assert len(prescribed["sets"]) == 3
    for name in ("exercise", "slot", "version", "as_of", "outcome", "because"):
        assert prescribed[name] == expected[name]
    assert prescribed["sets"][:1] == expected["sets"]


def test_sessions_close_by_the_event_by_a_newer_id_and_by_the_gap(api: ContractClient) -> None:
    asked = _asked()
    asked["events"][1:] = [
        _set(225, 5, "2026-11-22T18:03:00Z"),
        {"type": "session_completed", "occurred_at": "2026-11-22T18:10:00Z", "data": {}},
        _set(235, 5, "2026-11-23T18:00:00Z", session_id="two"),
        _set(245, 5, "2026-11-23T18:30:00Z", session_id="three"),
        _set(255, 5, "2026-11-25T18:00:00Z"),
    ]
    sessions = api.post(_PATH, asked).json["sessions"]
    assert [each["session_id"] for each in sessions] == [None, "two", "three", None]
    assert [_loads(each["prescriptions"]) for each in sessions] == [[235], [245], [255], [265]]
    assert [each["prescriptions"][0]["as_of"] for each in sessions] == [
        "2026-11-22T18:10:00Z",
        "2026-11-23T18:30:00Z",
        "2026-11-23T22:30:00Z",
        "2026-11-25T22:00:00Z",
    ]


def test_parameters_voids_and_what_is_out_of_order(api: ContractClient) -> None:
    asked = _asked()
    asked["events"] += [
        {"event_id": "late", **_set(225, 1, "2026-11-22T18:02:00Z", session_id="s1")},
        {"type": "set_voided", "occurred_at": "2026-11-22T19:00:00Z", "data": {"voids": "late"}},
        {
            "type": "programme_assigned",
            "occurred_at": "2026-11-22T17:00:00Z",
            "data": {"programme": "mine", "params": {"a/pull": {"increase": {"lb": 20, "kg": 10}, "sets": 1}}},
        },
    ]
    (session,) = api.post(_PATH, asked).json["sessions"]
    assert [each["load"]["value"] for each in session["prescriptions"][0]["sets"]] == [245]


def test_an_archived_digest_is_what_its_own_files_are(api: ContractClient, services: Services) -> None:
    digest = services.rule_sets.newest("upper-back")
    assert digest is not None
    asked = _asked()
    by_digest = api.post(_PATH, {**asked, "rule_set": {"digest": digest}})
    by_name = api.post(_PATH, {**asked, "rule_set": {"files": {}, "programme": "upper-back"}})
    assert by_digest.json == by_name.json
    assert len(by_digest.json["initial"]) == 8


def test_ones_own_scheme_stands_before_the_librarys(api: ContractClient, services: Services) -> None:
    asked = _asked()
    text = services.rule_sets.library().files["progression/double-progression.yaml"].decode()
    files = asked["rule_set"]["files"]
    files["double-progression.yaml"] = text.replace("default: {lb: 10, kg: 5}", "default: {lb: 15, kg: 5}")
    (session,) = api.post(_PATH, asked).json["sessions"]
    assert _loads(session["prescriptions"]) == [240]


def _mine(change: str, to: str) -> dict[str, Any]:
    asked = _asked()
    files = asked["rule_set"]["files"]
    assert change in files["mine.yaml"]
    files["mine.yaml"] = files["mine.yaml"].replace(change, to)
    return asked


def _with(**changes: Any) -> dict[str, Any]:
    return {**_asked(), **changes}


_NO_SUCH_DIGEST = {"digest": "0" * 64}


@pytest.mark.parametrize(
    ("asked", "pointer", "message"),
    [
        (
            _mine("reps:", "rep:"),
            "/rule_set/files/mine.yaml",
            "mine.yaml:7:77: double-progression has no parameter rep.",
        ),
        (_mine("deadlift", "dedlift"), "/rule_set/files/mine.yaml", "mine.yaml:7:32: there is no exercise dedlift."),
        (_mine("title:", "titel:"), "/rule_set/files/mine.yaml", "mine.yaml:2:1: a programme has no key titel."),
        (_with(rule_set=_NO_SUCH_DIGEST), "/rule_set/digest", "no rule set of this digest"),
        (_with(rule_set={"files": {}, "programme": "upper-bakc"}), "/rule_set/programme", "Did you mean upper-back?"),
        (_with(rule_set={"files": {}}), "/rule_set", "give either a digest, or files and a programme"),
        (
            _with(rule_set={"files": {"../x": ""}, "programme": "mine"}),
            "/rule_set/files/..~1x",
            "a rule file is a .yaml file in",
        ),
        (_with(rule_set={"files": {"a b": ""}, "programme": "mine"}), "/rule_set/files/a b", "must be a path"),
        (_with(rule_set={"files": {"m.yaml": 1}, "programme": "m"}), "/rule_set/files/m.yaml", "must be the text"),
        (
            _with(rule_set={"files": {f"{n}.yaml": "é" * 20_000 for n in range(8)}, "programme": "m"}),
            "/rule_set/files",
            "262144 bytes",
        ),
        (_with(events=[{}]), "/events/0/type", "is required"),
        (_with(events=[_set(1, -1, "2026-11-22T18:03:00Z")]), "/events/0/data/reps", "must be a whole number"),
        (_with(events=[_set(-5, 1, "2026-11-22T18:03:00Z")]), "/events/0/data/load/value", "must not be under 0"),
        (_with(events=[_set(1, 1, "2026-11-22T18:03:00Z")] * 5001), "/events", "at most 5000"),
        (_with(more=1), "/more", "unknown field"),
    ],
)
def test_what_is_refused(api: ContractClient, asked: dict[str, Any], pointer: str, message: str) -> None:
    answer = api.post(_PATH, asked)
    assert answer.status == 422
    problem = answer.json["errors"][0]
    assert problem["pointer"] == pointer
    assert message in problem["message"]


def test_more_sessions_than_are_worth_waiting_for(api: ContractClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.engine.simulate.simulation.MOST_PRESCRIPTIONS", 100)
    sets = [_set(225, 5, "2026-11-22T18:03:00Z", session_id=f"s{number}") for number in range(20)]
    answer = api.post(_PATH, {"rule_set": {"files": {}, "programme": "upper-back"}, "events": sets})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/events"
    assert "simulate fewer" in answer.json["errors"][0]["message"]


def test_too_many_sessions_are_refused_before_any_work(api: ContractClient, monkeypatch: pytest.MonkeyPatch) -> None:
    worked = []
    monkeypatch.setattr("service.engine.simulate.simulation.MOST_PRESCRIPTIONS", 100)
    monkeypatch.setattr("service.engine.simulate.simulation.Simulation.take", lambda _, event: worked.append(event))
    days = [_set(225, 5, f"2026-{1 + day // 28:02}-{1 + day % 28:02}T18:03:00Z") for day in range(200)]
    answer = api.post(_PATH, {"rule_set": {"files": {}, "programme": "upper-back"}, "events": days})
    assert answer.status == 422
    assert worked == []


def test_a_key_that_may_only_read_may_simulate(app: Flask, services: Services, gym: str) -> None:
    services.keys.add(gym, f"reader-of-{gym}", created_at=0, scopes=("read",))
    assert ContractClient(app, f"reader-of-{gym}").post(_PATH, _asked()).status == 200


def test_a_body_beyond_any_simulation(api: ContractClient) -> None:
    answer = api.send("POST", _PATH, data=b" " * (4 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    assert answer.status == 413


def test_every_scheme_that_a_simulation_may_use_is_listed(api: ContractClient, services: Services) -> None:
    listed = {each["scheme"]: each for each in api.get("/v1/schemes?limit=1000").json["schemes"]}
    assert listed.keys() == services.rule_sets.library().schemes.keys()
    (stages, *_) = listed["stages"]["params"]
    assert stages["type"] == "table"
    assert [column["name"] for column in stages["columns"]] == ["sets", "reps", "amrap"]
    assert stages["default"][0] == {"sets": 5, "reps": [3, 3], "amrap": True}
    counting = {each["name"]: each for each in listed["linear"]["params"]}["counting"]
    assert counting["of"] == ["in_a_row", "since_change"]
