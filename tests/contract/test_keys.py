"""Keys: who may ask, and what is told to those who may not."""

import json

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.api_keys import SCOPES
from service.domain.gyms import Gym
from service.store.connections import Client
from service.store.key_names import API_KEYS
from tests.support.contract import ContractClient, operations

_EVENTS = "/v1/lifters/ann/events"
_SCOPED = [
    pytest.param(method.upper(), path.replace("{", "").replace("}", ""), *scopes, id=operation["operationId"])
    for path, method, operation in operations()
    for scopes in (need["key"] for need in operation.get("security", ()) if "key" in need)
]


@pytest.mark.parametrize(("method", "path", "scope"), _SCOPED)
def test_every_operation_under_v1_needs_a_key(app: Flask, method: str, path: str, scope: str) -> None:
    del scope
    response = ContractClient(app, None).send(method, path, data=b"{")
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic a2V5OmtleQ==",
        "Bearer k\u00e9y",
        "Bearer \u00ff",
        "Bearer " + "x" * 5000,
        "Bearer *",
        "wrong",
    ],
)
def test_what_is_no_key(app: Flask, authorization: str) -> None:
    """docs/faults.md, 23."""
    client = ContractClient(app, None)
    assert client.send("GET", "/v1/exercises", headers={"Authorization": authorization}).status == 401


def test_without_a_key_nothing_is_told_of_paths_and_methods(app: Flask) -> None:
    client = ContractClient(app, None)
    assert client.get("/v1/no/such/path").status == 401
    assert client.send("DELETE", "/v1/exercises").status == 401
    assert client.get("/v1").status == 401


def test_the_scheme_is_read_in_any_case(app: Flask, key: str) -> None:
    client = ContractClient(app, None)
    assert client.send("GET", "/v1/exercises", headers={"Authorization": f"bEARER {key}"}).status == 200


@pytest.mark.parametrize(("method", "path", "scope"), _SCOPED)
def test_each_operation_takes_the_scope_that_the_contract_names_and_no_other(
    app: Flask, services: Services, gym: str, method: str, path: str, scope: str
) -> None:
    others = tuple(other for other in SCOPES if other != scope)
    services.keys.add(gym, f"other-keys-of-{gym}", created_at=0, scopes=others)
    services.keys.add(gym, f"key-of-{gym}", created_at=0, scopes=(scope,))
    refused = ContractClient(app, f"other-keys-of-{gym}").send(method, path, data=b"{")
    assert (refused.status, refused.json["type"]) == (403, "/problems/forbidden")
    assert refused.json["detail"].endswith(f" {scope}")
    assert ContractClient(app, f"key-of-{gym}").send(method, path, data=b"{").status != 403


def test_a_key_stored_before_audit_was_a_scope_may_audit_if_it_may_read(
    app: Flask, services: Services, gym: str, log_server: Client
) -> None:
    for old, status in ((["read", "write", "admin"], 404), (["write", "admin"], 403)):
        added = services.keys.add(gym, f"{status}-key-of-{gym}", created_at=7)
        stored = {"id": added.id, "sha256": added.sha256, "gym": gym, "scopes": old, "created_at": 7}
        log_server.execute_command("HSET", API_KEYS, added.id, json.dumps(stored))
        why = ContractClient(app, f"{status}-key-of-{gym}").get("/v1/lifters/ann/derivations/x/why")
        assert why.status == status


def test_a_key_that_expired_or_was_revoked_is_told_so(app: Flask, services: Services, gym: str) -> None:
    """docs/faults.md, 23."""
    services.keys.add(gym, f"expired-key-of-{gym}", created_at=0, expires_at=1_000_000)
    answer = ContractClient(app, f"expired-key-of-{gym}").get("/v1/exercises")
    assert (answer.status, answer.json["detail"]) == (401, "this API key expired at 1970-01-01T00:00:01Z")


def test_a_suspended_gyms_keys_are_refused(app: Flask, services: Services, gym: str, key: str) -> None:
    services.gyms.put(Gym(gym, suspended_at=1_000_000))
    answer = ContractClient(app, key).get("/v1/exercises")
    assert (answer.status, answer.json["type"]) == (403, "/problems/gym-suspended")


def test_a_key_is_never_repeated(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    """docs/faults.md, 23."""
    response = ContractClient(app, "sk_secret").get("/v1/exercises")
    assert "sk_secret" not in response.text
    assert "sk_secret" not in "".join(capfd.readouterr())


def test_a_browser_that_is_signed_in_is_nobody_here(app: Flask, services: Services, key: str) -> None:
    """What a browser sends by itself opens pages, and nothing that a page of another origin could ask for."""
    known = services.keys.verify(key)
    assert known is not None
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["session"] = services.browser_sessions.begin(known.sha256)
    assert browser.get("/lifters").status_code == 200
    for method, path in (
        ("GET", "/v1/exercises"),
        ("GET", "/v1/lifters"),
        ("POST", "/v1/tickets"),
        ("GET", "/v1/changes"),
    ):
        answer = browser.open(path, method=method)
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (401, None)


def test_an_event_names_the_key_that_wrote_it(api: ContractClient, services: Services, key: str) -> None:
    event = {"event_id": "a", "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}
    api.post(_EVENTS, event)
    known = services.keys.verify(key)
    assert known is not None
    assert [event["actor"] for event in api.get(_EVENTS).json["events"]] == [known.id]


class TestRateLimits:
    def test_every_reply_tells_where_the_key_stands(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"slow-key-of-{gym}", created_at=0, rate_limit=3)
        client = ContractClient(app, f"slow-key-of-{gym}")
        answers = [client.get("/v1/exercises"), client.get("/v1/nothing"), client.post(_EVENTS, {})]
        assert [answer.status for answer in answers] == [200, 404, 422]
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"key";q=3;w=60'}
        assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
            f'"key";r={left}' for left in (2, 1, 0)
        ]
        refused = client.get("/v1/exercises")
        assert (refused.status, refused.json["type"]) == (429, "/problems/rate-limit-exceeded")
        assert refused.headers["RateLimit"] == f'"key";r=0;t={refused.headers["Retry-After"]}'

    def test_a_key_without_a_limit_of_its_own_has_that_of_the_settings(self, app: Flask, key: str) -> None:
        policy = ContractClient(app, key).get("/v1/exercises").headers["RateLimit-Policy"]
        assert policy == '"key";q=300000;w=60'

    def test_whoever_needs_no_key_has_no_limit(self, app: Flask) -> None:
        assert "RateLimit" not in ContractClient(app, None).get("/livez").headers
        assert "RateLimit" not in ContractClient(app, None).get("/v1/exercises").headers
