"""Problems that are nobody's field: paths, methods, faults of ours, databases that are gone; request ids."""

import dataclasses
import json
import logging
import re
from typing import NoReturn

import pytest
import structlog
from flask import Flask

from service.bootstrap import Services
from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.http.app import create_app
from service.logs import configure_logs, configure_terminal_logs
from service.store.connections import connect
from service.store.log import EventLog
from service.store.wake import Wake
from service.store.workers import Workers
from tests.support.contract import CONTRACT, METHODS, ContractClient
from tests.support.running import free_port

_A_WISH = {"event_id": "a1", "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}


class _Gone:
    """A client of a database that does not answer."""

    def execute_command(self, *_: object) -> NoReturn:
        raise Unavailable("the database does not answer", retry_after=7)

    def pipeline(self, *, transaction: bool) -> NoReturn:
        del transaction
        self.execute_command()


def _broken_clock() -> Instant:
    raise ZeroDivisionError("a secret of the inside")


@pytest.mark.parametrize(
    "path", ["/nothing", "/v2", "/livez/x", "/v1//exercises", "/v1/lifter", "/v1/lifters/a/b/c", "/docs/x"]
)
def test_paths_that_do_not_exist(api: ContractClient, path: str) -> None:
    response = api.get(path)
    assert response.status == 404
    assert response.json["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/exercises", "GET, HEAD, OPTIONS"),
        ("PUT", "/v1/lifters/ann/events", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/v1/lifters/ann", "DELETE, OPTIONS"),
        ("POST", "/livez", "GET, HEAD, OPTIONS"),
        ("TRACE", "/readyz", "GET, HEAD, OPTIONS"),
        ("BREW", "/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_methods_that_are_not_allowed(api: ContractClient, method: str, path: str, allowed: str) -> None:
    response = api.send(method, path)
    assert response.status == 405
    assert response.headers["Allow"] == allowed
    assert response.json["type"] == "/problems/method-not-allowed"


def test_every_path_says_what_it_takes(api: ContractClient) -> None:
    for path, item in CONTRACT["paths"].items():
        answer = api.send("OPTIONS", re.sub(r"{\w+}", "x", path))
        methods = {method.upper() for method in METHODS if method in item}
        wanted = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert (answer.status, answer.headers["Allow"]) == (204, ", ".join(sorted(wanted))), path
        assert answer.data == b""


def test_under_v1_also_that_takes_a_key(app: Flask) -> None:
    assert ContractClient(app, None).send("OPTIONS", "/v1/exercises").status == 401


@pytest.mark.parametrize("path", [path for path, item in CONTRACT["paths"].items() if "get" in item])
def test_head_is_get_without_the_body(api: ContractClient, path: str) -> None:
    there = path.format(
        asset="swagger-ui.css",
        kind="not-found",
        lifter="a",
        exercise="b",
        prescription_id="c",
        key_id="k_0000000000000000",
        webhook_id="wh_0000000000000000",
        scheme="linear",
        programme="default",
        digest="0" * 64,
        import_id="0" * 16,
        rollout="ro_0000000000000000",
        backtest="bt_0000000000000000",
    )
    head, get = api.send("HEAD", there), api.get(there)
    assert (head.status, head.media_type, head.data) == (get.status, get.media_type, b"")
    assert set(head.headers.keys()) == set(get.headers.keys())


def test_a_fault_of_ours_shows_nothing_and_is_logged(
    services: Services, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    api = ContractClient(create_app(dataclasses.replace(services, clock=_broken_clock)), key)
    response = api.post("/v1/lifters/ann/events", _A_WISH)
    assert response.status == 500
    assert "secret" not in response.text
    logged = "".join(capfd.readouterr())
    assert "a secret of the inside" in logged
    assert response.json["request_id"] in logged


def test_a_database_that_is_gone_is_503_with_retry_after(services: Services, key: str) -> None:
    """docs/faults.md, 4 and 5."""
    api = ContractClient(create_app(dataclasses.replace(services, log=EventLog(_Gone()))), key)
    for response in (api.post("/v1/lifters/ann/events", _A_WISH), api.get("/v1/lifters/ann/events")):
        assert response.status == 503
        assert response.headers["Retry-After"] == "7"
        assert response.json["type"] == "/problems/unavailable"


def test_readiness_says_which_part_is_unwell(services: Services) -> None:
    """docs/faults.md, 5."""
    gone = "unix:///nonexistent/spotter.sock"
    app = create_app(dataclasses.replace(services, wake=Wake(gone), workers=Workers(gone)))
    response = ContractClient(app, None).get("/readyz")
    assert response.status == 503
    parts = response.json["parts"]
    assert {name: part["status"] for name, part in parts.items()} == {
        "log": "ok",
        "disk": "ok",
        "queue": "unwell",
        "rules": "ok",
        "workers": "degraded",
        "sweeper": "degraded",
    }
    assert ContractClient(app, None).get("/livez").status == 200


class TestRequestIds:
    def test_a_good_one_is_kept(self, api: ContractClient) -> None:
        response = api.get("/v1/nothing", X_Request_Id="trace-1.2_3")
        assert response.headers["X-Request-Id"] == response.json["request_id"] == "trace-1.2_3"

    @pytest.mark.parametrize("offered", ["", "two words", "x" * 65, "caf\u00e9", '"quoted"', "a;b"])
    def test_another_is_replaced(self, api: ContractClient, offered: str) -> None:
        """docs/faults.md, 21."""
        assert api.get("/v1/nothing", X_Request_Id=offered).headers["X-Request-Id"] != offered

    def test_each_request_has_its_own(self, app: Flask) -> None:
        client = ContractClient(app, None)
        assert client.get("/livez").headers["X-Request-Id"] != client.get("/livez").headers["X-Request-Id"]


def test_a_problem_is_json_whatever_the_client_accepts(api: ContractClient) -> None:
    response = api.get("/v1/nothing", Accept="text/html")
    assert response.media_type == "application/problem+json"
    assert "<" not in json.dumps(response.json)


def test_logs_are_json_and_hold_no_key(app: Flask, gym: str, key: str, capfd: pytest.CaptureFixture[str]) -> None:
    api = ContractClient(app, key)
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        configure_logs()
        structlog.configure(cache_logger_on_first_use=False)  # the tests that follow log elsewhere
        logging.getLogger("service.store.wake").warning("cannot wake")
        answer = api.post("/v1/lifters/marie-curie/events", {**_A_WISH, "data": {"reason": 5}})
    finally:
        logging.root.handlers[:], logging.root.level = handlers, level
        configure_terminal_logs()
    printed = capfd.readouterr().err
    foreign, own = [json.loads(line) for line in printed.splitlines()]
    assert (foreign["event"], foreign["level"]) == ("cannot wake", "warning")
    assert (own["problem"], own["request_id"]) == ("invalid-input", answer.json["request_id"])
    assert (own["gym"], own["lifter"], own["status"]) == (gym, LifterRef(gym, "marie-curie").log_name, 422)
    assert key not in printed


def test_a_database_that_is_away_is_not_told_of_by_its_address(
    services: Services, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """docs/faults.md, 32: the log has it."""
    address = f"127.0.0.1:{free_port()}"
    away = dataclasses.replace(services, log=EventLog(connect(f"redis://{address}")))
    api = ContractClient(create_app(away), key)
    handlers, level = logging.root.handlers[:], logging.root.level
    try:
        configure_logs()
        structlog.configure(cache_logger_on_first_use=False)  # the tests that follow log elsewhere
        answer = api.get("/v1/lifters/ann/events")
    finally:
        logging.root.handlers[:], logging.root.level = handlers, level
        configure_terminal_logs()
    assert (answer.status, answer.json["detail"]) == (503, "the database does not serve this just now")
    assert address not in answer.text
    assert address in capfd.readouterr().err
