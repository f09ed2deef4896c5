"""A database that runs and takes no writes: out of memory or disk, made a replica, loading. Writes say when."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from tests.support.asking import PRESCRIPTION, Reply, beside_databases, post, post_lines, send, status_of
from tests.support.database import Database
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually

pytestmark = pytest.mark.faults

_LOADING_US = 8_000_000
"""Microseconds that loading takes: longer than the service tries again by itself."""
_WAITING = b"waiting for a server"


class Setup(NamedTuple):
    """A running Spotter, its databases of the log and of the queue, and a client of the former."""

    spotter: RunningSpotter
    database: Database
    queue: Database
    client: redis.Redis

    def send(self, method: str, path: str) -> Reply:
        """Send a request."""
        return send(self.spotter, method, path)

    def post(self, event_id: str) -> Reply:
        """Log a set of Ann's."""
        return post(self.spotter, event_id)

    def post_lines(self, *event_ids: str) -> list[dict[str, Any]]:
        """Log sets of Ann's as lines; the answers."""
        return post_lines(self.spotter, *event_ids)


@pytest.fixture(scope="module")
def setup() -> Iterator[Setup]:
    with (
        beside_databases(several=True) as (spotter, database, queue),
        redis.Redis.from_url(database.embedded.url) as client,
    ):
        made = Setup(spotter, database, queue, client)
        assert made.post("a0").status == 201
        yield made


def _out_of_memory(setup: Setup) -> Callable[[], object]:
    setup.client.config_set("maxmemory", 1)
    return lambda: setup.client.config_set("maxmemory", 0)


def _disk_full(setup: Setup) -> Callable[[], object]:
    """A snapshot that cannot be written: what the server makes of a full disk, from then on it takes no writes."""
    in_the_way = setup.database.embedded.directory / "dump.rdb" / "full"
    in_the_way.mkdir(parents=True)
    setup.client.config_set("save", "3600 1000000")
    setup.client.bgsave()
    eventually(lambda: setup.client.info("persistence")["rdb_last_bgsave_status"] == "err", "the snapshot fails")
    return lambda: setup.client.config_set("save", "")


def _read_only(setup: Setup) -> Callable[[], object]:
    setup.client.slaveof("127.0.0.1", 1)
    return setup.client.slaveof


@pytest.mark.parametrize(
    ("trouble", "retry_after"),
    [(_out_of_memory, "30"), (_disk_full, "30"), (_read_only, "1")],
    ids=["out of memory", "disk full", "read-only replica"],
)
def test_reads_go_on_and_writes_say_when_to_come_again(
    setup: Setup, trouble: Callable[[Setup], Callable[[], object]], retry_after: str
) -> None:
    """docs/faults.md, 4 and 5."""
    name = trouble.__name__
    end = trouble(setup)
    try:
        refused = setup.post(name)
        assert (refused.status, refused.retry_after, refused.problem) == (503, retry_after, "/problems/unavailable")
        assert [line["problem"]["status"] for line in setup.post_lines(f"{name}-1", f"{name}-2")] == [503, 503]
        assert setup.send("GET", PRESCRIPTION).status == 200
        assert setup.send("GET", "/livez").status == 200
        assert setup.send("GET", "/readyz").status == 503
    finally:
        end()
    assert setup.post(name).status == 201
    assert [line["outcome"] for line in setup.post_lines(name, f"{name}-1")] == ["already_appended", "appended"]
    assert setup.send("GET", "/readyz").status == 200


@pytest.mark.parametrize("trouble", [_out_of_memory, _read_only], ids=["out of memory", "read-only replica"])
def test_processes_start_where_it_takes_no_writes(
    setup: Setup, trouble: Callable[[Setup], Callable[[], object]]
) -> None:
    """docs/faults.md, 4 and 5."""
    end = trouble(setup)
    try:
        victims = setup.spotter.web_workers()
        for victim in victims:
            kill(victim)
        eventually(lambda: not {*victims} & {*setup.spotter.web_workers()}, "those processes have ended")
        eventually(lambda: status_of(setup.spotter, PRESCRIPTION) == 200, "those in their place answer")
    finally:
        end()


def test_recovers_by_itself_when_the_database_has_loaded(setup: Setup) -> None:
    """docs/faults.md, 1 and 5."""
    versions = {line["event_id"]: line["version"] for line in setup.post_lines("loaded-1", "loaded-2")}
    setup.client.bgrewriteaof()  # what is loaded key by key is the part of the file that was written anew
    eventually(lambda: setup.client.info("persistence")["aof_last_rewrite_time_sec"] >= 0, "the file is written anew")
    keys = setup.client.dbsize()
    setup.database.kill()
    assert setup.post("gone").status == 503
    slowly = ["--key-load-delay", str(_LOADING_US // keys), "--loading-process-events-interval-bytes", "1024"]
    setup.database.process = subprocess.Popen([*setup.database.embedded.command(), *slowly], stdout=subprocess.DEVNULL)
    eventually(lambda: setup.database.embedded.status() == "loading", "the database is loading")
    refused = setup.post("loading")
    assert (refused.status, refused.retry_after) == (503, "5")
    assert setup.send("GET", "/livez").status == 200
    eventually(lambda: setup.send("GET", "/readyz").status == 200, "all is well again")
    assert {line["event_id"]: line["version"] for line in setup.post_lines("loaded-1", "loaded-2")} == versions
    assert setup.post("loading").status in (200, 201)


@pytest.mark.parametrize("away", ["log", "queue"])
def test_processes_that_die_meanwhile_wait_for_it(setup: Setup, away: str) -> None:
    """docs/faults.md, 5."""
    database, waiting = {
        "log": (setup.database, ["web", "worker-1", "deliverer"]),
        "queue": (setup.queue, ["worker-1", "deliverer"]),
    }[away]
    _kill_all_that_need(database, setup.spotter, waiting)
    those_who_wait = set(setup.spotter.processes())
    database.start()
    eventually(lambda: status_of(setup.spotter, "/readyz") == 200, "all is well again")
    assert those_who_wait == set(setup.spotter.processes())
    assert setup.post(f"after-{away}").status == 201


def test_stops_at_once_while_its_processes_wait() -> None:
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with (
            Database(folder / "log") as database,
            RunningSpotter(folder / "data", SPOTTER_REDIS_URL=database.embedded.url, several=True) as spotter,
        ):
            _kill_all_that_need(database, spotter, ["web", "worker-1", "deliverer"])
            assert spotter.stop() == 0
            assert b"refused to gracefully stop" not in (spotter.data_dir / "web.log").read_bytes()
            assert spotter.processes() == []


def _kill_all_that_need(database: Database, spotter: RunningSpotter, names: list[str]) -> None:
    """Kill a database and all who do the work; until those in their place, whose logs have these names, wait for it."""
    logs = [spotter.data_dir / f"{name}.log" for name in names]
    before = [log.stat().st_size for log in logs]
    database.kill()
    for victim in (*spotter.web_workers(), *spotter.processes("workers.")):
        kill(victim)
    eventually(
        lambda: all(log.read_bytes()[size:].count(_WAITING) > 3 for log, size in zip(logs, before, strict=True)),
        "those that need it wait",
    )
