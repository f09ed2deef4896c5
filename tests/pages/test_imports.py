"""Another app's log dropped on a page: looked at, its names said, taken in, taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Flask

from service.bootstrap import Services
from service.http.resources.imports import LARGEST_FILE
from tests.support.browser import Browser, Page
from tests.support.contract import ContractClient

THERE = "/settings/imports"
SAID = {"lifter": "ann", "unit": "kg", "time_zone": "Europe/Vienna"}
HEVY = (
    b"title,start_time,exercise_title,set_index,set_type,weight_kg,reps\n"
    b'Pull,"15 Sep 2025, 07:48",Squat (Barbell),0,normal,100,5\n'
    b'Pull,"15 Sep 2025, 07:48",Our Row Machine,0,normal,55,12\n'
    b'Pull,"15 Sep 2025, 07:48",Squat (Barbell),1,normal,100,\n'
)
FOUR_COLUMNS = b"Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n2026-03-04 18:00:00,A,Squat (Barbell),1,100,5\n"


def drop(browser: Browser, content: bytes = HEVY, said: Mapping[str, str] = SAID, name: str = "hevy.csv") -> Page:
    return browser.upload(THERE, {**browser.get(THERE).form("import"), **said, "do": "look"}, name, content)


def again(browser: Browser, page: Page, /, **said: str) -> Page:
    """Send the form that holds the file, with what is filled in."""
    return browser.post(
        THERE, {**page.form("import"), **{name.replace("__", "."): each for name, each in said.items()}}
    )


def test_a_file_is_looked_at_confirmed_seen_and_taken_back(browser: Browser, api: ContractClient) -> None:
    seen = drop(browser)
    assert seen.status == 200
    assert "3 rows of Hevy: 2 sets, 0 notes, 1 not taken. Weights in kg (as the file says)" in seen.text
    assert "neither reps nor seconds: nothing was done 1 4" in seen.text
    assert "3 events would be appended to the log of ann; 0 are in it." in seen.text
    assert api.get("/v1/lifters/ann/state").status == 404
    done = again(browser, seen, do="import")
    assert (done.status, "Imported: 3 events are new in the log of ann" in done.text) == (201, True)
    assert api.get("/v1/lifters/ann/state").json["version"] == 3
    assert again(browser, seen, do="import").status == 201  # sent twice, it is there once
    assert api.get("/v1/lifters/ann/state").json["version"] == 3
    listed = browser.get(f"{THERE}?lifter=ann")
    (import_id,) = re.findall(r'name="take_back" value="([0-9a-f]{12})"', listed.html)
    token = listed.form("import")["csrf_token"]
    assert browser.post(THERE, {"csrf_token": token, "lifter": "ann", "take_back": import_id}).status == 303
    after = browser.get(f"{THERE}?lifter=ann")
    assert "Taken back: 3 events." in after.text
    assert "take_back" not in after.html
    assert "3 events would be appended" in drop(browser).text


def test_what_the_file_leaves_open_is_asked_and_the_file_stays(browser: Browser) -> None:
    asked = drop(browser, FOUR_COLUMNS, {"lifter": "bob", "time_zone": "Europe/Vienna"}, "strong.csv")
    assert asked.status == 422
    assert "whether its weights are kilograms or pounds" in asked.text
    assert "strong.csv" in asked.text
    seen = again(browser, asked, unit="lb", do="look")
    assert (seen.status, "Weights in lb (as you said)" in seen.text) == (200, True)
    otherwise = again(browser, seen, unit="kg", do="import")
    assert "it is read otherwise than you saw it" in otherwise.text
    assert "Imported" not in otherwise.text
    assert again(browser, otherwise, do="import").status == 201
    slashed = FOUR_COLUMNS.replace(b"2026-03-04", b"03/04/2026")
    assert "2 events would be" in again(browser, drop(browser, slashed), date_order="day-month").text
    assert "whose log is it?" in drop(browser, said={}).text
    table = b"Datum,\xc3\x9cbung,kg,Wdh.\n2026-03-04,Squat,100,5\n"
    proposed = drop(browser, table, {"lifter": "bob"}, "own.csv")
    assert proposed.form("import")["columns"] == "date=Datum, exercise=Übung, weight=kg, reps=Wdh."
    assert "2 events would be" not in proposed.text
    assert "1 events would be" in again(browser, proposed, do="look").text


def test_a_name_is_said_and_holds_for_the_gym(browser: Browser, api: ContractClient) -> None:
    again(browser, drop(browser), do="import")
    seen = drop(browser)
    assert "Nobody knows “Our Row Machine”" in seen.text
    likely = re.findall(r'name="meant\.\d" value="([a-z-]+)"', seen.html)
    assert any("row" in each for each in likely)
    refused = again(browser, seen, other__0="No Such!", do="names")
    assert (refused.status, "exercise: Must be" in refused.text) == (422, True)
    kept = again(browser, seen, other__0="Cable-Row", do="import")
    assert "what 1 names mean. Sets imported before and corrected now: 1." in kept.text
    assert "as the gym said" in kept.text
    assert {each["exercise"] for each in api.get("/v1/exercise-names").json["names"]} == {"cable-row"}
    assert "Our Row Machine cable-row" in browser.get(THERE).text


def test_every_text_of_a_file_is_escaped(browser: Browser) -> None:
    markup = "<script>alert(1)</script>"
    page = drop(browser, HEVY.replace(b"Our Row Machine", markup.encode()), name=f"{markup}.csv")
    assert page.text.count(markup) == 3
    assert "<script>alert" not in page.html
    columns = f"date={markup},exercise=b"
    assert "<script>alert" not in drop(browser, b"a,b\n1,2\n", {**SAID, "columns": columns}).html
    assert "<script>alert" not in drop(browser, said={**SAID, "lifter": markup}).html


def test_what_is_no_export_is_told_and_what_is_too_large_refused(browser: Browser) -> None:
    for nonsense in (b"", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x81", b"SQLite format 3\x00" + bytes(40), b"[" * 99_999):
        page = drop(browser, nonsense)
        assert (page.status, 'class="wrong"' in page.html) == (422, True)
    assert "choose it once more" in again(browser, drop(browser), kept="bm90IHBhY2tlZA==").text
    assert drop(browser, bytes(LARGEST_FILE + 1)).status == 413
    assert drop(browser, bytes(2 * LARGEST_FILE)).status == 413
    assert "at most 4 MiB here" in drop(browser, bytes(LARGEST_FILE + 1)).text
    assert (
        browser.post("/settings/keys", {**browser.get("/settings/keys").form("make"), "name": "x" * 99_999}).status
        == 413
    )


def test_only_forms_of_ours_and_keys_that_may_write(
    browser: Browser, reader: Browser, stranger: Browser, api: ContractClient, app: Flask, services: Services, gym: str
) -> None:
    forged = {**drop(browser).form("import"), "do": "import", "csrf_token": ""}
    assert browser.post(THERE, forged).status == 400
    assert stranger.post(THERE, forged).status == 303
    assert "needs the scope write" in reader.get(THERE).text
    assert api.get("/v1/lifters/ann/state").status == 404
    again(browser, drop(browser), do="import")
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    other = Browser(app)
    other.sign_in(f"key-of-{gym}-2")
    assert "Nothing was imported into this log" in other.get(f"{THERE}?lifter=ann").text
