"""Keys: who may ask, and what is told to those who may not."""

import pytest
from flask import Flask

from service.bootstrap import Services
from tests.support.contract import ContractClient, operations

_EVENTS = "/v1/lifters/ann/events"
_UNDER_V1 = [
    pytest.param(method.upper(), path.replace("{", "").replace("}", ""), id=operation["operationId"])
    for path, method, operation in operations()
    if path.startswith("/v1/")
]


@pytest.mark.parametrize(("method", "path"), _UNDER_V1)
def test_every_operation_under_v1_needs_a_key(app: Flask, method: str, path: str) -> None:
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


@pytest.mark.parametrize(("scope", "status"), [("read", (404, 403)), ("write", (403, 422)), ("admin", (403, 403))])
def test_scopes(app: Flask, services: Services, gym: str, scope: str, status: tuple[int, int]) -> None:
    services.keys.add(gym, f"{scope}-key-of-{gym}", created_at=0, scopes=(scope,))
    client = ContractClient(app, f"{scope}-key-of-{gym}")
    assert (client.get(_EVENTS).status, client.post(_EVENTS, {}).status) == status


def test_a_key_is_never_repeated(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    """docs/faults.md, 23."""
    response = ContractClient(app, "sk_secret").get("/v1/exercises")
    assert "sk_secret" not in response.text
    assert "sk_secret" not in "".join(capfd.readouterr())


def test_an_event_names_the_key_that_wrote_it(api: ContractClient, services: Services, key: str) -> None:
    event = {"event_id": "a", "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}
    api.post(_EVENTS, event)
    known = services.keys.verify(key)
    assert known is not None
    assert [event["actor"] for event in api.get(_EVENTS).json["events"]] == [known.id]
