"""A link that shows one proof to somebody without a key: what it shows, what ends it, and what nobody gets by it."""

from __future__ import annotations

import base64
import json
import logging
import re
from dataclasses import replace
from functools import partial
from typing import Any, Final

import pytest
import structlog
from flask import Flask
from structlog.testing import capture_logs

from service import logs
from service.bootstrap import Services
from service.domain.gyms import Gym
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read
from service.http.app import create_app
from service.store import key_names
from service.store.connections import Client
from service.usecases.gym.api_keys import revoke_key
from service.usecases.gym.proof_links import MOST, make_proof_link
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient

NOTHING: Final = "This link opens nothing: it may have expired, have been revoked, or not be whole"


def log(api: ContractClient, lifter: str) -> str:
    """A lifter with one squat; the path of the proof of what comes next."""
    load = {"value": 100, "unit": "kg"}
    for event_id, of, data in (
        ("p", "programme_assigned", {"programme": "stronglifts"}),
        ("s", "set_logged", {"exercise": "squat", "load": load, "reps": 5, "note": "by <b>bob</b>"}),
    ):
        event = {"event_id": event_id, "type": of, "occurred_at": "2026-11-09T18:00:00Z", "data": data}
        assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201
    found: dict[str, Any] = json.loads(api.get(f"/v1/lifters/{lifter}/prescriptions/squat").text)
    return f"/lifters/{lifter}/proofs/{found['prescription_id']}"


@pytest.fixture
def proof(api: ContractClient) -> str:
    """The path of a proof of Ann's; Bob trains in the same gym."""
    log(api, "bob")
    return log(api, "ann")


def made(browser: Browser, proof: str, days: str = "30") -> Page:
    """What comes of asking for a link."""
    return browser.post(proof, {**browser.get(proof).form("share"), "days": days})


def link_in(page: Page) -> str:
    """The path of the link that a page shows, without the hash."""
    return page.links("/proofs/pl_")[0].removeprefix("http://localhost").partition("?")[0]


@pytest.fixture
def link(browser: Browser, proof: str) -> str:
    """The path of a link to the proof."""
    return link_in(made(browser, proof))


def is_shut(stranger: Browser, path: str) -> bool:
    """Whether what a link would show is nothing, told as of any other; its headers keep it out of everywhere."""
    pages = [stranger.get(path), stranger.get(f"{path}/bundle")]
    assert all(page.headers["Cache-Control"] == "no-store" for page in pages)
    return all(page.status == 404 and NOTHING in page.text for page in pages)


def test_a_link_shows_the_proof_and_nothing_else_of_the_gym(
    browser: Browser, stranger: Browser, proof: str, gym: str
) -> None:
    page = made(browser, proof)
    assert (page.status, page.headers["Cache-Control"]) == (201, "no-store")
    (address,) = [each for each in page.links("/proofs/pl_") if "sha256=" in each]
    shown = stranger.get(address.removeprefix("http://localhost"))
    assert shown.status == 200
    assert "Derived again just now: equal" in shown.text
    assert [heading for heading in re.findall("<h2[^>]*>(.*?)</h2>", shown.html) if heading in page.html][:2] == [
        "In sentences",
        "Rule by rule",
    ]
    assert {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }.items() <= dict(shown.headers).items()
    assert "Set-Cookie" not in shown.headers
    assert '<meta name="robots" content="noindex, nofollow">' in shown.html
    for hidden in ("bob", gym, "<form", "/lifters", "/v1/", "/sign-in", "/settings"):
        assert hidden not in shown.html, hidden
    inner = [each for each in shown.links() if not each.startswith(("https://", "#", "http://localhost/proofs/pl_"))]
    assert inner == [f"{link_in(page)}/bundle"]


def test_its_bundle_holds_without_us(stranger: Browser, link: str) -> None:
    reply = stranger.client.get(f"{link}/bundle")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["Cache-Control"] == "no-store"
    assert all(not each.flaws for each in check(read(reply.data.splitlines(keepends=True))))


def test_its_hash_says_whether_the_proof_is_the_same(stranger: Browser, link: str) -> None:
    assert "NOT equal" in stranger.get(f"{link}?sha256={'0' * 64}").text


def test_questions_in_its_address_are_not_answered(stranger: Browser, link: str, proof: str) -> None:
    other = proof.rpartition("/")[2]
    page = stranger.get(f"{link}?why_not=raise&what_if=yes&against={other}&prescription_id={other}&lifter=bob")
    assert page.status == 200
    assert "Why not raise" not in page.text
    assert "bob" not in page.html


def test_it_lives_as_long_as_was_asked(browser: Browser, proof: str, services: Services, app: Flask) -> None:
    page = made(browser, proof, "2")
    now = services.clock()
    for passed, shut in ((2 * DAY - 60_000_000, False), (2 * DAY, True)):
        later = Browser(create_app(replace(services, clock=partial(int, now + passed))))
        assert is_shut(later, link_in(page)) == shut
    assert not is_shut(Browser(app), link_in(page))


@pytest.mark.parametrize("days", ["0", "366", "-1", "", "1e3", "٣", "99999999999", "1.5"])
def test_days_out_of_bounds_are_refused_at_their_field(browser: Browser, proof: str, days: str) -> None:
    page = made(browser, proof, days)
    assert (page.status, "must be a whole number from 1 to 365" in page.text) == (422, True)
    assert page.links("/proofs/pl_") == []


def test_links_are_listed_and_revoked_one_by_one_and_all(browser: Browser, stranger: Browser, proof: str) -> None:
    paths = [link_in(made(browser, proof)) for _ in range(3)]
    page = browser.get(proof)
    assert all(path not in page.html for path in paths)
    ids = re.findall(r'name="revoke" value="(t_[0-9a-f]{16})"', page.html)
    assert len(ids) == 3
    form = {"csrf_token": page.form("share")["csrf_token"]}
    assert browser.post(proof, {**form, "revoke": ids[0]}).status == 303
    assert sorted(is_shut(stranger, path) for path in paths) == [False, False, True]
    assert browser.post(proof, {**form, "revoke": ""}).status == 303
    assert all(is_shut(stranger, path) for path in paths)
    assert "Revoke all" not in browser.get(proof).text


def test_it_ends_with_the_key_that_made_it(app: Flask, services: Services, gym: str, proof: str) -> None:
    key = services.keys.add(gym, f"audits-{gym}", created_at=0, scopes=("read", "audit"))
    browser = Browser(app)
    browser.sign_in(f"audits-{gym}")
    path = link_in(made(browser, proof))
    assert key.id in browser.get(proof).text
    assert not is_shut(Browser(app), path)
    revoke_key(services, key.id, gym)
    assert is_shut(Browser(app), path)


def test_it_ends_when_its_gym_is_suspended(stranger: Browser, services: Services, gym: str, link: str) -> None:
    services.gyms.put(Gym(gym, suspended_at=1_000_000))
    services.keys.forget([])  # also what is believed for five seconds
    assert is_shut(stranger, link)


def test_it_ends_with_its_lifter(
    api: ContractClient, stranger: Browser, link: str, gym: str, log_server: Client, browser: Browser, proof: str
) -> None:
    form = browser.get(proof).form("share")
    assert api.send("DELETE", "/v1/lifters/ann").status == 200
    assert is_shut(stranger, link)
    assert log_server.execute_command("EXISTS", key_names.proof_links(LifterRef(gym, "ann"))) == 0
    assert browser.post(proof, {**form, "days": "3"}).status == 410


def test_one_too_many_ends_the_one_that_expires_first(
    stranger: Browser, services: Services, gym: str, key: str, proof: str
) -> None:
    maker, ann = services.keys.verify(key), LifterRef(gym, "ann")
    assert maker is not None
    first, *_, last = [
        make_proof_link(services, maker, ann, proof.rpartition("/")[2], days).secret for days in (1, *MOST * [9])
    ]
    assert (is_shut(stranger, f"/proofs/{first}"), is_shut(stranger, f"/proofs/{last}")) == (True, False)


class TestForging:
    """What somebody tries who has a link, or would like one."""

    def test_an_altered_secret(self, stranger: Browser, link: str) -> None:
        for path in (
            link[:-1] + ("A" if link[-1] != "A" else "B"),
            link[:-1],
            f"{link}A",
            f"{link[:-9]}{link[-9:].swapcase()}",
            "/proofs/pl_",
        ):
            assert is_shut(stranger, path), path

    @pytest.mark.parametrize("named", ["{gym}:bob", "{gym}2:ann", "elsewhere:ann", "{gym}", ":", "a:b:c"])
    def test_another_head(self, stranger: Browser, link: str, gym: str, named: str) -> None:
        head = base64.urlsafe_b64encode(named.format(gym=gym).encode()).decode().rstrip("=")
        assert is_shut(stranger, f"/proofs/pl_{head}.{link.rpartition('.')[2]}")

    def test_it_is_no_token_and_no_key(self, app: Flask, stranger: Browser, link: str, proof: str) -> None:
        secret = link.rpartition("/")[2]
        for sent in (secret, secret.replace("pl_", "lt_", 1)):
            assert ContractClient(app, sent).get("/v1/lifters/ann/state").status == 401
        for path in (proof, f"{proof}?link={secret}", "/lifters", "/lifters/ann"):
            assert stranger.client.get(path).status_code == 303
        assert "not known" in stranger.sign_in(secret).text

    def test_a_lifters_token_is_no_link(self, api: ContractClient, stranger: Browser) -> None:
        token = api.post("/v1/lifters/ann/tokens", {"scopes": ["read"]}).json["secret"]
        for sent in (token, token.replace("lt_", "pl_", 1)):
            assert is_shut(stranger, f"/proofs/{sent}")

    def test_another_prescription_in_the_address(self, stranger: Browser, link: str, proof: str) -> None:
        other = proof.rpartition("/")[2]
        for path in (f"{link}/{other}", f"{link}/bundle/{other}", f"{link}/../../lifters"):
            assert stranger.get(path).status == 404

    def test_a_link_for_what_is_no_prescription(self, browser: Browser, proof: str) -> None:
        form = browser.get(proof).form("share")
        for path in ("/lifters/ann/proofs/nonsense", proof.replace("ann", "nobody"), proof[:-1]):
            assert browser.post(path, {**form, "days": "3"}).status == 404
        assert "Revoke all" not in browser.get(proof).text

    def test_a_forged_form_and_a_key_that_may_only_read(self, browser: Browser, reader: Browser, proof: str) -> None:
        assert browser.post(proof, {"days": "3"}).status == 400
        assert reader.post(proof, {"csrf_token": reader.get("/").fields("/sign-out")["csrf_token"]}).status == 403


def test_a_link_is_in_no_line_of_the_log(
    stranger: Browser, link: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
            for path in (link, f"{link}/bundle", f"{link}x", f"{link}/more"):
                stranger.get(path)
    finally:
        logs.configure_terminal_logs()
    seen = [line for line in lines if line.get("operation") == "pages.show_linked_proof"]
    assert seen[0]["token"].startswith("t_")
    written = capfd.readouterr()
    assert link.rpartition(".")[2] not in f"{lines}{caplog.text}{written.out}{written.err}"


def test_looking_counts_for_the_key_that_made_it(app: Flask, services: Services, gym: str, proof: str) -> None:
    services.keys.add(gym, f"slow-key-of-{gym}", created_at=0, rate_limit=5)
    browser = Browser(app)
    browser.sign_in(f"slow-key-of-{gym}")
    path = link_in(made(browser, proof))
    assert [Browser(app).get(path).status for _ in range(4)] == [200, 200, 200, 429]
