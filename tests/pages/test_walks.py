"""Walks through the pages with Chromium, as a coach, a lifter and an auditor take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from service.bootstrap import bootstrap
from service.config import Settings
from service.usecases.gym import sample
from service.usecases.operator_token import make_operator_token
from tests.support.chromium import DESK, NARROW, NEEDS_CHROMIUM, PHONE, Walk, chromium
from tests.support.running import RunningSpotter, free_port
from tests.support.sample_gym import ANN, LONG, ask, populate

pytestmark = [NEEDS_CHROMIUM]

ON_BOTH: Final = pytest.mark.parametrize(
    ("size", "scripts"),
    [
        pytest.param(PHONE, False, id="phone, without scripts", marks=pytest.mark.long),
        pytest.param(DESK, True, id="desk, with scripts"),
    ],
)
"""What is done by whoever has a phone and no scripts, and at a desk with them."""

PAGES: Final = (
    *("/", "/lifters", ANN, f"{ANN}/log?after=95", f"{ANN}/log/s8-bench-press-4"),
    *("/lifters/bob", "/lifters/dan", f"/lifters/{LONG}", "/nothing"),
    *(f"/lifters/{LONG}/log", f"/lifters/{LONG}/tracks/squat/learned-progression"),
    *("/changes", "/settings/keys", "/settings/webhooks", "/settings/imports?lifter=ann"),
    *("/overrides", "/lifters?named=an", "/lifters?only=due"),
    "/rules",
    *("/rules/workbench", "/rules/workbench?copy=scheme:layoff"),
)
"""Pages that every walk looks at; those of a track and a proof are found by their links."""


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    folder = tmp_path_factory.mktemp("spotter")
    with RunningSpotter(folder, SPOTTER_OPERATOR_PORT=str(free_port())) as running:
        populate(running)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def walk(browser: Browser, spotter: RunningSpotter) -> Iterator[Callable[..., Walk]]:
    """Opens windows, signed in; what went wrong in one fails the test."""
    opened = []

    def begin(**options: Any) -> Walk:
        opened.append(Walk(browser, spotter.url, **options))
        opened[-1].sign_in(spotter.key)
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def everywhere(walk: Walk) -> Iterator[str]:
    """Every page, one after the other; each holds."""
    walk.to(ANN)
    found = {
        each: walk.page.locator(f"a[href*='/{each}/']").first.get_attribute("href") for each in ("tracks", "proofs")
    }
    for path in (*PAGES, *found.values()):
        assert path is not None
        walk.to(path)
        yield path


@pytest.mark.long
def test_every_page_is_for_everybody(walk: Callable[..., Walk]) -> None:
    desk = walk(size=DESK)
    for _ in everywhere(desk):
        desk.is_for_everybody()
        desk.is_for_the_keyboard()
        desk.page.emulate_media(color_scheme="dark")
        desk.is_for_everybody(colours_only=True)
        desk.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize(
    "scripts",
    [pytest.param(False, id="without scripts"), pytest.param(True, id="with scripts", marks=pytest.mark.long)],
)
def test_every_page_fits(walk: Callable[..., Walk], *, scripts: bool) -> None:
    window = walk(size=PHONE, scripts=scripts)
    for _ in everywhere(window):
        window.grows()
        window.page.set_viewport_size(NARROW)
        window.holds()
        window.page.set_viewport_size(PHONE)


def starts(spotter: RunningSpotter, lifter: str) -> str:
    """A lifter with a programme, and with a load; the path of the page."""
    for event_id, kind, data in (
        ("p", "programme_assigned", {"programme": "stronglifts"}),
        ("b", "baseline_set", {"exercise": "squat", "load": {"value": 100, "unit": "kg"}}),
    ):
        event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-08T18:00:00Z", "data": data}
        ask(spotter, "POST", f"/v1/lifters/{lifter}/events", event)
    return f"/lifters/{lifter}"


@ON_BOTH
def test_a_lifter_logs_corrects_and_voids(
    walk: Callable[..., Walk], spotter: RunningSpotter, size: ViewportSize, *, scripts: bool
) -> None:
    window = walk(size=size, scripts=scripts)
    page = window.to(starts(spotter, f"eve-{scripts}".lower()))
    if scripts:  # axe is one
        window.is_for_everybody()
    squat = page.locator("article").filter(has_text="Squat")
    expect(squat.get_by_label("Load").first).to_have_value("100")
    squat.get_by_label("Reps").fill("all")
    squat.get_by_role("button", name="Log this set").click()
    expect(page.get_by_text("Must be a whole number")).to_be_visible()
    window.holds()
    squat.get_by_label("Reps").fill("4")
    squat.get_by_role("button", name="Log this set").dblclick()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 3 of the log.")
    page.get_by_role("link", name="log, 3 events").click()
    page.get_by_role("link", name="version 3").click()
    page.get_by_label("Reps").fill("5")
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 4 of the log.")
    expect(page.get_by_label("Reps")).to_have_value("5")
    window.holds()
    page.get_by_role("button", name="Void it").click()
    expect(page.get_by_text("It counts no longer")).to_be_visible()


def test_a_set_is_logged_by_keyboard_alone(walk: Callable[..., Walk], spotter: RunningSpotter) -> None:
    window = walk(size=DESK)
    page = window.to(starts(spotter, "kim"))
    window.tab_to("data.reps")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved as version 3 of the log.")
    (logged,) = [each for each in ask(spotter, "GET", "/v1/lifters/kim/events")["events"] if each["version"] == 3]
    assert logged["data"]["reps"] == 6


@ON_BOTH
def test_a_coach_changes_a_programme_tries_and_publishes_it(
    walk: Callable[..., Walk], size: ViewportSize, *, scripts: bool
) -> None:
    window = walk(size=size, scripts=scripts)
    page = window.to("/rules/programmes/smolov-jr")
    page.get_by_role("link", name="change a copy").click()
    text = page.get_by_label("Text of programmes/our-smolov-jr.yaml")
    if scripts:
        window.is_for_the_keyboard()
    good = text.input_value()
    wrong = good.replace("exercise: bench-press", "exercise: bench-pres", 1)
    text.fill(wrong)
    if not scripts:
        page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Did you mean bench-press?")).to_be_visible()
    expect(text).to_have_value(wrong)
    window.holds()
    if scripts:  # axe is one
        window.is_for_everybody()
    text.fill(good)
    page.get_by_label("Weeks").fill("2")
    page.get_by_role("button", name="Simulate").click()
    expect(page.get_by_role("img", name="The heaviest load")).to_be_visible()
    expect(text).to_have_value(good)
    window.holds()
    if scripts:
        window.is_for_everybody()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    page.get_by_role("button", name="Preview what a rollout would change").click()
    while not scripts and page.get_by_role("link", name="Look again").count():
        page.reload()
    expect(page.get_by_text("nobody to move")).to_be_visible()
    window.holds()


def test_a_link_shows_a_proof_to_somebody_without_a_key(
    walk: Callable[..., Walk], browser: Browser, spotter: RunningSpotter
) -> None:
    window = walk(size=DESK)
    page = window.to(ANN)
    page.get_by_role("link", name="Proof of Squat").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_role("status").get_by_role("link").get_attribute("href")
    assert address is not None
    window.holds()
    window.is_for_everybody()
    guest = Walk(browser, spotter.url, size=PHONE)
    guest.to(address.removeprefix(spotter.url))
    expect(guest.page.get_by_text("Derived again just now: equal")).to_be_visible()
    guest.is_for_everybody()
    guest.close()
    page.get_by_role("button", name="Revoke the link").click()
    assert page.request.get(address).status == 404
    assert address.rpartition("?")[0].rpartition(".")[2] not in spotter.output


def test_a_chart_is_read_by_keyboard_and_leads_to_a_proof(walk: Callable[..., Walk]) -> None:
    window = walk(size=DESK)
    page = window.to(ANN)
    page.get_by_role("table").get_by_role("link", name="bench-press").click()
    page.locator(".chart").focus()
    for key in ("+", "Home", "-", "End", "ArrowLeft"):
        page.keyboard.press(key)
    said = page.locator(".readout")
    expect(said).to_contain_text("kg lifted")
    expect(said.get_by_role("link", name="a set corrected")).to_be_visible()
    window.is_for_everybody()
    window.holds()
    page.emulate_media(media="print")
    expect(page.locator(".drawn svg")).to_be_visible()
    page.emulate_media(media="screen")
    said.get_by_role("link", name="raise").or_(said.get_by_role("link", name="hold")).first.click()
    expect(page.locator("h1")).to_contain_text("Why")


@pytest.mark.long
def test_scripts_show_changes_as_they_come(walk: Callable[..., Walk], spotter: RunningSpotter) -> None:
    window = walk(size=DESK)
    page = window.to("/changes")
    starts(spotter, "lee")
    expect(page.get_by_role("link", name="lee", exact=True).first).to_be_visible()
    window.holds()


@pytest.mark.long
def test_a_proof_is_slid_through_time_by_keyboard(walk: Callable[..., Walk]) -> None:
    window = walk(size=DESK)
    page = window.to(ANN)
    page.get_by_role("link", name="Proof of Squat").click()
    before = page.url
    page.get_by_text("Ask more of it").click()
    slider = page.get_by_role("slider", name="As of")
    slider.focus()
    page.keyboard.press("PageDown")
    page.wait_for_url(lambda url: url != before)
    expect(page.locator("h1")).to_contain_text("Why")
    window.holds()
    window.is_for_everybody()


HEVY: Final = (
    "title,start_time,exercise_title,set_index,set_type,weight_kg,reps\n"
    'Pull,"15 Sep 2025, 07:48",Squat (Barbell),0,normal,100,5\n'
    'Pull,"15 Sep 2025, 07:48",Our Row Machine,0,normal,55,12\n'
)
DROPPED: Final = "text => { const all = new DataTransfer(); all.items.add(new File([text], 'hevy.csv')); return all }"


@ON_BOTH
def test_a_log_is_dropped_looked_at_and_imported(
    walk: Callable[..., Walk], size: ViewportSize, *, scripts: bool
) -> None:
    window, lifter = walk(size=size, scripts=scripts), f"uma-{scripts}".lower()
    page = window.to("/settings/imports")
    if scripts:
        page.dispatch_event("main", "drop", {"dataTransfer": page.evaluate_handle(DROPPED, HEVY)})
    else:
        page.get_by_label("The file").set_input_files({"name": "hevy.csv", "mimeType": "", "buffer": HEVY.encode()})
    page.get_by_label("Whose log it is").fill(lifter)
    page.get_by_role("button", name="See how it is read").click()
    expect(page.get_by_role("alert")).to_contain_text("leaves something open")
    page.get_by_label("Time zone of the training").fill("Europe/Vienna")
    page.get_by_role("button", name="See how it is read").click()
    expect(page.get_by_text("3 events would be appended")).to_be_visible()
    if scripts:
        window.is_for_everybody()
    window.holds()
    page.get_by_label("Machine row").check()
    page.get_by_role("button", name="Keep these names").click()
    expect(page.get_by_role("table").last).to_contain_text("as the gym said")
    page.get_by_role("button", name="Import 3 events").click()
    expect(page.get_by_role("status").last).to_contain_text("Imported: 3 events")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back: 3 events.")
    window.holds()


def test_whoever_runs_it_looks_at_all_of_it(browser: Browser, spotter: RunningSpotter) -> None:
    window = Walk(browser, f"http://127.0.0.1:{spotter.setting('SPOTTER_OPERATOR_PORT')}", size=DESK)
    page = window.to("/")
    page.get_by_label("Operator’s token").fill(spotter.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This is not the operator’s token")).to_be_visible()
    page.get_by_label("Operator’s token").fill(make_operator_token(spotter.data_dir))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="How this Spotter is")).to_be_visible()
    window.is_for_everybody()
    page.emulate_media(color_scheme="dark")
    window.is_for_everybody(colours_only=True)
    page.get_by_role("button", name="Verify everything").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing is amiss")  # a script looks again
    page.set_viewport_size(PHONE)
    window.to("/?closer=yes")
    window.close()


@pytest.fixture(scope="module")
def sample_key(spotter: RunningSpotter) -> str:
    """A key of a sample gym that trained for a week, and not for a year."""
    services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir)}))
    with pytest.MonkeyPatch.context() as patched:
        (lifter, year), *_ = sample.YEARS.items()
        patched.setattr(sample, "YEARS", {lifter: year._replace(course=year.course._replace(weeks=1))})
        return sample.make_sample(services).secret


@pytest.fixture
def visitor(browser: Browser, spotter: RunningSpotter, sample_key: str) -> Iterator[Walk]:
    """Somebody who stands before the first page of the sample gym and has never seen Spotter."""
    window = Walk(browser, spotter.url, size=DESK)
    window.sign_in(sample_key)
    window.to("/")
    yield window
    window.close()


def test_a_visitor_finds_why_a_lifter_was_told_235_and_what_it_was_without_the_correction(visitor: Walk) -> None:
    page = visitor.page
    page.get_by_role("link", name="Lifters").first.click()
    page.get_by_role("link", name="lifter-a").click()
    page.get_by_role("link", name="Proof of Deadlift").click()
    expect(page.get_by_text("6 reps at 225 lb is the top of 4-6: 235 lb next.").first).to_be_visible()
    corrections = page.get_by_role("region", name="Put right in the log")
    expect(corrections).to_contain_text("A set corrected (2026-01-05-deadlift-3), told Tue 6 Jan 2026")
    corrections.get_by_role("link", name="what it was without").click()
    expect(page.locator("h1")).to_contain_text("225")
    page.go_back()
    corrections.get_by_role("link", name="what differs").click()
    expect(page.get_by_role("heading", name="What differs from the other proof")).to_be_visible()
    visitor.holds()


def test_a_visitor_finds_which_lifters_a_changed_step_would_move(visitor: Walk) -> None:
    page = visitor.page
    page.get_by_role("link", name="Rules").first.click()
    page.get_by_role("link", name="Workbench").click()
    page.get_by_label("What to begin with").select_option("programme:upper-back")
    page.get_by_role("button", name="Lay it on the workbench").click()
    text = page.get_by_label("Text of programmes/our-upper-back.yaml")
    text.fill(text.input_value().replace("{lb: 10, kg: 5}", "{lb: 20, kg: 10}"))
    page.get_by_role("button", name="Which lifters it would move").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="see whom it moves").click()
    page = opened.value
    expect(page.get_by_role("region", name="Whom it moves", exact=True)).to_contain_text("lifter-a")
    visitor.to(page.url.removeprefix(visitor.url))
    visitor.is_for_everybody()
    visitor.grows()


def test_a_visitor_finds_why_a_webhook_failed(visitor: Walk) -> None:
    visitor.page.get_by_role("link", name="Webhooks").click()
    expect(visitor.page.get_by_text("which is not a public address").first).to_be_visible()
    visitor.holds()


def test_a_proof_is_one_sheet_of_paper(visitor: Walk) -> None:
    page = visitor.to("/lifters/lifter-a")
    page.get_by_role("link", name="Proof of Deadlift").click()
    page.wait_for_load_state()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    for seen in (".qr svg", "text=SHA-256 of this derivation", "text=(UTC)"):
        expect(page.locator(seen).first).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
