"""Pages of other origins: those that are configured may ask, without cookies, and no others."""

import dataclasses

import pytest
from flask import Flask

from service.bootstrap import Services
from service.http.app import create_app
from tests.support.contract import Answer, ContractClient

_ORIGIN = "https://app.example"
_PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
_EXERCISES = "/v1/exercises"


def _said(answer: Answer) -> list[str]:
    """The headers in which something is said of origins."""
    return [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.fixture(scope="module")
def open_app(services: Services) -> Flask:
    settings = dataclasses.replace(services.settings, cors_origins=(_ORIGIN, "http://localhost:5173"))
    return create_app(dataclasses.replace(services, settings=settings))


@pytest.mark.parametrize("origin", [_ORIGIN, "http://localhost:5173"])
def test_a_configured_origin_may_ask_and_need_not_say_who_it_is_for_that(open_app: Flask, origin: str) -> None:
    answer = ContractClient(open_app, None).send("OPTIONS", _EXERCISES, headers={"Origin": origin, **_PREFLIGHT})
    assert (answer.status, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"POST", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_it_may_read_what_it_is_answered_whatever_that_is(open_app: Flask, key: str) -> None:
    for client, path, status in (
        (ContractClient(open_app, key), _EXERCISES, 200),
        (ContractClient(open_app, key), "/v1/lifters/nobody/state", 404),
        (ContractClient(open_app, key), "/v1/nothing", 404),
        (ContractClient(open_app, None), _EXERCISES, 401),
    ):
        answer = client.get(path, Origin=_ORIGIN)
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == _ORIGIN
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"} <= exposed
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "https://app.example.evil.example",
        "https://evil.app.example",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example/",
        "HTTPS://APP.EXAMPLE",
        "https://app.example, https://evil.example",
    ],
)
def test_any_other_is_told_nothing(open_app: Flask, key: str, origin: str) -> None:
    asked = ContractClient(open_app, None).send("OPTIONS", _EXERCISES, headers={"Origin": origin, **_PREFLIGHT})
    assert asked.status == 401
    for answer in (asked, ContractClient(open_app, key).get(_EXERCISES, Origin=origin)):
        assert _said(answer) == []
        assert "Origin" in answer.headers["Vary"]  # a cache must not give one origin what another was answered


def test_where_none_is_configured_nothing_is_said_of_origins(app: Flask, key: str) -> None:
    asked = ContractClient(app, None).send("OPTIONS", _EXERCISES, headers={"Origin": _ORIGIN, **_PREFLIGHT})
    assert asked.status == 401
    answer = ContractClient(app, key).get(_EXERCISES, Origin=_ORIGIN)
    assert _said(answer) == []
    assert "Origin" not in answer.headers["Vary"]


def test_what_needs_no_key_is_for_no_page_of_another_origin(open_app: Flask) -> None:
    answer = ContractClient(open_app, None).get("/metrics", Origin=_ORIGIN)
    assert _said(answer) == []


def test_options_that_are_no_preflight_need_a_key_as_ever(open_app: Flask, key: str) -> None:
    assert ContractClient(open_app, None).send("OPTIONS", _EXERCISES, headers={"Origin": _ORIGIN}).status == 401
    answer = ContractClient(open_app, key).send("OPTIONS", _EXERCISES, headers={"Origin": _ORIGIN})
    assert (answer.status, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
