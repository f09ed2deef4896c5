"""The rules as people read them: every part of the library, what uses it, and a made-up lifter's picture."""

from html import unescape
from xml.etree import ElementTree as ET

import pytest

from service.engine.files.rule_prose import explained_programme, explained_scheme
from tests.support.browser import Browser, Page
from tests.support.training import LIBRARY

_PROGRAMMES = sorted(LIBRARY.programmes)
_SCHEMES = sorted(LIBRARY.schemes)


def _says(page: Page, text: str) -> bool:
    return " ".join(text.split()) in page.text


def test_the_list_leads_to_every_programme_and_scheme(browser: Browser) -> None:
    page = browser.get("/rules")
    assert set(page.links("/rules/programmes/")) == {f"/rules/programmes/{name}" for name in _PROGRAMMES}
    assert set(page.links("/rules/schemes/")) == {f"/rules/schemes/{name}" for name in _SCHEMES}


@pytest.mark.parametrize("name", _PROGRAMMES)
def test_a_programme_is_told_in_sentences_beside_its_file(browser: Browser, name: str) -> None:
    programme = LIBRARY.programmes[name]
    page = browser.get(f"/rules/programmes/{name}")
    assert page.status == 200
    for section in explained_programme(programme, LIBRARY):
        assert _says(page, section.heading)
        assert all(_says(page, sentence) for sentence in section.sentences)
    assert all(_says(page, line) for line in LIBRARY.files[programme.file].decode().splitlines())
    assert all(f"/rules/schemes/{scheme}" in page.links() for scheme in programme.schemes)
    assert ("loads.svg" in page.html) == bool(programme.days)


@pytest.mark.parametrize("name", _SCHEMES)
def test_a_scheme_is_told_in_sentences_and_with_what_uses_it(browser: Browser, name: str) -> None:
    scheme = LIBRARY.schemes[name]
    page = browser.get(f"/rules/schemes/{name}")
    assert page.status == 200
    for section in explained_scheme(scheme):
        assert all(_says(page, sentence) for sentence in section.sentences)
    users = {f"/rules/programmes/{each.id}" for each in LIBRARY.programmes.values() if name in each.schemes}
    assert set(page.links("/rules/programmes/")) == users
    for source in scheme.sources:
        assert _says(page, source["title"])
        if "doi" in source:
            assert f"https://doi.org/{source['doi']}" in page.links("doi.org")


def test_an_exercise_is_found_by_an_abbreviation_and_says_what_uses_it(browser: Browser) -> None:
    assert "/rules/exercises/overhead-press" in browser.get("/rules?q=ohp").links("/rules/exercises/")
    page = browser.get("/rules/exercises/overhead-press")
    assert "/rules/programmes/stronglifts" in page.links("/rules/programmes/")
    assert _says(page, LIBRARY.exercises["overhead-press"].cues[0])
    assert "exercise: overhead-press" in page.text


def test_an_exercise_that_is_a_line_of_a_catalogue_shows_its_own_line_alone(browser: Browser) -> None:
    first, second = sorted(LIBRARY.lines)[:2]
    page = browser.get(f"/rules/exercises/{first}")
    assert page.status == 200
    assert f"{first}:" in page.text
    assert f" {second}:" not in page.text


def test_a_search_without_a_hit_says_what_was_looked_for_and_nothing_else(browser: Browser) -> None:
    page = browser.get("/rules?q=<script>alert(1)</script>")
    assert "<script>" not in page.html
    assert "No rule and no exercise is called “<script>alert(1)</script>”." in page.text
    assert browser.get(f"/rules?q={'x' * 5000}").status == 200


def test_a_made_up_lifter_is_drawn_once(browser: Browser) -> None:
    path = "/rules/programmes/upper-back/loads.svg"
    first = browser.client.get(path)
    drawn = ET.fromstring(first.data)  # noqa: S314 - our own
    assert drawn.tag.endswith("svg")
    assert "deadlift" in unescape(first.text)
    for same in (path, f"{path}?lifter=typical", f"{path}?lifter=nobody"):
        again = browser.client.get(same, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/rules/programmes/nope",
        "/rules/programmes/default/loads.svg",
        "/rules/schemes/linaer",
        "/rules/exercises/sqaut-x",
        "/rules/schemes/../../etc",
        "/rules/exercises/%00",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(browser: Browser, path: str) -> None:
    page = browser.get(path)
    assert page.status == 404
    assert page.headers["Content-Type"].startswith(("text/html", "application/problem+json"))


def test_rules_are_for_whoever_may_read(stranger: Browser, reader: Browser) -> None:
    assert "Sign in" in stranger.get("/rules").text
    assert stranger.client.get("/rules/programmes/upper-back/loads.svg").status_code == 303
    assert reader.get("/rules/schemes/linear").status == 200
