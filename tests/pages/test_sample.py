"""The sample gym on the first page: who is offered it, that it is made and goes away, and that nobody else can."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.events import SetLogged
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.usecases.gym import sample
from service.usecases.gym.sample import SAMPLE, fill_sample, is_there, remove_sample
from service.usecases.lifter.erase import erase
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
from tests.support.browser import Browser

_MAKE, _REMOVE = "/sample", "/sample/removal"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week of one lifter instead of a year of three."""
    (lifter, year), *_ = sample.YEARS.items()
    monkeypatch.setattr(sample, "YEARS", {lifter: year._replace(course=year.course._replace(weeks=1))})


@pytest.fixture
def first(app: Flask, services: Services) -> Iterator[Browser]:
    """A browser signed in with a key of the first gym that has every scope."""
    services.keys.add(DEFAULT_GYM, "the-first-key", created_at=0)
    browser = Browser(app)
    browser.sign_in("the-first-key")
    yield browser
    if is_there(services):
        remove_sample(services)


def test_one_click_makes_it_and_another_takes_it_away(first: Browser, services: Services) -> None:
    made = first.post(_MAKE, first.get("/").fields(_MAKE))
    assert (made.status, made.headers["Location"]) == (303, "/")
    assert "is being trained" in first.get("/").text
    fill_sample(services, "k")  # as a worker does
    assert "is being trained" not in first.get("/").text
    lifters = first.get("/lifters")
    assert {"/lifters/lifter-a", "/lifters/lifter-d"} <= {*lifters.links("/lifters/")}
    assert SAMPLE in lifters.text
    assert "parked" in lifters.text
    assert "235" in first.get("/lifters/lifter-a").text
    removed = first.post(_REMOVE, first.get("/").fields(_REMOVE))
    assert (removed.status, removed.headers["Location"]) == (303, "/")
    page = first.get("/")
    assert page.fields(_MAKE)
    assert DEFAULT_GYM in page.text
    assert first.get("/lifters").links("/lifters/lifter") == []
    assert not is_there(services)


def test_signing_out_of_it_ends_both_sessions(first: Browser, services: Services, app: Flask) -> None:
    before = first.cookie
    first.post(_MAKE, first.get("/").fields(_MAKE))
    first.sign_out()
    thief = Browser(app)
    thief.client.set_cookie("spotter", before or "")
    assert "API key" in thief.get("/lifters").text
    assert is_there(services)


def test_nobody_else_is_offered_it_or_can_make_it(
    stranger: Browser, browser: Browser, reader: Browser, first: Browser, app: Flask, services: Services
) -> None:
    services.keys.add(DEFAULT_GYM, "reads-and-administers", 0, ("read", "admin"))
    narrow = Browser(app)
    narrow.sign_in("reads-and-administers")
    for other in (stranger, browser, reader, narrow):
        page = other.get("/")
        assert "sample" not in page.text
        for path in (_MAKE, _REMOVE):
            form = {"csrf_token": other.get("/sign-in").fields("/sign-in")["csrf_token"]}
            answer = other.post(path, form)
            assert answer.status == 403 or answer.headers["Location"].startswith("/sign-in")
    for path in (_MAKE, _REMOVE):
        assert first.post(path, {}).status == 400, "a form of somebody else's page"
    assert not is_there(services)


def test_where_somebody_has_trained_it_is_not_offered(first: Browser, services: Services, gym: str) -> None:
    form = first.get("/").fields(_MAKE)
    lifter = LifterRef(gym, "ann")
    append_event(
        services, lifter, Submission("1", services.clock(), SetLogged("squat", Load(Decimal(60), "kg"), 5)), actor="k"
    )
    assert "sample" not in first.get("/").text
    assert first.post(_MAKE, form).status == 403
    erase(services, lifter, by="k")
    assert not is_there(services)
