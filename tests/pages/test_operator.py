"""The operator's page: who is let in, what is shown, verifying with progress."""

from __future__ import annotations

import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.bootstrap import Services
from service.config import InvalidSetting, Settings
from service.domain.errors import Unavailable
from service.domain.events import SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.http.operator import create_operator_app
from service.store import key_names
from service.store.connections import Client
from service.usecases.lifter.erase import erase
from service.usecases.log.append import append_events
from service.usecases.log.batch import Submission
from service.usecases.operator_token import make_operator_token, operator_sha256
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient
from tests.support.running import eventually

HERE = "http://127.0.0.1:9191"


@pytest.fixture
def settings(services: Services, tmp_path: Path) -> Settings:
    return replace(services.settings, operator_port=9191, data_dir=tmp_path)


@pytest.fixture
def operator(services: Services, settings: Settings) -> Flask:
    look = [("warn", "clocks", "3 s apart <b>", "Run an NTP client")]
    mine = replace(services, settings=settings)
    return create_operator_app(settings, lambda: mine, lambda _: look)


class Operator(Browser):
    """A browser that asks at the operator's address."""

    def __init__(self, app: Flask, base: str = HERE) -> None:
        super().__init__(app)
        self.client = _At(app, base)

    def sign_in(self, key: str, path: str = "/sign-in") -> Page:
        """Show a token."""
        return self.post("/sign-in", {**self.get(path).fields("/sign-in"), "token": key})


class _At(FlaskClient):
    def __init__(self, app: Flask, base: str) -> None:
        super().__init__(app, app.response_class)
        self._base = base

    def open(self, *args: object, **options: object) -> object:  # type: ignore[override]
        """Ask there."""
        return super().open(*args, **{"base_url": self._base, **options})  # type: ignore[arg-type]


@pytest.fixture
def signed_in(operator: Flask, settings: Settings) -> Operator:
    browser = Operator(operator)
    assert browser.sign_in(make_operator_token(settings.data_dir)).status == 303
    return browser


def log(services: Services, gym: str, lifter: str) -> None:
    data = SetLogged("squat", Load(Decimal(100), "kg"), reps=5)
    append_events(services, LifterRef(gym, lifter), [Submission("e", 1_700_000_000_000_000, data)], actor="k")


def test_only_its_own_token_opens_it_and_that_opens_no_gym(
    operator: Flask, app: Flask, settings: Settings, key: str
) -> None:
    browser = Operator(operator)
    assert "Operator’s token" in browser.get("/").text
    assert browser.sign_in(key).status == 422, "a gym's key"
    assert browser.sign_in("").status == 422, "no token was made yet"
    token = make_operator_token(settings.data_dir)
    assert browser.sign_in(f"{token}x").status == 422
    assert browser.client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 303
    made = browser.sign_in(token)
    assert made.status == 303
    cookie = made.headers["Set-Cookie"]
    assert all(each in cookie for each in ("spotter-operator=", "HttpOnly", "SameSite=Strict"))
    assert "How this Spotter is" in browser.get("/").text
    assert ContractClient(app, token).get("/v1/lifters").status == 401
    assert "not known" in Browser(app).sign_in(token).text


def test_the_token_is_kept_as_a_hash_that_its_owner_reads(settings: Settings) -> None:
    token = make_operator_token(settings.data_dir)
    (file,) = settings.data_dir.glob("operator-token*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in file.read_text()
    assert file.read_text() == operator_sha256(settings.data_dir)


def test_another_token_and_signing_out_end_a_session(signed_in: Operator, settings: Settings) -> None:
    assert signed_in.client.get("/").status_code == 200
    make_operator_token(settings.data_dir)
    assert signed_in.client.get("/").status_code == 303
    assert signed_in.sign_in(make_operator_token(settings.data_dir)).status == 303
    signed_in.post("/sign-out", signed_in.get("/").fields("/sign-out"))
    assert signed_in.client.get("/").status_code == 303


@pytest.mark.parametrize(
    "base", ["http://evil.example:9191", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:8080"]
)
def test_another_host_is_refused(operator: Flask, settings: Settings, base: str) -> None:
    token = make_operator_token(settings.data_dir)
    rebound = Operator(operator, base)
    refused = rebound.get("/sign-in")
    assert (refused.status, "has no other name" in refused.text) == (421, True)
    assert rebound.post("/sign-in", {"token": token}).status == 421


def test_a_forged_form_begins_nothing(signed_in: Operator, operator: Flask) -> None:
    assert signed_in.post("/verification", {"do": "begin"}).status == 400
    assert signed_in.post("/verification", {"do": "begin", "csrf_token": "x"}).status == 400
    assert "Under way" not in signed_in.get("/").text
    stranger = Operator(operator)
    token = stranger.get("/sign-in").fields("/sign-in")["csrf_token"]
    assert stranger.post("/verification", {"do": "begin", "csrf_token": token}).headers["Location"] == "/sign-in"


def test_it_shows_how_everything_is(signed_in: Operator, services: Services, gym: str) -> None:
    for lifter in ("ann", "bob"):
        log(services, gym, lifter)
    erase(services, LifterRef(gym, "bob"), by="k")
    page = signed_in.get("/")
    for said in (
        "Lifters behind",
        "Partitions at work",
        "Workers",
        "Queues",
        "Memory of the log’s servers",
        "Erasures",
    ):
        assert said in page.text
    assert "MiB of" in page.text
    assert page.html.count("<script") == 1
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    closer = signed_in.get("/?closer=yes")
    assert "clocks warn 3 s apart <b> Run an NTP client" in closer.text
    assert signed_in.get("/nothing").status == 404


def test_everything_is_verified_with_progress(
    signed_in: Operator, services: Services, gym: str, log_server: Client
) -> None:
    log(services, gym, "ann")
    log(services, gym, "dan")
    damaged = key_names.log(LifterRef(gym, "dan"))
    log_server.execute_command("XADD", damaged, "2-0", "event", b'["x",99]', "sha256", bytes(32))
    page = signed_in.get("/")
    assert signed_in.post("/verification", {**page.fields("/verification"), "do": "begin"}).status == 303
    eventually(lambda: "lifters, verified" in signed_in.get("/").text, "it comes to its end")
    page = signed_in.get("/")
    assert f"dan of {gym}, version 2" in page.text
    assert f"ann of {gym}" not in page.text
    assert "<progress" not in page.html
    assert signed_in.post("/verification", {**page.fields("/verification"), "do": "stop"}).status == 303


def test_what_does_not_answer_is_said(settings: Settings) -> None:
    def gone() -> Services:
        raise Unavailable("the database does not answer")

    browser = Operator(create_operator_app(settings, gone, lambda _: []))
    browser.sign_in(make_operator_token(settings.data_dir))
    page = browser.get("/")
    assert (page.status, "The database does not answer." in page.text) == (503, True)


@pytest.mark.parametrize("said", ["0", "127.0.0.1:9191", "0.0.0.0:9191", "65536"])
def test_it_is_off_unless_a_port_is_set_and_has_no_address_but_this_machines(said: str) -> None:
    assert Settings.from_environment({}).operator_port is None
    assert Settings.from_environment({"SPOTTER_OPERATOR_PORT": "9191"}).operator_port == 9191
    with pytest.raises(InvalidSetting):
        Settings.from_environment({"SPOTTER_OPERATOR_PORT": said})
