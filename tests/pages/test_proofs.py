"""The proof's page: the rule's own text, why not, what if, what differs, other days and versions, seal and bundle."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read
from service.http.pages.rule_text import Piece, rule_text
from tests.support.browser import Browser
from tests.support.contract import ContractClient


def log(api: ContractClient, event_id: str, at: str, of: str = "set_logged", /, **data: Any) -> None:
    event = {"event_id": event_id, "type": of, "occurred_at": f"2026-11-{at}:00Z", "data": data}
    assert api.post("/v1/lifters/ann/events", event).status == 201


@pytest.fixture
def ann(api: ContractClient) -> ContractClient:
    """Ann follows StrongLifts: a session of squats, the last set corrected."""
    log(api, "p", "08T12:00", "programme_assigned", programme="stronglifts")
    for number in range(5):
        load = {"value": 100, "unit": "kg"}
        log(api, f"s{number}", f"09T18:{3 * number:02d}", exercise="squat", load=load, reps=5, kind="work")
    log(api, "end", "09T19:00", "session_completed")
    log(api, "fix", "12T09:00", "set_corrected", corrects="s4", reps=3)
    return api


def prescribed(api: ContractClient, **query: Any) -> dict[str, Any]:
    """What is prescribed for the squat."""
    asked = f"?{urlencode(query)}" if query else ""
    found: dict[str, Any] = json.loads(api.get(f"/v1/lifters/ann/prescriptions/squat{asked}").text)
    return found


def address(prescription: dict[str, Any]) -> str:
    return f"/lifters/ann/proofs/{prescription['prescription_id']}"


def test_a_rule_stands_in_its_own_text_with_its_conditions_marked(browser: Browser, ann: ContractClient) -> None:
    page = browser.get(address(prescribed(ann)))
    assert "when: <mark" in page.html.replace("&#34;", '"')
    assert re.search(r'<mark class="(yes|no)">succeeded</mark>', page.html)
    assert "because:" in page.text


@pytest.mark.parametrize("asked_beside", ["", "?what_if=yes"], ids=["begun at once", "in one piece"])
def test_it_leads_back_to_the_lifter(browser: Browser, ann: ContractClient, asked_beside: str) -> None:
    page = browser.get(f"{address(prescribed(ann))}{asked_beside}")
    assert "<title>Proof: squat of ann" in page.html
    assert "/lifters/ann" in page.links("/lifters/")
    assert "/lifters/" not in page.links("/lifters/")


def test_a_rules_text_ends_where_it_ends_and_a_condition_is_found_over_lines() -> None:
    text = b"rules:\n  - rule: one\n    when: a > 1 and\n      b  <\n      2\n\n    outcome: hold\n  - rule: two\n"
    over, other = {"expression": "b < 2"}, {"expression": "out"}
    rule = {"file": "f", "line": 2, "conditions": [{"expression": "a > 1"}, other, over]}
    assert rule_text({"f": text}, rule) == [
        Piece("- rule: one\n  when: "),
        Piece("a > 1", {"expression": "a > 1"}),
        Piece(" and\n    "),
        Piece("b  <\n    2", over),
        Piece("\n\n  outcome: hold"),
    ]
    assert rule_text({}, rule) == []
    assert rule_text({"f": text}, {"file": "f", "line": 99}) == []


def test_sources_stand_with_their_addresses(browser: Browser, ann: ContractClient) -> None:
    page = browser.get(address(prescribed(ann)))
    assert "https://stronglifts.com/stronglifts-5x5/" in page.links("https://")


def test_why_not_and_what_if_say_what_the_api_says(browser: Browser, ann: ContractClient) -> None:
    asked = prescribed(ann)
    for query, path in ((("why_not", "raise"), "why-not?outcome=raise"), (("what_if", "yes"), "what-if")):
        said = json.loads(ann.get(f"{asked['derivation']}/{path}").text)
        page = browser.get(f"{address(asked)}?{urlencode([query])}")
        for each in [*said.get("considered", ()), *([said] if "said" in said else [])]:
            assert " ".join(each["said"].split()) in page.text
    assert browser.get(f"{address(asked)}?why_not=nonsense").status == 200


def test_another_version_and_day_are_found_and_compared(browser: Browser, ann: ContractClient) -> None:
    now, before = prescribed(ann), prescribed(ann, at_version=7)
    page = browser.get(f"{address(now)}?against={before['prescription_id']}")
    assert "5 reps" in page.text
    assert "enough-successes" in page.text
    same = browser.get(f"{address(now)}?{urlencode({'against': 'http://localhost' + address(now) + '?x=1'})}")
    assert "the same to the byte" in same.text
    assert "nothing to compare it with" in browser.get(f"{address(now)}?against=nonsense").text
    form = page.fields("/lifters/ann/proofs")
    known = json.loads(ann.get("/v1/lifters/ann/events").text)["events"]
    at = known[6]["recorded_at"].rstrip("Z")
    found = browser.client.get(f"/lifters/ann/proofs?{urlencode({**form, 'known_at': at, 'do': 'compare'})}")
    assert f"against={before['prescription_id']}" in found.headers["Location"]
    early = prescribed(ann, as_of="2026-11-09T18:10:00Z")
    found = browser.client.get(
        f"/lifters/ann/proofs?{urlencode({**form, 'slot': early['slot'], 'as_of': '2026-11-09T18:10'})}"
    )
    assert (found.status_code, address(early) in found.headers["Location"]) == (303, True)
    nothing = browser.get(f"/lifters/ann/proofs?{urlencode({**form, 'known_at': '2001-01-01T00:00'})}")
    assert (nothing.status, "nothing was known" in nothing.text.lower()) == (404, True)
    for wrong in ({"as_of": "soon"}, {"exercise": ""}, {"slot": "nowhere"}, {"time_zone": "Mars/Olympus", "as_of": at}):
        assert browser.get(f"/lifters/ann/proofs?{urlencode({**form, **wrong})}").status in {404, 422}


def test_the_seal_says_whether_the_proof_is_the_one_that_was_printed(browser: Browser, ann: ContractClient) -> None:
    page = browser.get(address(prescribed(ann)))
    (permanent,) = set(page.links("sha256="))
    assert "<svg" in page.html
    assert "equal to the one" in browser.get(permanent.removeprefix("http://localhost")).text
    assert "NOT equal" in browser.get(f"{permanent.removeprefix('http://localhost')[:-1]}x").text


def test_the_bundle_holds_without_us(browser: Browser, ann: ContractClient) -> None:
    reply = browser.client.get(f"{address(prescribed(ann))}/bundle")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert all(not each.flaws for each in check(read(reply.data.splitlines(keepends=True))))


def test_a_proof_is_for_who_may_audit(reader: Browser, ann: ContractClient) -> None:
    there = address(prescribed(ann))
    for path in (there, f"{there}/bundle", "/lifters/ann/proofs?exercise=squat&slot=a/squat"):
        assert reader.get(path).status == 403
