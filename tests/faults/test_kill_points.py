"""Kills at exact moments: between append and reply, between append and wake-up, inside a commit."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.store.connections import connect
from service.store.scripts import Script
from service.usecases.projection.drain import replay_lag
from tests.support import aftermath
from tests.support.database import Database
from tests.support.proxy import Moment, Proxy, Trap, kill
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Acknowledged, Client

pytestmark = pytest.mark.faults

KEY = "the-key-of-this-test"
MADE_GOOD_SECONDS = 10.0


class Setup(NamedTuple):
    """A running Spotter whose databases can be reached beside the proxies that it uses."""

    spotter: RunningSpotter
    services: Services
    database: Database
    log: Proxy
    queue: Proxy
    awake: redis.Redis

    def quiet(self) -> bool:
        """Whether nothing is left to do and no worker is awake that would see more without being woken."""
        return replay_lag(self.services).lifters == 0 and not self.awake.keys("spotter:awake:*")


@pytest.fixture(scope="module")
def setup() -> Iterator[Setup]:
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with (
            Database(folder / "log") as database,
            Database(folder / "queue") as queue_server,
            Proxy(folder / "log.sock", database.embedded.socket_path) as log,
            Proxy(folder / "queue.sock", queue_server.embedded.socket_path) as queue,
            RunningSpotter(
                folder / "data",
                SPOTTER_API_KEY=KEY,
                SPOTTER_REDIS_URL=f"unix://{log.path}",
                SPOTTER_QUEUE_URL=f"unix://{queue.path}",
                several=True,
            ) as spotter,
        ):
            direct = Settings.from_environment(
                {"SPOTTER_REDIS_URL": database.embedded.url, "SPOTTER_QUEUE_URL": queue_server.embedded.url}
            )
            with redis.Redis.from_url(queue_server.embedded.url) as awake:
                yield Setup(spotter, bootstrap(direct), database, log, queue, awake)


class Point(NamedTuple):
    """A moment, and who is killed at it: the process that sent the command, or the database."""

    server: str
    words: tuple[str, ...]
    sender: str
    moment: Moment
    victim: str


WEB, WORKER = "", "workers.worker"
POINTS = {
    "append half sent, web killed": Point("log", ("append",), WEB, "half sent", "sender"),
    "append on its way, database killed": Point("log", ("append",), WEB, "in flight", "database"),
    "appended, reply lost, database killed": Point("log", ("append",), WEB, "answered", "database"),
    "appended, reply lost, web killed": Point("log", ("append",), WEB, "answered", "sender"),
    "appended, nobody woken, web killed": Point("queue", ("spotter:awake", "NX"), WEB, "not sent", "sender"),
    "log read, nothing committed, worker killed": Point("log", ("read",), WORKER, "answered", "sender"),
    "commit half sent, worker killed": Point("log", ("commit",), WORKER, "half sent", "sender"),
    "commit on its way, worker killed": Point("log", ("commit",), WORKER, "in flight", "sender"),
    "commit on its way, database killed": Point("log", ("commit",), WORKER, "in flight", "database"),
    "committed, reply lost, worker killed": Point("log", ("commit",), WORKER, "answered", "sender"),
    "committed, reply lost, database killed": Point("log", ("commit",), WORKER, "answered", "database"),
    "changes on their way to the feed, worker killed": Point("log", ("feed",), WORKER, "in flight", "sender"),
    "changes on their way to the feed, database killed": Point("log", ("feed",), WORKER, "in flight", "database"),
    "changes in the feed, reply lost, worker killed": Point("log", ("feed",), WORKER, "answered", "sender"),
    "changes in the feed, reply lost, database killed": Point("log", ("feed",), WORKER, "answered", "database"),
}


@pytest.mark.parametrize("name", POINTS)
def test_a_kill_at_this_point_is_made_good_in_ten_seconds(setup: Setup, name: str) -> None:
    point = POINTS[name]
    lifter = f"lifter-{list(POINTS).index(name)}"
    proxy = setup.log if point.server == "log" else setup.queue
    with Client(setup.spotter.port, KEY) as client:
        acknowledged = [client.append(lifter, a_set(number)) for number in range(5)]
        eventually(setup.quiet, "all is quiet")
        proxy.set_trap(trap_of(setup, point))
        acknowledged.append(client.append(lifter, a_set(5, reps=20)))
        assert proxy.sprung.wait(MADE_GOOD_SECONDS)

    deadline = time.monotonic() + MADE_GOOD_SECONDS
    while not caught_up(setup.services, lifter, acknowledged):
        assert time.monotonic() < deadline, "not made good in time"
        time.sleep(0.05)
    aftermath.check(setup.services, acknowledged)


def a_set(number: int, reps: int = 5) -> dict[str, object]:
    """A set; one of many repetitions changes what is prescribed."""
    return {
        "event_id": f"set-{number}",
        "type": "set_logged",
        "occurred_at": f"2026-11-01T10:{number:02d}:00Z",
        "data": {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": reps},
    }


def trap_of(setup: Setup, point: Point) -> Trap:
    scripts = {
        name: Script(connect(setup.database.embedded.url), name).sha for name in ("append", "read", "commit", "feed")
    }
    words = tuple(scripts.get(word, word).encode() for word in point.words)

    def spring(sender: int) -> None:
        if point.victim == "database":
            setup.database.kill_and_start()
        else:
            kill(sender)

    return Trap(words, point.sender, point.moment, spring)


def caught_up(services: Services, lifter: str, acknowledged: list[Acknowledged]) -> bool:
    """Whether the lifter's projection has all that was acknowledged."""
    version = services.projections.load(LifterRef(DEFAULT_GYM, lifter)).get(b"version", b"0")
    return int(version) >= acknowledged[-1].version
