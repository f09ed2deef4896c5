"""What a coach, a lifter and an auditor see: lists, cards, logs, courses and proofs, in every state."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from tests.support.browser import Browser
from tests.support.contract import ContractClient

_ANN = "/v1/lifters/ann"


def log(
    api: ContractClient, event_id: str, at: str, of: str = "set_logged", /, *, lifter: str = "ann", **data: Any
) -> None:
    event = {"event_id": event_id, "type": of, "occurred_at": f"2026-11-{at}:00Z", "data": data}
    assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201


def lift(
    api: ContractClient, event_id: str, at: str, load: float, reps: int = 5, unit: str = "kg", **more: Any
) -> None:
    log(api, event_id, at, exercise="squat", load={"value": load, "unit": unit}, reps=reps, **more)


@pytest.fixture
def trained(api: ContractClient) -> ContractClient:
    """Ann follows StrongLifts: two sessions of squats, the second corrected."""
    log(api, "p", "08T12:00", "programme_assigned", programme="stronglifts")
    for session, (day, load) in enumerate((("09", 100), ("11", 102.5))):
        for number in range(5):
            lift(api, f"s{session}-{number}", f"{day}T18:{3 * number:02d}", load, kind="work")
        log(api, f"end{session}", f"{day}T19:00", "session_completed")
    log(api, "fix", "12T09:00", "set_corrected", corrects="s1-4", reps=3)
    return api


def test_a_gym_without_lifters_says_how_one_comes_to_be(browser: Browser) -> None:
    assert "No lifter has logged anything yet" in browser.get("/lifters").text


def test_lifters_are_listed_page_by_page(browser: Browser, api: ContractClient) -> None:
    for number in range(53):
        log(api, "e", "09T18:00", lifter=f"l{number:02d}", exercise="squat", load={"value": 60, "unit": "kg"}, reps=5)
    found: list[str] = []
    page = browser.get("/lifters")
    while True:
        found += page.links("/lifters/l")
        following = page.links("after=")
        if not following:
            break
        page = browser.get(following[0])
    assert sorted(found) == [f"/lifters/l{number:02d}" for number in range(53)]


def test_a_card_is_what_the_api_answers(browser: Browser, trained: ContractClient) -> None:
    page = browser.get("/lifters/ann")
    asked = json.loads(trained.get(f"{_ANN}/prescriptions").text)["prescriptions"]
    assert page.status == 200
    for each in asked:
        assert each["display"]["title"] in page.text
        for reason in each["reasons"]:
            assert reason["text"] in page.text
        assert f"/lifters/ann/proofs/{each['prescription_id']}" in page.links("/proofs/")
    heaviest = max(made["load"]["value"] for made in asked[0]["sets"] if made["load"])
    assert f"5 × {heaviest:g} kg × 5" in page.text


@pytest.mark.usefixtures("trained")
def test_a_log_shows_both_times_and_what_a_correction_replaced(browser: Browser) -> None:
    page = browser.get("/lifters/ann/log")
    assert "Mon 9 Nov 2026, 18:00" in page.text
    assert "set corrected" in page.text
    assert "instead of version 12: set logged s1-4" in page.text


def test_a_log_is_read_page_by_page(browser: Browser, api: ContractClient) -> None:
    for number in range(101):
        lift(api, f"e{number}", f"{number // 24 + 1:02d}T{number % 24:02d}:00", 60)
    (following,) = browser.get("/lifters/ann/log").links("after=")
    assert browser.get(following).text.count("set logged") == 1
    assert browser.get("/lifters/ann/log?after=nonsense").text.count("set logged") == 100


@pytest.mark.usefixtures("trained")
def test_a_track_is_drawn_and_stands_in_a_table_with_a_proof_for_each_step(browser: Browser) -> None:
    (squat,) = browser.get("/lifters/ann").links("/tracks/squat")
    page = browser.get(squat)
    assert "<polyline" in page.html
    assert "5 × 5 × 102.5 kg" in page.text
    assert "followed" in page.text
    for proof in set(page.links("/proofs/")):
        assert browser.get(proof).status == 200
    assert browser.get("/lifters/ann/tracks/nothing/here").status == 404


def test_a_chart_marks_what_its_table_says(browser: Browser, api: ContractClient) -> None:
    log(api, "p", "01T12:00", "programme_assigned", programme="stronglifts")
    for day, load in (("02", 100), ("24", 100)):
        for number in range(5):
            lift(api, f"{day}-{number}", f"{day}T18:{3 * number:02d}", load, kind="work")
        log(api, f"end-{day}", f"{day}T19:00", "session_completed")
    log(api, "fix", "25T09:00", "set_corrected", corrects="02-4", reps=4)
    (squat,) = browser.get("/lifters/ann").links("/tracks/squat")
    page = browser.get(squat)
    drawn, _, beside = page.html.partition("</svg>")
    for kind in ("layoff", "programme", "correction", "deload"):
        assert f'class="{kind}"' in drawn
        assert f'class="key {kind}"' in beside.partition("</figure>")[0], "the legend names it"
        assert f'class="key {kind}"' in beside.partition("</figure>")[2], "and so does the table"
    titles = set(re.findall(r'class="(?:layoff|programme|correction)"[^>]*><title>([^<]+)</title>', drawn))
    assert len(titles) == 3
    for title in titles:
        assert unescape(title) in page._replace(html=beside).text
    assert "Mon 2 Nov 2026 to Tue 24 Nov 2026: 21 days without training" in titles
    leads = set(page._replace(html=drawn).links(f"{squat.partition('/tracks')[0]}/"))
    assert {"/lifters/ann/log/02-4", "/lifters/ann/log/p"} <= leads
    assert leads <= set(page._replace(html=beside).links()) | {"/lifters/ann"}
    assert all(browser.get(link).status == 200 for link in leads)


def test_a_proof_is_the_derivation(browser: Browser, trained: ContractClient) -> None:
    asked = json.loads(trained.get(f"{_ANN}/prescriptions").text)["prescriptions"][0]
    derivation = json.loads(trained.get(asked["derivation"]).text)
    page = browser.get(f"/lifters/ann/proofs/{asked['prescription_id']}")
    for expected in (derivation["sha256"], derivation["log_head"], asked["rule_set"]["digest"]):
        assert expected in page.text
    for sentence in json.loads(trained.get(f"{asked['derivation']}/why").text)["why"]:
        assert " ".join(sentence.split()) in page.text
    fired = [rule for each in derivation["triggers"] for scheme in each.get("schemes", ()) for rule in scheme["rules"]]
    assert fired
    for rule in fired:
        assert f"{rule['file']}:{rule['line']}" in page.text
    assert browser.get("/lifters/ann/proofs/nonsense").status == 404


def test_a_lifter_without_a_programme_or_a_set(browser: Browser, api: ContractClient) -> None:
    log(api, "u", "09T18:00", "profile_changed", unit="lb", time_zone="Europe/Berlin")
    page = browser.get("/lifters/ann")
    assert page.status == 200
    assert "No programme" in page.text
    assert "Nothing is due" in page.text
    lift(api, "s", "09T18:05", 225, unit="lb")
    assert "225 lb" in browser.get("/lifters/ann").text
    assert "Mon 9 Nov 2026, 19:05 (Europe/Berlin)" in browser.get("/lifters/ann").text


def test_words_of_a_lifter_are_words(browser: Browser, api: ContractClient) -> None:
    markup = "<script>alert('x')</script><b>&amp;"
    log(api, "n", "09T18:00", "lifter_noted", note=markup)
    page = browser.get("/lifters/ann/log")
    assert "<script" not in page.beside_our_script
    assert "alert('x')" in page.text
    assert "<script" not in browser.get("/lifters/<script>alert('x')<b>").beside_our_script


def test_nobody_sees_another_gyms_lifters(app: Flask, services: Services, gym: str, trained: ContractClient) -> None:
    services.keys.add(f"{gym}-b", f"key-of-{gym}-b", created_at=0)
    other = Browser(app)
    other.sign_in(f"key-of-{gym}-b")
    asked = json.loads(trained.get(f"{_ANN}/prescriptions").text)["prescriptions"][0]
    assert other.get("/lifters").links("/lifters/ann") == []
    for path in ("", "/log", "/tracks/squat/linear", f"/proofs/{asked['prescription_id']}"):
        assert other.get(f"/lifters/ann{path}").status == 404


def test_an_erased_lifter_is_gone(browser: Browser, trained: ContractClient) -> None:
    assert trained.send("DELETE", _ANN).status == 200
    for path in ("", "/log", "/tracks/squat/linear"):
        page = browser.get(f"/lifters/ann{path}")
        assert (page.status, "erased" in page.text) == (410, True)
