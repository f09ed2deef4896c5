"""The phone's workout screen, in a real browser, on a lifter's token alone and from an origin of its own."""

import functools
import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import NEEDS_CHROMIUM, chromium
from tests.support.running import PATIENCE_SECONDS, RunningSpotter, eventually

_FOLDER = Path(__file__).parents[2] / "clients" / "phone"

pytestmark = [pytest.mark.long, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """Where the page is served from: another origin than Spotter's."""
    handler = functools.partial(_Quiet, directory=str(_FOLDER))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory, pages: str) -> Iterator[RunningSpotter]:
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_CORS_ORIGINS=pages) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has nothing stored; what it says is wrong with it fails the test."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def _ask(spotter: RunningSpotter, method: str, path: str, body: Any = None) -> Any:
    """What the gym's server asks with its key."""
    request = urllib.request.Request(  # noqa: S310 - the URL is http, and ours
        f"{spotter.url}{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {spotter.key}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310 - likewise
        text = reply.read()
        return json.loads(text) if text else None


def _log(spotter: RunningSpotter, lifter: str, event_id: str, kind: str, **data: Any) -> None:
    event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-20T17:00:00Z", "data": data}
    _ask(spotter, "POST", f"/v1/lifters/{lifter}/events", event)


def _starts(spotter: RunningSpotter, lifter: str) -> None:
    """The gym gives a lifter a programme that begins with deadlifts."""
    _log(spotter, lifter, "p", "programme_assigned", programme="upper-back")
    _log(spotter, lifter, "b", "baseline_set", exercise="deadlift", load={"value": 100, "unit": "kg"})


def _address(spotter: RunningSpotter, pages: str, lifter: str) -> str:
    """What the gym's server sends the lifter's browser to."""
    wanted = {"scopes": ["read", "write"], "lifetime_s": 3600}
    token = _ask(spotter, "POST", f"/v1/lifters/{lifter}/tokens", wanted)["secret"]
    return f"{pages}/index.html#{urlencode({'spotter': spotter.url, 'lifter': lifter, 'token': token})}"


def _sets(spotter: RunningSpotter, lifter: str) -> list[Any]:
    events = _ask(spotter, "GET", f"/v1/lifters/{lifter}/events")["events"]
    return [event["data"] for event in events if event["type"] == "set_logged"]


def test_a_workout(spotter: RunningSpotter, pages: str, phone: Page) -> None:
    _starts(spotter, "ann")
    phone.goto(_address(spotter, pages, "ann"))
    expect(phone.locator("h1")).to_have_text("Deadlift and heavy row")
    assert "token" not in phone.url
    card = phone.locator("section").first
    expect(card.locator("h2")).to_have_text("Deadlift")
    expect(card.locator(".next")).to_have_text("100 kg, 4-6 reps, 1-2 in reserve")

    assert card.get_by_label("load").input_value() == "100"
    card.get_by_label("reps").fill("6")
    card.get_by_label("in reserve").fill("1")
    card.get_by_role("button", name="Log").click()
    expect(phone.get_by_role("status")).to_have_text("Saved.")
    expect(card.locator(".next")).to_have_text("105 kg, 4-6 reps, 1-2 in reserve")
    card.get_by_text("Why").click()
    expect(card.get_by_text("6 reps at 100 kg is the top of 4-6: 105 kg next.")).to_be_visible()
    card.get_by_text("Progress").click()
    expect(card.locator("polyline")).to_have_count(1)
    expect(card.get_by_text("One-rep max by estimate: 120 kg, best 120 kg")).to_be_visible()

    phone.get_by_role("button", name="Finish the session").click()
    expect(phone.locator("h1")).not_to_have_text("Deadlift and heavy row")
    expect(phone.get_by_role("button", name="Finish the session")).to_be_hidden()
    load = {"value": 100, "unit": "kg"}
    assert _sets(spotter, "ann") == [{"exercise": "deadlift", "slot": "a/hinge", "load": load, "reps": 6, "rir": 1}]


def test_what_another_device_logs_is_seen(spotter: RunningSpotter, pages: str, phone: Page) -> None:
    _starts(spotter, "bob")
    phone.goto(_address(spotter, pages, "bob"))
    place = phone.locator("section .next").first
    expect(place).to_have_text("100 kg, 4-6 reps, 1-2 in reserve")
    with phone.expect_response(lambda reply: "/v1/changes?ticket=" in reply.url and reply.status == 200):
        phone.reload()
    _log(spotter, "bob", "s", "baseline_set", exercise="deadlift", load={"value": 120, "unit": "kg"})
    expect(place).to_have_text("120 kg, 4-6 reps, 1-2 in reserve")


def test_what_is_typed_outlives_what_another_device_logs(spotter: RunningSpotter, pages: str, phone: Page) -> None:
    _starts(spotter, "eve")
    phone.goto(_address(spotter, pages, "eve"))
    card = phone.locator("section").first
    card.get_by_label("reps").fill("3")
    card.get_by_label("reps").blur()
    for load in (110, 120):
        _log(spotter, "eve", f"b{load}", "baseline_set", exercise="deadlift", load={"value": load, "unit": "kg"})
        expect(card.locator(".next")).to_have_text(f"{load} kg, 4-6 reps, 1-2 in reserve")
        assert card.get_by_label("load").input_value() == str(load)
        assert card.get_by_label("reps").input_value() == "3"
    card.get_by_role("button", name="Log").click()
    expect(phone.get_by_role("status")).to_have_text("Saved.")
    expect(card.get_by_label("reps")).to_have_value("6")
    assert [data["reps"] for data in _sets(spotter, "eve")] == [3]


def test_a_set_is_kept_without_a_network_and_arrives_once(spotter: RunningSpotter, pages: str, phone: Page) -> None:
    _starts(spotter, "cy")
    phone.goto(_address(spotter, pages, "cy"))
    card = phone.locator("section").first
    card.get_by_label("reps").fill("5")
    phone.context.set_offline(True)
    card.get_by_role("button", name="Log").click()
    expect(phone.get_by_role("status")).not_to_be_empty()
    phone.context.set_offline(False)
    expect(phone.get_by_role("status")).to_have_text("Saved.")
    eventually(lambda: bool(_sets(spotter, "cy")), "the set arrives")
    outbox = f"outbox of cy at {spotter.url}"
    phone.wait_for_function("outbox => localStorage.getItem(outbox) === '[]'", arg=outbox)
    assert [data["reps"] for data in _sets(spotter, "cy")] == [5]


def test_a_set_waits_until_the_lifter_has_signed_in_again(spotter: RunningSpotter, pages: str, phone: Page) -> None:
    _starts(spotter, "dan")
    phone.goto(_address(spotter, pages, "dan"))
    card = phone.locator("section").first
    card.get_by_label("reps").fill("4")
    _ask(spotter, "DELETE", "/v1/lifters/dan/tokens")
    card.get_by_role("button", name="Log").click()
    expect(phone.get_by_role("status")).to_have_text("Please sign in again: what you did is kept here until then.")
    assert _sets(spotter, "dan") == []
    phone.goto("about:blank")  # from where the gym's server leads back
    phone.goto(_address(spotter, pages, "dan"))
    expect(phone.get_by_role("status")).to_have_text("Saved.")
    assert [data["reps"] for data in _sets(spotter, "dan")] == [4]


def test_the_page_is_short() -> None:
    files = [file for file in _FOLDER.iterdir() if file.is_file()]
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 200
