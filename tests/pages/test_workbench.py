"""The workbench: files copied, checked under their lines, tried, published; and what is written is never lost."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.usecases.rules.long_tasks import forget_in_tasks, listed
from service.usecases.rules.work_on_tasks import work_on
from service.usecases.rules.workbench import NEW
from tests.contract.test_gym_programmes import assign, put, text_of
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient
from tests.support.training import LIBRARY

BENCH: Final = "/rules/workbench"
OURS: Final = "programmes/ours.yaml"
SCHEME: Final = NEW["scheme"]["scheme"]


def texts(page: Page) -> list[str]:
    """What stands in the fields for texts."""
    return [unescape(each) for each in re.findall(r'name="text"[^>]*>\n(.*?)</textarea>', page.html, re.DOTALL)]


def press(browser: Browser, do: str, files: dict[str, str], **more: Any) -> Page:
    """Press a button over files."""
    token = browser.get("/").fields("/sign-out")["csrf_token"]
    form = {
        "csrf_token": token,
        "do": do,
        "path": list(files),
        "text": list(files.values()),
        "programme": "ours",
        **more,
    }
    return browser.post(BENCH, form)


def finish(services: Services) -> None:
    """Work on what takes long until nothing of it is open."""
    while services.long_tasks.open():
        work_on(services, "test")


def own(**more: str) -> dict[str, str]:
    return {OURS: text_of(**more)}


@pytest.mark.parametrize(
    ("copy", "path", "begins"),
    [
        ("programme:stronglifts", "programmes/our-stronglifts.yaml", "programme: our-stronglifts"),
        ("scheme:linear", "progression/linear.yaml", "scheme: linear"),
        ("scheme:layoff", "deload/layoff.yaml", "scheme: layoff"),
        ("exercise:squat", "exercises/squat.yaml", "exercise: squat"),
        ("new:programme", "programmes/our-programme.yaml", "programme: our-programme"),
    ],
)
def test_any_file_is_laid_on_it_as_a_copy_that_checks(browser: Browser, copy: str, path: str, begins: str) -> None:
    page = browser.get(f"{BENCH}?copy={copy}")
    assert page.status == 200
    assert f'name="path" value="{path}"' in page.html
    (text,) = texts(page)
    assert text.startswith(begins)
    again = press(browser, "check", {path: text})
    assert "All of it checks" in again.text
    assert texts(again) == [text]


def test_an_exercise_that_is_a_line_of_a_catalogue_is_copied_alone(browser: Browser) -> None:
    name = min(LIBRARY.lines)
    (text,) = texts(browser.get(f"{BENCH}?copy=exercise:{name}"))
    assert f"{name}:" in text
    page = press(browser, "check", {f"catalogue/our-{name}.yaml": text})
    assert "All of it checks: 0 programmes, 0 schemes, 1 exercise." in page.text


def test_a_progression_is_begun_with_a_programme_that_uses_it(browser: Browser) -> None:
    page = browser.get(f"{BENCH}?copy=new:scheme")
    scheme, programme = texts(page)
    assert (scheme.splitlines()[0], programme.splitlines()[0]) == ("scheme: our-scheme", "programme: our-programme")
    files = {"progression/our-scheme.yaml": scheme, "programmes/our-programme.yaml": programme}
    page = press(browser, "simulate", files, programme="our-programme", weeks="2")
    assert "by our-programme" in page.text
    assert "choose one that uses" in press(browser, "simulate", files, programme="").text


def test_what_is_not_there_cannot_be_copied(browser: Browser) -> None:
    for copy in ("scheme:nope", "nonsense", "programme:", "new:exercise", "lifter:ann"):
        assert browser.get(f"{BENCH}?copy={copy}").status == 404


def test_mistakes_stand_under_their_lines_and_the_text_stays(browser: Browser) -> None:
    text = text_of(exercise="dedlift") + "# <script>alert(1)</script>\n"
    page = press(browser, "publish", {OURS: text})
    assert "Did you mean deadlift?" in page.text
    assert re.search(r'data-line="7" data-column="\d+">Line 7</a>', page.html)
    assert "<i>7</i>" in page.html
    assert "Nothing else was done" in page.text
    assert texts(page) == [text]
    assert "<script>alert" not in page.html


@pytest.mark.parametrize(
    ("do", "more", "says"),
    [
        ("simulate", {"weeks": "0"}, "must be a whole number from 1 to 52"),
        ("simulate", {"weeks": "many"}, "must be a whole number from 1 to 52"),
        ("simulate", {"programme": "nope"}, "there is no programme nope"),
        ("simulate", {"real": "nobody"}, "obody has logged anything"),
        ("simulate", {"real": "<b>"}, "must be"),
        ("compare", {}, "is not published yet, so there is nothing to hold it against"),
        ("publish", {"programme": "stronglifts"}, "must hold the programme itself"),
    ],
)
def test_whatever_is_refused_the_text_comes_back(browser: Browser, do: str, more: dict[str, str], says: str) -> None:
    page = press(browser, do, own(), **more)
    assert page.status == 422
    assert says in page.text or "is the id of a programme of the library" in page.text
    assert texts(page) == [text_of()]


def test_lines_end_as_they_did(browser: Browser) -> None:
    assert texts(press(browser, "check", {OURS: "\n\n" + text_of().replace("\n", "\r\n")})) == ["\n\n" + text_of()]


def test_examples_are_run(browser: Browser) -> None:
    page = press(browser, "test", {"progression/our-scheme.yaml": SCHEME})
    assert "2 of 2 examples come true. 2 of 2 rules both fire" in page.text
    wrong = SCHEME.replace("3x102.5x5 raise", "3x110x5 raise")
    page = press(browser, "test", {"progression/our-scheme.yaml": wrong})
    assert "1 of 2 examples come true" in page.text
    assert "The rules say" in page.text
    assert "Nothing that lies here has examples" in press(browser, "test", own()).text


@pytest.mark.parametrize("lifter", ["typical", "strong", "failing"])
def test_made_up_lifters_train_by_it(browser: Browser, lifter: str) -> None:
    page = press(browser, "simulate", own(title="<i>One"), lifter=lifter, weeks="4")
    assert page.status == 200
    assert "<svg" in page.html
    assert "style=" not in page.html
    assert "&lt;i&gt;One" in page.html
    assert f"sessions of a made-up lifter, {lifter}" in page.text
    assert "a/pull" in page.text


def test_a_lifter_of_the_gym_trains_by_it(
    browser: Browser, api: ContractClient, app: Flask, services: Services, gym: str
) -> None:
    event = {"type": "set_logged", "data": {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5}}
    for day in range(1, 6):
        sent = {**event, "event_id": f"e{day}", "occurred_at": f"2026-11-0{day}T18:00:00Z"}
        assert api.post("/v1/lifters/ann/events", sent).status == 201
    page = press(browser, "simulate", own(), real="ann")
    assert "sessions of ann" in page.text
    services.keys.add(gym, f"rules-{gym}", created_at=0, scopes=("rules",))
    writer = Browser(app)
    writer.sign_in(f"rules-{gym}")
    page = press(writer, "simulate", own(), real="ann")
    assert "needs the scope read as well" in page.text
    assert texts(page) == [text_of()]


def test_it_is_held_against_what_is_published(browser: Browser) -> None:
    assert "Published" in press(browser, "publish", own()).text
    changed = text_of(title="Copy", programme="our-copy").replace("[3, 5]", "[5, 8]")
    page = press(browser, "compare", {"programmes/our-copy.yaml": changed}, programme="our-copy", base="ours")
    assert "title One lift Copy" in page.text
    assert "double-progression / reps" in page.text
    assert "A failing lifter, 6 weeks" in page.text
    assert re.search(r"a/pull \d+ of \d+ times before any session", page.text)
    assert "the same to the byte" in press(browser, "compare", own()).text


def test_files_are_laid_beside_and_taken_away(browser: Browser) -> None:
    page = press(browser, "add", own(), add="scheme:linear")
    assert len(texts(page)) == 2
    assert len(texts(press(browser, "add", own(), add="scheme:nope"))) == 1
    both = {OURS: text_of(), "progression/linear.yaml": texts(page)[1]}
    assert texts(press(browser, "remove:1", both)) == [text_of()]
    assert "Nothing lies here any more" in press(browser, "remove:0", own()).text
    twice = press(browser, "check", {OURS: text_of(), f"{OURS} ": text_of()})
    assert "two files have the same name" in twice.text


def test_it_is_published_and_a_rollout_previewed_done_and_seen(
    browser: Browser, api: ContractClient, services: Services
) -> None:
    page = press(browser, "publish", own())
    assert "Published: One lift as version 1" in page.text
    assert assign(api, programme="ours").status == 201
    assert "already" in press(browser, "publish", own()).text
    newer = {OURS: text_of().replace("[3, 5]", "[5, 8]")}
    assert "as version 2" in press(browser, "publish", newer).text
    assert "/rules/programmes/ours" in browser.get(BENCH).links()
    token = browser.get("/").fields("/sign-out")["csrf_token"]
    begun = browser.post("/rules/rollouts", {"csrf_token": token, "programme": "ours"})
    there = begun.headers["Location"]
    assert "running" in browser.get(there).text
    assert "Roll it out" not in browser.get(there).text
    finish(services)
    page = browser.get(there)
    assert "1 lifter follows another version" in page.text
    assert "/lifters/ann" in page.links()
    assert "1 prescription changes" in page.text
    assert "Everybody whom it concerns" not in browser.get(f"{there}?after=ann").text
    assert browser.get(f"{there}?after=a%20b").status == 404
    done = browser.post(there, {"csrf_token": token, "do": "start"})
    finish(services)
    assert "1 lifter was moved" in browser.get(done.headers["Location"]).text
    assert there in browser.get(BENCH).links()
    nobody = browser.post("/rules/rollouts", {"csrf_token": token, "programme": "nope"})
    assert "no programme of this name" in browser.get(nobody.headers["Location"]).text


def test_a_walk_forward_shows_how_far_it_is_and_is_stopped(
    browser: Browser, api: ContractClient, services: Services
) -> None:
    load = {"value": 100, "unit": "kg"}
    for day in range(1, 6):
        data = {"exercise": "deadlift", "load": load, "reps": 5}
        sent = {"event_id": f"e{day}", "type": "set_logged", "occurred_at": f"2026-11-0{day}T18:00:00Z", "data": data}
        assert api.post("/v1/lifters/ann/events", sent).status == 201
    page = press(browser, "backtest", own())
    (there,) = page.links("/rules/backtests/")
    assert texts(page) == [text_of()]
    assert "is under way" in press(browser, "backtest", own()).text
    assert "running" in browser.get(there).text
    finish(services)
    page = browser.get(there)
    assert "1 of 1 lifter" in page.text
    assert "deadlift" in page.text
    second = press(browser, "backtest", own()).links("/rules/backtests/")[0]
    token = browser.get("/").fields("/sign-out")["csrf_token"]
    assert browser.post(second, {"csrf_token": token, "do": "stop"}).status == 303
    assert "stopped" in browser.get(second).text


class TestWhichLiftersADraftMoves:
    """Each log replayed as if the rules had always read as they lie on the workbench."""

    @pytest.fixture(autouse=True)
    def trained(self, api: ContractClient, browser: Browser) -> None:
        assert "Published" in press(browser, "publish", own()).text
        assert assign(api, programme="ours").status == 201
        for day in range(2, 9):
            data = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5}
            sent = {
                "event_id": f"e{day}",
                "type": "set_logged",
                "data": data,
                "occurred_at": f"2026-11-0{day}T18:00:00Z",
            }
            assert api.post("/v1/lifters/ann/events", sent).status == 201
        sent = {**sent, "event_id": "other", "data": {**data, "exercise": "squat"}}
        assert api.post("/v1/lifters/bob/events", sent).status == 201

    def found(self, browser: Browser, services: Services, files: dict[str, str], **more: str) -> Page:
        page = press(browser, "effect", files, **more)
        assert texts(page) == list(files.values())
        (there,) = page.links("/rules/drafts/")
        assert "running" in browser.get(there).text
        assert "is under way" in press(browser, "effect", files, **more).text
        finish(services)
        assert there in browser.get(BENCH).links()
        return browser.get(there)

    @pytest.mark.parametrize(("programme", "base"), [("ours", "ours"), ("our-copy", "ours")])
    def test_those_whose_own_rules_use_it(
        self, browser: Browser, services: Services, programme: str, base: str
    ) -> None:
        text = text_of(programme=programme).replace("[3, 5]", "[5, 8]")
        page = self.found(browser, services, {f"programmes/{programme}.yaml": text}, programme=programme, base=base)
        assert "2 of 2 lifters" in page.text
        assert "1 lifter trains or has trained by rules that use what was changed" in page.text
        assert "For 1 of them the next session changes: 1 of " in page.text
        assert "ann deadlift a/pull 3 × 3–5 × 100 kg : why 3 × 5–8 × 100 kg the same 1 0 of 6" in page.text
        assert "/lifters/ann" in page.links()
        (proof,) = page.links("/lifters/ann/proofs/")
        assert browser.get(proof).status == 200
        assert "/lifters/bob" not in page.links()

    def test_nobody_where_nothing_changes(self, browser: Browser, services: Services) -> None:
        page = self.found(browser, services, own(title="Another title"))
        assert "neither next nor in a session of the past" in page.text

    def test_nobody_where_nobodys_rules_use_it(self, browser: Browser, services: Services) -> None:
        assert "Nobody’s rules use" in self.found(browser, services, {"progression/our-scheme.yaml": SCHEME}).text

    def test_a_lifter_who_is_erased_is_named_no_longer(self, browser: Browser, services: Services, gym: str) -> None:
        self.found(browser, services, {OURS: text_of().replace("[3, 5]", "[5, 8]")})
        (task,) = listed(services, gym)
        forget_in_tasks(services, LifterRef(gym, "ann"))
        assert "/lifters/ann" not in browser.get(f"/rules/drafts/{task.id}").links()

    def test_it_can_be_stopped(self, browser: Browser) -> None:
        (there,) = press(browser, "effect", own()).links("/rules/drafts/")
        token = browser.get("/").fields("/sign-out")["csrf_token"]
        assert browser.post(there, {"csrf_token": token, "do": "stop"}).status == 303
        assert "stopped" in browser.get(there).text


class TestNothingWrittenIsLost:
    """Whatever keeps the form from being taken: its text comes back."""

    def test_when_the_session_is_over(self, browser: Browser) -> None:
        token = browser.get("/").fields("/sign-out")["csrf_token"]
        browser.sign_out()
        page = browser.post(BENCH, {"csrf_token": token, "do": "publish", "path": OURS, "text": text_of()})
        assert (page.status, texts(page)) == (401, [text_of()])

    def test_when_the_key_is_revoked(self, app: Flask, services: Services, gym: str) -> None:
        key = services.keys.add(gym, f"rules-{gym}", created_at=0, scopes=("rules", "read"))
        browser = Browser(app)
        browser.sign_in(f"rules-{gym}")
        token = browser.get("/").fields("/sign-out")["csrf_token"]
        services.keys.forget([key.id])
        page = browser.post(BENCH, {"csrf_token": token, "do": "check", "path": OURS, "text": text_of()})
        assert (page.status, texts(page)) == (401, [text_of()])

    def test_when_the_form_is_forged_or_old(self, browser: Browser) -> None:
        page = browser.post(BENCH, {"do": "publish", "path": OURS, "text": text_of()})
        assert (page.status, texts(page)) == (400, [text_of()])
        assert 'value="publish"' not in page.html

    def test_when_there_were_too_many_requests(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"slow-{gym}", created_at=0, rate_limit=2)
        browser = Browser(app)
        browser.sign_in(f"slow-{gym}")
        assert press(browser, "check", own()).status == 200
        assert press(browser, "check", own()).status == 200
        page = press(browser, "check", own())
        assert (page.status, texts(page)) == (429, [text_of()])

    def test_a_text_too_long_for_any_form_is_refused(self, browser: Browser) -> None:
        assert press(browser, "check", {OURS: "x" * 700_000}).status == 413
        page = press(browser, "check", {OURS: "# " + "x" * 300_000})
        assert (page.status, len(texts(page)[0])) == (422, 300_002)


def test_it_is_for_whoever_has_the_scope(reader: Browser, stranger: Browser, browser: Browser) -> None:
    page = reader.get(BENCH)
    assert (page.status, "this page needs the scope rules" in page.text.lower()) == (403, True)
    assert press(reader, "check", own()).status == 403
    assert BENCH not in reader.get("/rules").links()
    assert BENCH in browser.get("/rules").links()
    assert "Sign in" in stranger.get(BENCH).text


def test_another_gyms_programmes_and_tasks_are_not_there(
    browser: Browser, api: ContractClient, app: Flask, services: Services, gym: str
) -> None:
    assert put(api, text_of()).status == 201
    (there,) = press(browser, "backtest", own()).links("/rules/backtests/")
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    other = Browser(app)
    other.sign_in(f"key-of-{gym}-2")
    assert other.get(f"{BENCH}?copy=programme:ours").status == 404
    assert other.get(there).status == 404
    assert "programmes/ours" not in other.get(BENCH).html
    token = other.get("/").fields("/sign-out")["csrf_token"]
    assert other.post(there, {"csrf_token": token, "do": "stop"}).status == 404
    finish(services)
