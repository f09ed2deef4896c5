"""What goes on in a gym: its changes, its keys, its webhooks, and finding a lifter."""

from __future__ import annotations

import re

from flask import Flask

from service.bootstrap import Services
from service.domain.instants import SECOND
from service.domain.webhooks import Attempt, DeadLetter
from service.store import key_names
from service.usecases.gym import feed
from service.usecases.gym.sandbox import set_clock
from service.usecases.projection.drain import drain
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient
from tests.support.hooks import train
from tests.support.sandboxes import sandbox_at


def log(api: ContractClient, lifter: str, event_id: str, load: float) -> None:
    data = {"exercise": "squat", "load": {"value": load, "unit": "kg"}, "reps": 5}
    event = {"event_id": event_id, "type": "set_logged", "occurred_at": "2026-11-09T18:00:00Z", "data": data}
    assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201


def send(browser: Browser, path: str, form: str, /, **said: str) -> Page:
    """Fill in a form and send it."""
    return browser.post(path, {**browser.get(path).form(form), **said})


def press(browser: Browser, path: str, **said: str) -> Page:
    """Press a button of a form that has no other fields than what it names."""
    return browser.post(path, {"csrf_token": browser.get(path).fields("/sign-out")["csrf_token"], **said})


def test_lifters_are_found_by_a_part_of_their_id(browser: Browser, api: ContractClient) -> None:
    for lifter in ("ann", "Joanna", "bob"):
        log(api, lifter, "e", 60)
    found = browser.get("/lifters?named=AN")
    assert {*found.links("/lifters/")} == {"/lifters/ann", "/lifters/Joanna"}
    assert "No lifter’s id has “<x>” in it" in browser.get("/lifters?named=<x>").text


def test_lifters_who_are_due_and_parked_have_permanent_links(browser: Browser, api: ContractClient) -> None:
    assert "Nobody is due today" in browser.get("/lifters?only=due").text
    for lifter in ("ann", "bob"):
        log(api, lifter, "e", 60)
    page = browser.get("/lifters")
    assert {"/lifters?only=due", "/lifters?only=parked"} <= {*page.links("only=")}
    due = browser.get("/lifters?only=due&named=n")
    assert (due.links("/lifters/"), "Thu 12 Nov 2026" in due.text) == (["/lifters/ann"], True)
    assert due.links("only=parked") == ["/lifters?only=parked&named=n"]
    assert "Nobody is parked" in browser.get("/lifters?only=parked").text
    assert browser.get("/lifters?only=<nonsense>").status == 200


def test_changes_are_listed_newest_first_with_their_proofs(browser: Browser, services: Services, gym: str) -> None:
    assert "Nothing has changed yet" in browser.get("/changes").text
    for number in range(53):
        train(services, gym, f"l{number:02d}")
    assert feed.newest(services, gym).number == 53
    page = browser.get("/changes")
    assert "data-live" in page.html
    lifters = [each for each in page.links("/lifters/l") if re.fullmatch(r"/lifters/l\d\d", each)]
    assert lifters == [f"/lifters/l{number:02d}" for number in range(52, 2, -1)]
    assert browser.get(page.links("/proofs/")[0]).status == 200
    (earlier,) = page.links("upto=")
    rest = browser.get(earlier)
    assert "data-live" not in rest.html
    assert [each for each in rest.links("/lifters/l") if "proofs" not in each and "log" not in each] == [
        f"/lifters/l{number:02d}" for number in (2, 1, 0)
    ]
    for nonsense in ("-5", "999", "x"):
        assert browser.get(f"/changes?upto={nonsense}").status == 200


def test_overrides_stand_under_the_rule_that_they_speak_against(app: Flask, services: Services) -> None:
    gym = sandbox_at(services, "2026-11-30T12:00:00Z")  # time away is a part of what rules had said
    key = f"key-of-{gym}"
    services.keys.add(gym, key, created_at=0)
    browser, api = Browser(app), ContractClient(app, key)
    browser.sign_in(key)
    assert "Nobody was asked for another load" in browser.get("/overrides").text
    for lifter in ("ann", "bob"):
        for number, (kind, data) in enumerate(
            (
                ("programme_assigned", {"programme": "stronglifts"}),
                ("baseline_set", {"exercise": "squat", "load": {"value": 100, "unit": "kg"}}),
                *(("set_logged", {"exercise": "squat", "load": {"value": 100, "unit": "kg"}, "reps": 5}),) * 5,
                ("session_completed", {}),
            )
        ):
            event = {
                "event_id": f"e{number}",
                "type": kind,
                "occurred_at": f"2026-11-09T18:0{number}:00Z",
                "data": data,
            }
            assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201
    (due,) = [
        each for each in api.get("/v1/lifters/ann/prescriptions").json["prescriptions"] if each["exercise"] == "squat"
    ]
    for lifter, loads, reason in (("ann", [70, 75], {"reason": "<b>knee</b>"}), ("bob", [105], {})):
        for load in loads:
            data = {"slot": due["slot"], "load": {"value": load, "unit": "kg"}, **reason}
            set_clock(services, gym, services.now(gym) + SECOND)
            event = {"event_id": f"o{load}", "type": "overridden", "occurred_at": "2026-11-10T18:00:00Z", "data": data}
            assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201
    for group in range(key_names.GROUPS):
        drain(services, group)
    page = browser.get("/overrides")
    assert "3 overrides" in page.text
    assert "<b>knee" not in page.html
    (scheme,) = page.links("/rules/schemes/")
    assert browser.get(scheme).status == 200
    for said in ("70 kg", "75 kg", "105 kg", "<b>knee</b>", "come back with 10 % off 100 kg"):
        assert said in page.text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    proofs = page.links("/proofs/")
    assert len(proofs) == 3
    assert page.text.count("5 × 5 × 90") == 3
    assert "5 × 5 × 90" in browser.get(proofs[-1]).text
    assert "/overrides" in browser.get("/changes").links()


def test_a_key_is_made_shown_once_and_revoked(browser: Browser, app: Flask) -> None:
    refused = send(browser, "/settings/keys", "make", name="Front desk", days="soon")
    assert refused.status == 422
    assert "scopes: must be a list of at least one of read, write" in refused.text
    assert refused.form("make")["name"] == "Front desk"
    made = send(browser, "/settings/keys", "make", name="Front desk", scopes="read", days="30")
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    secret = re.search(r"sk_[\w-]+", made.text)
    assert secret
    assert secret[0] not in browser.get("/settings/keys").text
    other = Browser(app)
    other.sign_in(secret[0])
    assert "needs the scope admin" in other.get("/settings/keys").text
    assert "/settings/keys" not in other.get("/lifters").links()
    key_id = re.search(r"k_[0-9a-f]{16}", made.text.partition("Front desk")[2])
    assert key_id
    assert press(browser, "/settings/keys", revoke=key_id[0]).status == 303
    assert "revoked" in browser.get("/settings/keys").text
    assert press(browser, "/settings/keys", revoke="k_0123456789abcdef").status == 404


def test_a_webhook_is_added_tried_again_sent_again_and_removed(browser: Browser, services: Services, gym: str) -> None:
    there = "/settings/webhooks"
    assert "Nobody is told of changes" in browser.get(there).text
    refused = send(browser, there, "add", url="http://example.com")
    assert (refused.status, "must begin with https://" in refused.text) == (422, True)
    made = send(browser, there, "add", url="https://203.0.114.7/x?a=<b>", description="till")
    assert (made.status, made.headers["Cache-Control"]) == (422, "private, no-cache")
    made = send(browser, there, "add", url="https://203.0.114.7/x", description="<b>till</b>")
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    assert "whsec_" in made.text
    assert "<b>till" not in made.html
    assert "whsec_" not in browser.get(there).text
    (webhook,) = services.webhooks.of(gym)
    (progress,) = services.webhooks.progress(gym, [webhook])
    letter = DeadLetter(f"msg_{'0' * 16}_1", 1, 1, 9, 0, "it answered 500")
    failing = progress._replace(attempts=2, next_at=10, failing_since=1, error="it answered 500")
    assert services.webhooks.advance(gym, webhook.id, progress, failing, letter=letter)
    attempt = Attempt(letter.message_id, 1, 1, 2, 1_000_000, 250, "answered <b>500</b>", taken=False)
    services.webhooks.note_attempt(gym, webhook.id, attempt)
    page = browser.get(there)
    assert "Thu 1 Jan 1970, 00:00:01 failed answered <b>500</b> msg_0000000000000000_1 250 ms 2 1–1" in page.text
    assert "<b>500" not in page.html
    assert {"failing", "Given up", "Try now"} <= {
        each for each in ("failing", "Given up", "Try now") if each in page.text
    }
    assert page.text.count("it answered 500") == 2
    assert press(browser, there, do="resend", webhook=webhook.id, message="msg_no").status == 404
    assert press(browser, there, do="resend", webhook=webhook.id, message=letter.message_id).status == 303
    assert "Sent once more: 1." in browser.get(there).text
    assert press(browser, there, do="resume", webhook=webhook.id).status == 303
    assert "failing" not in browser.get(there).text
    assert press(browser, there, do="remove", webhook=webhook.id).status == 303
    assert services.webhooks.of(gym) == []


def test_a_forged_form_changes_nothing(browser: Browser, services: Services, gym: str) -> None:
    (key,) = services.keys.of(gym)
    assert browser.post("/settings/keys", {"revoke": key.id}).status == 400
    assert browser.post("/settings/webhooks", {"url": "https://203.0.114.7/x"}).status == 400
    assert browser.get("/settings/keys").status == 200
    assert services.webhooks.of(gym) == []
