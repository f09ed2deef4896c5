"""Every view of a lifter in every state that one can be in: each says what is there, and nothing of how it is made."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.events import ProfileChanged
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND, parse
from service.domain.prescription import PrescriptionId
from service.engine.version import ENGINE_VERSION
from service.usecases.gym.sandbox import set_clock
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient
from tests.support.sandboxes import sandbox_at

_TODAY: Final = "2026-11-30T12:00:00Z"
"""When all of this is looked at: how long ago something was is told, and is a state as well."""
_LONG: Final = "a-name-that-goes-on-and-on-and-does-not-end-before-64-characters"
_EXERCISE: Final = "an-exercise-of-ones-own-with-a-name-as-long-as-any-may-ever-be-x"


def _set(number: int, exercise: str, value: float, unit: str) -> dict[str, Any]:
    at = f"2026-11-{2 + number:02d}T18:00:00Z"
    data = {"exercise": exercise, "load": {"value": value, "unit": unit}, "reps": 5}
    return {"event_id": f"s{number}", "type": "set_logged", "occurred_at": at, "data": data}


_STATES: Final[dict[str, list[dict[str, Any]]]] = {
    "empty": [
        {"event_id": "u", "type": "profile_changed", "occurred_at": "2026-11-02T18:00:00Z", "data": {"unit": "kg"}}
    ],
    "started": [_set(0, "squat", 60, "kg")],
    "parked": [_set(0, "squat", 60, "kg"), _set(7, "squat", 65, "kg")],
    "erased": [_set(0, "squat", 60, "kg")],
    "mixed": [_set(0, "squat", 60, "kg"), _set(1, "squat", 135, "lb"), _set(2, "deadlift", 225, "lb")],
    "fresh": [
        {
            "event_id": "p",
            "type": "programme_assigned",
            "occurred_at": "2026-11-20T18:00:00Z",
            "data": {"programme": "stronglifts"},
        },
        {
            "event_id": "b",
            "type": "baseline_set",
            "occurred_at": "2026-11-20T18:00:00Z",
            "data": {"exercise": "squat", "load": {"value": 100, "unit": "kg"}},
        },
    ],
    _LONG: [_set(0, _EXERCISE, 60, "kg"), _set(1, _EXERCISE, 62.5, "kg")],
}
"""What each lifter's log begins with; what else became of them is in `gym_of_states`."""


_SOME_PROOF: Final = PrescriptionId("default/squat", 1, "0" * 64, ENGINE_VERSION, 0).encode()
_STANDS: Final = "Replay stopped at event 3, zone : UnknownTimeZone: 'localtime'"
_GONE: Final = "was erased: nothing can be read or written under this id any more"
_SAID: Final[dict[tuple[str, str], tuple[int, str]]] = {
    ("empty", "card"): (200, "Nothing is due. The log holds no set yet."),
    ("empty", "log"): (200, "profile changed"),
    ("empty", "track"): (404, "has no track"),
    ("empty", "proof"): (404, "There is nothing here"),
    ("empty", "event"): (404, "this lifter's log has no event of this id"),
    ("started", "card"): (200, "log, 1 event · imports Next session"),
    ("started", "track"): (200, "not prescribed here"),
    ("started", "proof"): (200, "28 days away"),
    ("parked", "card"): (200, _STANDS),
    ("parked", "log"): (200, _STANDS),
    ("parked", "track"): (200, _STANDS),
    ("parked", "proof"): (200, "at version 2"),
    ("parked", "event"): (200, "65 kg"),
    ("erased", "card"): (410, _GONE),
    ("erased", "log"): (410, _GONE),
    ("erased", "track"): (410, _GONE),
    ("erased", "proof"): (410, _GONE),
    ("erased", "event"): (410, _GONE),
    ("mixed", "card"): (200, "5 reps at 102.06 kg"),
    ("mixed", "log"): (200, "load 225 lb"),
    ("mixed", "track"): (200, "in kg; days in UTC"),
    ("mixed", "proof"): (200, "5 reps at 225 lb: 5 reps at 102.06 kg"),
    ("fresh", "card"): (200, "100 kg"),
    ("fresh", "track"): (200, "No load is known for Barbell row yet"),
    ("fresh", "proof"): (200, "No rule had anything to say."),
    (_LONG, "card"): (200, _LONG),
    (_LONG, "log"): (200, _EXERCISE),
    (_LONG, "track"): (200, _EXERCISE),
    (_LONG, "proof"): (200, _EXERCISE),
    (_LONG, "event"): (200, _LONG),
}


@pytest.fixture(scope="module")
def gym(services: Services) -> str:
    """Where it is always the same day."""
    return sandbox_at(services, _TODAY)


@pytest.fixture(scope="module")
def api(app: Flask, services: Services, gym: str) -> ContractClient:
    """The gym, with a lifter in each state."""
    services.keys.add(gym, "key-of-states", created_at=0)
    api = ContractClient(app, "key-of-states")
    for lifter, events in _STATES.items():
        for event in events:
            assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201
    # As a release might have let it in that ran on another machine: no door takes such a zone any more.
    parks = Submission("zone", parse(_TODAY), ProfileChanged(time_zone="localtime"))
    append_event(services, LifterRef(gym, "parked"), parks, actor="k")
    assert api.send("DELETE", "/v1/lifters/erased").status == 200
    return api


@pytest.fixture(scope="module")
def looking(app: Flask, api: ContractClient) -> Browser:
    """A browser signed in to it."""
    del api
    browser = Browser(app)
    browser.sign_in("key-of-states")
    return browser


def view(looking: Browser, lifter: str, name: str) -> Page:
    """A view of a lifter as its links lead there; where there are none, as somebody writes it who once had one."""
    card = looking.get(f"/lifters/{lifter}")
    if name == "card":
        return card
    tracks, proofs = card.links("/tracks/"), card.links("/proofs/")
    first = next((event["event_id"] for event in _STATES[lifter] if event["event_id"] != "u"), "s0")
    paths = {
        "log": f"/lifters/{lifter}/log",
        "track": tracks[0] if tracks else f"/lifters/{lifter}/tracks/squat/learned-progression",
        "proof": proofs[0] if proofs else f"/lifters/{lifter}/proofs/{_SOME_PROOF}",
        "event": f"/lifters/{lifter}/log/{'s7' if lifter == 'parked' else first}",
    }
    return looking.get(paths[name])


@pytest.mark.parametrize(("lifter", "name"), _SAID)
def test_what_a_view_says_in_a_state(looking: Browser, lifter: str, name: str) -> None:
    status, said = _SAID[lifter, name]
    page = view(looking, lifter, name)
    assert (page.status, said.lower() in page.text.lower()) == (status, True), page.text
    assert page.html.count("<h1>") == 1
    assert "Sign out" in page.text, "whoever is signed in is told so on every page"
    assert not re.search(r"\b(None|Undefined|nan|Decimal|NamedTuple)\b", page.text), page.text


def test_a_prescription_of_another_engine_says_which(looking: Browser) -> None:
    for link in looking.get("/lifters/started").links("/proofs/"):
        before, _, prescription_id = link.rpartition("/")
        asked = PrescriptionId.decode(prescription_id)
        page = looking.get(f"{before}/{asked._replace(engine=asked.engine - 1).encode()}")
        assert page.status == 404
        assert f"was made by engine {asked.engine - 1}; this server runs engine {asked.engine}" in page.text


def test_a_track_ends_with_what_the_card_asks_now(looking: Browser) -> None:
    for lifter in ("started", "parked", "mixed", _LONG):
        card = looking.get(f"/lifters/{lifter}")
        drawn = {proof for track in card.links("/tracks/") for proof in looking.get(track).links("/proofs/")}
        assert "days away" in card.text, "what time alone made of it"
        assert set(card.links("/proofs/")) <= drawn


def test_where_there_is_nothing_whoever_is_signed_in_still_is(looking: Browser, app: Flask) -> None:
    looking.client.environ_base["HTTP_ACCEPT"] = "text/html"
    for path in ("/nothing", "/lifter/ann", "/lifters/ann/nothing"):
        page = looking.get(path)
        assert page.status == 404
        assert "Sign out" in page.text
        assert "/sign-in" not in page.links()
    assert looking.post("/sign-out", looking.get("/nothing").fields("/sign-out") | {"csrf_token": "x"}).status == 400
    stranger = Browser(app)
    stranger.client.environ_base["HTTP_ACCEPT"] = "text/html"
    assert "/sign-in" in stranger.get("/nothing").links()


def test_a_proof_leads_to_what_it_was_before_a_correction(
    looking: Browser, api: ContractClient, services: Services, gym: str
) -> None:
    path = "/v1/lifters/righted/events"
    for event in (_set(0, "squat", 60, "kg"), _set(26, "squat", 60, "kg")):
        assert api.post(path, event).status == 201
    set_clock(services, gym, services.now(gym) + 2 * SECOND)  # pages tell whole seconds
    fix = {"corrects": "s26", "load": {"value": 80, "unit": "kg"}}
    righted = {"event_id": "fix", "type": "set_corrected", "occurred_at": "2026-11-29T18:00:00Z", "data": fix}
    assert api.post(path, righted).status == 201
    proof = looking.get(looking.get("/lifters/righted").links("/proofs/")[0])
    assert "Put right in the log" in proof.text
    before, differs = proof.links("known_at=")
    assert "80 kg" in proof.text
    assert "80 kg" not in looking.get(before).text
    compared = looking.get(differs)
    assert "What differs from the other proof" in compared.text
    assert "Put right in the log" not in looking.get(before).text


def test_lists_say_who_is_parked_and_who_is_gone(looking: Browser) -> None:
    page = looking.get("/lifters")
    assert page.links("/lifters/erased") == []
    assert "parked at event 3" in page.text
    assert _LONG in page.text
    assert "No lifter’s id has" in looking.get("/lifters?named=nobody-has-this").text
    assert "Nothing has changed yet" in looking.get("/changes").text
