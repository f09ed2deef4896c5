"""Writing to a log from a page: once, as the API would take it, and what is wrong told where it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient

_ANN = "/lifters/ann"
_SQUAT = "set:a/squat"


@pytest.fixture
def ann(api: ContractClient) -> ContractClient:
    """Ann follows StrongLifts, and starts with 100 kg."""
    log(api, "p", "programme_assigned", programme="stronglifts")
    log(api, "b", "baseline_set", exercise="squat", load={"value": 100, "unit": "kg"})
    return api


def log(api: ContractClient, event_id: str, of: str, /, **data: Any) -> None:
    event = {"event_id": event_id, "type": of, "occurred_at": "2026-11-08T18:00:00Z", "data": data}
    assert api.post("/v1/lifters/ann/events", event).status == 201


def events(api: ContractClient) -> list[dict[str, Any]]:
    """What the log holds beside what `ann` wrote."""
    found: list[dict[str, Any]] = json.loads(api.get("/v1/lifters/ann/events").text)["events"]
    return [each for each in found if each["event_id"] not in {"p", "b"}]


def send(browser: Browser, form: str, path: str = _ANN, /, **said: str) -> Page:
    """Fill in a form of a page and send it; ``__`` in a name stands for a dot."""
    fields = browser.get(path).form(form)
    return browser.post(path, {**fields, **{name.replace("__", "."): value for name, value in said.items()}})


def test_a_set_is_logged_as_it_was_asked_for(browser: Browser, ann: ContractClient) -> None:
    reply = send(browser, _SQUAT)
    assert (reply.status, reply.headers["Location"]) == (303, "/lifters/ann#said")
    (event,) = events(ann)
    load = {"value": 100, "unit": "kg"}
    assert event["data"] == {"exercise": "squat", "slot": "a/squat", "load": load, "reps": 5, "kind": "work"}
    page = browser.get(_ANN)
    assert "Saved as version 3 of the log." in page.text
    assert "Saved as" not in browser.get(_ANN).text
    assert "Left of this session" in page.text


def test_a_form_that_is_sent_again_appends_once(browser: Browser, ann: ContractClient) -> None:
    fields = browser.get(_ANN).form(_SQUAT)
    for _ in range(3):
        assert browser.post(_ANN, fields).status == 303
    assert "stands there once" in browser.get(_ANN).text
    changed = browser.post(_ANN, {**fields, "data.reps": "3"})
    assert changed.status == 422
    assert "version 3 of the log has what it said then" in changed.text
    assert f"{_ANN}/log/{fields['event_id']}" in changed.links("/log/")
    assert [each["data"]["reps"] for each in events(ann)] == [5]


@pytest.mark.parametrize(
    ("field", "said", "told"),
    [
        ("data.reps", "five", "Must be a whole number"),
        ("data.reps", "", "Is required"),
        ("data.load.value", "", "Is required"),
        ("data.load.value", "heavy", "Must be a number"),
        ("data.load.unit", "stone", "Must be kg or lb"),
        ("data.rir", "11", "Must be"),
        ("occurred_at", "yesterday", "Must be a day and a time"),
        ("occurred_at", "2099-01-01T12:00", "5 minutes"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    browser: Browser, ann: ContractClient, field: str, said: str, told: str
) -> None:
    fields = browser.get(_ANN).form(_SQUAT)
    page = browser.post(_ANN, {**fields, "data.note": "kept", field: said})
    assert page.status == 422
    assert f'aria-describedby="{_SQUAT}-{field}-wrong"' in page.html
    assert told.lower() in page.text.lower()
    assert page.form(_SQUAT)["data.note"] == "kept"
    assert page.form(_SQUAT)["event_id"] == fields["event_id"]
    assert events(ann) == []


def test_what_is_doubtful_is_asked_back(browser: Browser, ann: ContractClient) -> None:
    page = send(browser, "set", data__exercise="sqat", data__load__value="60", data__reps="5")
    assert page.status == 422
    assert "Did you mean squat?" in page.text
    assert "all the same" in page.text
    assert events(ann) == []
    assert browser.post(_ANN, {**page.form("set"), "anyway": "yes"}).status == 303
    assert [each["data"]["exercise"] for each in events(ann)] == ["sqat"]
    assert "no catalogue knows sqat" in browser.get(_ANN).text.replace("No catalogue", "no catalogue")


def test_a_comma_is_a_point_and_a_time_is_of_the_lifters_zone(browser: Browser, ann: ContractClient) -> None:
    log(ann, "z", "profile_changed", time_zone="Europe/Berlin")
    reply = send(browser, _SQUAT, data__load__value="102,5", occurred_at="2026-11-09T18:30")
    assert reply.status == 303
    (event,) = [each for each in events(ann) if each["type"] == "set_logged"]
    assert (event["occurred_at"], event["data"]["load"]["value"]) == ("2026-11-09T17:30:00Z", 102.5)


def test_a_slot_is_skipped_or_asked_otherwise_and_a_session_ended(browser: Browser, ann: ContractClient) -> None:
    assert send(browser, "override:a/squat", data__load__value="90", data__reason="sore").status == 303
    assert "90 kg" in browser.get(_ANN).text
    assert send(browser, _SQUAT).status == 303
    assert send(browser, "skip:a/bench").status == 303
    assert send(browser, "end").status == 303
    assert send(browser, "skip", data__reason="away").status == 303
    assert [(each["type"], each["data"]) for each in events(ann) if each["type"] != "set_logged"] == [
        ("overridden", {"slot": "a/squat", "load": {"value": 90, "unit": "kg"}, "reason": "sore"}),
        ("session_skipped", {"slots": ["a/bench"]}),
        ("session_completed", {}),
        ("session_skipped", {"reason": "away"}),
    ]


def test_a_set_is_corrected_by_what_differs_and_voided(browser: Browser, ann: ContractClient) -> None:
    send(browser, _SQUAT, data__rir="2", data__note="easy")
    (logged,) = events(ann)
    there = f"{_ANN}/log/{logged['event_id']}"
    unchanged = send(browser, "correct", there)
    assert (unchanged.status, "At least one field must be corrected" in unchanged.text) == (422, True)
    assert send(browser, "correct", there, data__load__unit="lb", data__rir="").status == 303
    corrected = events(ann)[-1]
    said = {"corrects": logged["event_id"], "load": {"value": 100, "unit": "lb"}, "rir": None}
    assert (corrected["type"], corrected["data"]) == ("set_corrected", said)
    page = browser.get(there)
    assert page.form("correct")["data.load.unit"] == "lb"
    assert "set corrected" in page.text
    assert send(browser, "void", there, data__reason="twice").status == 303
    assert "It counts no longer" in browser.get(there).text
    assert 'id="correct"' not in browser.get(there).html
    void = f"{_ANN}/log/{events(ann)[-1]['event_id']}"
    assert send(browser, "void", void).status == 303
    assert 'id="correct"' in browser.get(there).html


def test_an_event_that_there_is_not(browser: Browser, ann: ContractClient) -> None:
    assert events(ann) == []
    assert browser.get(f"{_ANN}/log/nothing").status == 404
    assert browser.get("/lifters/nobody/log/nothing").status == 404


def test_who_may_not_write_is_told_so_and_cannot(reader: Browser, browser: Browser, ann: ContractClient) -> None:
    page = reader.get(_ANN)
    assert "sign in with a key that has the scope write" in page.text
    assert 'id="set:a/squat"' not in page.html
    token = reader.get("/").fields("/sign-out")["csrf_token"]
    fields = {**browser.get(_ANN).form(_SQUAT), "csrf_token": token}
    refused = reader.post(_ANN, fields)
    assert (refused.status, "needs the scope write" in refused.text) == (403, True)
    assert events(ann) == []


def test_a_forged_form_writes_nothing(browser: Browser, ann: ContractClient) -> None:
    fields = browser.get(_ANN).form(_SQUAT)
    assert browser.post(_ANN, {**fields, "csrf_token": "forged"}).status == 400
    assert events(ann) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "lifter_erased"},
        {"type": ""},
        {"event_id": ""},
        {"event_id": "x" * 65},
        {"data.nothing": "x"},
        {"data.load.value.deep": "x"},
        {"data.": "x"},
        {"data.load": "x"},
        {"time_zone": "Nowhere/At", "occurred_at": "2026-11-09T18:30"},
        {"form": "<script>alert(1)</script>", "data.reps": "<script>alert(1)</script>"},
    ],
)
def test_nonsense_is_refused_and_never_markup(browser: Browser, ann: ContractClient, fields: dict[str, str]) -> None:
    page = browser.post(_ANN, {**browser.get(_ANN).form(_SQUAT), **fields})
    assert page.status == 422
    assert "<script>alert" not in page.html
    assert events(ann) == []
