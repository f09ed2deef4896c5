"""Spotter on a primary, two replicas and three Sentinels, through six failovers under load (`make sentinel-test`).

A primary that was killed or asked to step down believes for some ten seconds after it is back that it is one still.
"""

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from tests.support import aftermath
from tests.support.asking import KEY, PRESCRIPTION, post, post_lines, send
from tests.support.hooks import Receiver, place_named, receiving
from tests.support.moved_by_backup import check_backup
from tests.support.running import RunningSpotter, eventually
from tests.support.sentinel import Watched, watched
from tests.support.waking import await_told
from tests.support.writers import Acknowledged, Writers

pytestmark = pytest.mark.sentinel

LIFTERS = [f"lifter-{number}" for number in range(12)]
FAILOVERS = ["kill", "freeze", "ask"] * 2
GOES_ON_SECONDS = 10.0
_LOOKED_AT = 20


class Setup(NamedTuple):
    """A running Spotter, what it stands on, who is told of changes, and what it is made of, in this process."""

    spotter: RunningSpotter
    servers: Watched
    receiver: Receiver
    services: Services


@pytest.fixture(params=["auto", "replicated"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, watched() as servers, receiving() as receiver:
        environment = {
            "SPOTTER_API_KEY": KEY,
            "SPOTTER_REDIS_URL": servers.url,
            "SPOTTER_DURABILITY": request.param,
            "SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes",
        }
        with RunningSpotter(Path(folder), **environment, several=True) as spotter:
            settings = Settings.from_environment({**environment, "SPOTTER_DATA_DIR": folder})
            yield Setup(spotter, servers, receiver, bootstrap(settings))
            assert spotter.stop() == 0


def test_six_failovers_under_load(setup: Setup) -> None:
    """docs/faults.md, 3."""
    spotter, servers, receiver, services = setup
    replicated = services.settings.durability == "replicated"
    told = "replicated" if replicated else "primary"

    # Before all else: a webhook is told what comes from then on.
    assert send(spotter, "POST", "/v1/webhooks", json.dumps({"url": receiver.url})).status == 201
    assert json.loads(post(spotter, "a1").text)["durability"] == told
    assert [line["durability"] for line in confirmed(spotter, "a2", "a3")] == [told, told]
    assert json.loads(send(spotter, "GET", "/readyz").text)["parts"]["log"]["durability"] == told

    order = random.Random(13).sample(FAILOVERS, len(FAILOVERS))
    with Writers(spotter.port, KEY, LIFTERS, seed=13, act=replicated) as writers:
        for how in order:
            time.sleep(1.0)
            old = servers.fail_over(how)
            go_on_soon(services, writers)
            servers.bring_back(old, how)

    lost = aftermath.lost(services, writers.acknowledged)
    assert not (lost and replicated)
    for path in (PRESCRIPTION, "/v1/lifters/ann/events", "/v1/lifters/ann/state"):
        assert send(spotter, "GET", path).status == 200
    known, new = confirmed(spotter, "a3", "a4")
    assert known["outcome"] == "already_appended"
    assert new["outcome"] in {"appended", "already_appended"}, "at the first attempt, or at another"
    await_told(services)
    told_of = feed(spotter)
    assert [place_named(change["change_id"]).number for change in told_of] == [*range(1, len(told_of) + 1)]
    eventually(lambda: {*map(json.dumps, told_of)} <= delivered(receiver), "every change was delivered")
    aftermath.check_states(services)


@pytest.mark.parametrize("setup", ["replicated"], indirect=True)
def test_a_backup_under_load_is_restored_where_sentinels_watch_too(setup: Setup) -> None:
    """docs/faults.md, 38."""
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, watched() as others:
        elsewhere = RunningSpotter(
            Path(folder), SPOTTER_API_KEY=KEY, SPOTTER_REDIS_URL=others.url, SPOTTER_DURABILITY="replicated"
        )
        settings = Settings.from_environment({"SPOTTER_REDIS_URL": others.url})
        check_backup(setup.spotter, setup.services, elsewhere, settings)


def confirmed(spotter: RunningSpotter, *event_ids: str) -> list[dict[str, Any]]:
    """Log sets of Ann's, again as long as one is refused: replicas that are slow or away confirm nothing in time."""
    answers: list[dict[str, Any]] = []

    def all_are() -> bool:
        answers[:] = post_lines(spotter, *event_ids)
        return all(line["outcome"] != "refused" for line in answers)

    eventually(all_are, "all sets are confirmed")
    return answers


def feed(spotter: RunningSpotter) -> list[dict[str, Any]]:
    """All changes, page by page."""
    found: list[dict[str, Any]] = []
    path = "/v1/changes?limit=500"
    while (page := json.loads(send(spotter, "GET", path).text))["changes"]:
        found += page["changes"]
        path = page["next"]
    return found


def delivered(receiver: Receiver) -> set[str]:
    """The changes that were delivered."""
    return {json.dumps(change) for message in list(receiver.received) for change in message.changes}


def go_on_soon(services: Services, writers: Writers) -> None:
    """Fail unless within ten seconds something is acknowledged, kept by the new primary, and replayed."""
    before, deadline = len(writers.acknowledged), time.monotonic() + GOES_ON_SECONDS
    while not any(is_replayed(services, event) for event in writers.acknowledged[before:][-_LOOKED_AT:]):
        assert time.monotonic() < deadline, f"of {len(writers.acknowledged) - before} acknowledged none was replayed"
        time.sleep(0.05)


def is_replayed(services: Services, event: Acknowledged) -> bool:
    """Whether the log has an event, and the projection of its lifter too."""
    lifter = LifterRef(DEFAULT_GYM, event.lifter)
    has_it = event.event_id in services.log.find(lifter, [event.event_id])
    return has_it and int(services.projections.load(lifter).get(b"version", 0)) >= event.version
