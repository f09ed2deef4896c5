"""Coming in: signing in with a key or a link, what ends a session, and what others may try."""

import dataclasses
import re
import tempfile

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.api_keys import SCOPES
from service.http.app import create_app
from service.http.pages.browsers import BY_LINK, COOKIES, NEEDED
from service.store.browser_sessions import BrowserSessions
from service.store.connections import connect
from service.usecases.gym.api_keys import revoke_key
from service.usecases.gym.browser_sessions import offer_sign_in
from tests.support.browser import Browser


def test_the_first_page_is_for_everybody_and_says_whether_it_is_well(stranger: Browser) -> None:
    page = stranger.get("/")
    assert page.status == 200
    assert re.search(r"Everything is well|Not everything is well", page.text)
    assert {"/docs", "/problems", "/lifters"} <= {*page.links()}


def test_a_key_signs_in_and_leads_to_the_page_that_was_asked_for(stranger: Browser, key: str) -> None:
    assert "API key" in stranger.get("/lifters?after=ann").text
    there = stranger.sign_in(key, "/lifters?after=ann")
    assert (there.status, there.headers["Location"]) == (303, "/lifters?after=ann")
    assert stranger.get("/lifters").status == 200


def test_the_cookie_is_for_this_host_alone_and_no_script(stranger: Browser, key: str) -> None:
    (cookie,) = stranger.sign_in(key).headers.get_all("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {*cookie.split("; ")}
    assert key not in cookie
    page = stranger.client.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    stranger.client.delete_cookie("spotter")
    page = stranger.client.get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in page.headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("presented", ["wrong", "", "sk_" + "x" * 300, "é"])
def test_what_is_no_key_is_refused_beside_its_field(stranger: Browser, presented: str) -> None:
    page = stranger.sign_in(presented)
    assert page.status == 422
    assert 'aria-invalid="true"' in page.html
    assert stranger.get("/lifters").links("/lifters/") == []


def test_a_link_signs_in_once_and_not_by_being_looked_at(
    stranger: Browser, app: Flask, services: Services, gym: str, key: str
) -> None:
    assert key
    link = offer_sign_in(services, gym)
    for _ in range(2):
        form = stranger.get(f"/sign-in?link={link}").fields("/sign-in")
    assert stranger.post("/sign-in", form).status == 303
    assert "Lifters" in stranger.get("/lifters").text
    again = Browser(app)
    refused = again.post("/sign-in", again.get(f"/sign-in?link={link}").fields("/sign-in"))
    assert (refused.status, "used already" in refused.text) == (404, True)


def test_a_gym_without_a_valid_key_has_no_link(services: Services, gym: str) -> None:
    assert offer_sign_in(services, gym) is None


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(browser: Browser, app: Flask) -> None:
    kept = browser.cookie
    assert kept is not None
    assert browser.sign_out().status == 303
    thief = Browser(app)
    thief.client.set_cookie("spotter", kept)
    assert "API key" in thief.get("/lifters").text


def test_revoking_the_key_ends_the_session(browser: Browser, services: Services, gym: str) -> None:
    assert "Sign out" in browser.get("/lifters").text
    (key,) = services.keys.of(gym)
    revoke_key(services, key.id, gym)
    assert "API key" in browser.get("/lifters").text


def test_signing_in_makes_a_new_session(browser: Browser, key: str) -> None:
    """Session fixation: what somebody else put into the browser before is worth nothing after."""
    before = browser.cookie
    browser.sign_in(key)
    assert browser.cookie != before


@pytest.mark.parametrize(("path", "action"), [("/sign-in", "/sign-in"), ("/", "/sign-out")])
def test_a_forged_form_is_refused(browser: Browser, path: str, action: str) -> None:
    for token in (None, "", "forged"):
        fields = {**browser.get(path).fields(action), "key": "k"} | ({} if token is None else {"csrf_token": token})
        if token is None:
            del fields["csrf_token"]
        assert browser.post(action, fields).status == 400
    assert "Sign out" in browser.get("/lifters").text


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "evil"],
)
def test_signing_in_leads_to_no_other_host(stranger: Browser, key: str, there: str) -> None:
    form = stranger.get("/sign-in").fields("/sign-in")
    assert stranger.post("/sign-in", {**form, "key": key, "next": there}).headers["Location"] == "/lifters"


def test_a_cookie_opens_nothing_of_the_api(browser: Browser) -> None:
    assert browser.get("/lifters").status == 200
    assert browser.client.get("/v1/lifters").status_code == 401
    assert "Set-Cookie" not in browser.client.get("/v1/lifters").headers


def test_a_missing_scope_explains_itself(reader: Browser, browser: Browser) -> None:
    assert browser.get("/lifters").status == reader.get("/lifters").status == 200
    refused = reader.get("/lifters/ann/proofs/x")
    assert refused.status == 403
    assert "needs the scope audit" in refused.text


def test_every_page_says_what_it_needs(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("pages.")}
    assert pages == COOKIES | BY_LINK | {"pages.get_part"}
    assert set(SCOPES) >= {*NEEDED.values()}


def test_a_database_that_does_not_answer_is_said_on_a_page(services: Services) -> None:
    """docs/faults.md, 5; and a process that was started meanwhile serves pages once it answers."""
    with tempfile.TemporaryDirectory() as folder:
        gone = BrowserSessions(connect(f"unix://{folder}/nobody.sock"))
        stranger = Browser(create_app(dataclasses.replace(services, browser_sessions=gone)))
        assert stranger.get("/").status == 200
        for path in ("/sign-in", "/lifters"):
            page = stranger.get(path)
            assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
            assert page.headers["Retry-After"] == "1"
            assert "the database does not answer" in page.text


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "application/json"])
def test_what_there_is_not_is_a_page_for_a_browser_alone(app: Flask, accept: str) -> None:
    for path, page in (("/nothing", True), ("/lifters/", False), ("/v1/nothing", False)):
        reply = app.test_client().get(path, headers={"Accept": accept, "Authorization": "Bearer none"})
        is_page = "<!doctype html>" in reply.text
        assert is_page == (page and accept.startswith("text/html"))
        assert reply.status_code == {"/nothing": 404, "/lifters/": 308, "/v1/nothing": 401}[path]


def test_pages_let_nothing_in_from_elsewhere(browser: Browser) -> None:
    for path in ("/", "/sign-in", "/lifters", "/lifters/nobody"):
        page = browser.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["X-Frame-Options"] == "DENY"
        assert not re.search(r'https?://|<script| style="| on\w+="', page.beside_our_script)
