"""The sample gym: everything is in it that it is to show, and it goes away again."""

from __future__ import annotations

import pytest

from service.bootstrap import Services
from service.domain.errors import NotFound
from service.domain.identifiers import LifterRef
from service.store import key_names
from service.usecases.gym import sample
from service.usecases.gym.gyms import list_gyms
from service.usecases.gym.sample import NOW, SAMPLE, SampleThere, make_sample, remove_sample
from service.usecases.lifter.prescribe import next_for, next_session, state_at
from service.usecases.projection.drain import drain
from service.usecases.webhooks.deliver import deliver
from service.usecases.webhooks.manage import see_webhooks

A, B, C, D = (LifterRef(SAMPLE, f"lifter-{letter}") for letter in "abcd")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years of a week."""
    years = {lifter: year._replace(course=year.course._replace(weeks=1)) for lifter, year in sample.YEARS.items()}
    monkeypatch.setattr(sample, "YEARS", years)


def prescribed(services: Services, at_version: int | None = None) -> set[str]:
    """The loads of lifter-a's deadlifts."""
    due = next_for(services, A, "deadlift", slot="a/hinge", at_version=at_version)
    return {str(each.load.value) for each in due.sets if each.load is not None and each.kind == "work"}


@pytest.mark.usefixtures("short")
def test_what_it_shows_and_that_it_goes_away(services: Services) -> None:
    shows_all_that_it_is_to_show(services)
    with pytest.raises(SampleThere):
        make_sample(services)
    remove_sample(services)
    assert SAMPLE not in {each.gym.id for each in list_gyms(services)}
    assert list(services.log.lifters()) == []
    with pytest.raises(NotFound):
        remove_sample(services)


@pytest.mark.long
def test_a_whole_year_of_it(services: Services) -> None:
    shows_all_that_it_is_to_show(services)
    for lifter in (A, B, C):
        assert services.log.head(lifter) > 1000


def shows_all_that_it_is_to_show(services: Services) -> None:
    key = make_sample(services).key
    assert key.gym == SAMPLE
    assert services.now(SAMPLE) == NOW

    (correction,) = services.log.find(A, ["correction"]).values()
    assert prescribed(services) == {"235"}
    assert prescribed(services, correction.version - 1) == {"225"}
    assert "a/hinge" in {each.slot for each in next_session(services, A)}
    followed = [state_at(services, lifter).shared.assignment for lifter in (A, B, C)]
    assert len({each.programme for each in followed if each is not None}) == 3

    for group in range(key_names.GROUPS):
        drain(services, group, turn_s=60.0)
    parked = state_at(services, D).shared.parked
    assert parked is not None
    assert parked.event_id == "zone"
    assert services.projections.parked_lifters(9) == [D]

    deliver(services)
    (webhook,) = see_webhooks(services, SAMPLE)
    assert webhook.behind > 0
    assert webhook.progress.attempts == 1
    assert webhook.progress.error
