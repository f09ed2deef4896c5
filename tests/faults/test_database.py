"""A database that runs and takes no writes: out of memory or disk, made a replica, loading. Writes say when."""

import http.client
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from tests.support.database import Database
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually

_KEY = "the-key-of-this-test"
_LOADING_US = 8_000_000
"""Microseconds that loading takes: longer than the service tries again by itself."""
_WAITING = b"waiting for a server"
_PRESCRIPTION = "/v1/lifters/ann/prescriptions/deadlift"


class Reply(NamedTuple):
    """What came back."""

    status: int
    retry_after: str | None
    text: str

    @property
    def problem(self) -> str:
        """The kind of problem."""
        return str(json.loads(self.text)["type"])


class Setup(NamedTuple):
    """A running Spotter, its databases of the log and of the queue, and a client of the former."""

    spotter: RunningSpotter
    database: Database
    queue: Database
    client: redis.Redis

    def send(self, method: str, path: str, body: str | None = None, media: str = "application/json") -> Reply:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.spotter.port, timeout=30)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {_KEY}", "Content-Type": media})
            response = connection.getresponse()
            return Reply(response.status, response.headers["Retry-After"], response.read().decode())
        finally:
            connection.close()

    def post(self, event_id: str) -> Reply:
        """Log a set of Ann's."""
        return self.send("POST", "/v1/lifters/ann/events", json.dumps(_a_set(event_id)))

    def post_lines(self, *event_ids: str) -> list[dict[str, Any]]:
        """Log sets of Ann's as lines; the answers."""
        lines = "\n".join(json.dumps({"lifter": "ann", **_a_set(event_id)}) for event_id in event_ids)
        reply = self.send("POST", "/v1/events", lines, "application/x-ndjson")
        assert reply.status == 200
        return [json.loads(line) for line in reply.text.splitlines()]


def _a_set(event_id: str) -> dict[str, Any]:
    data = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": "2026-11-01T10:00:00Z", "data": data}


@pytest.fixture(scope="module")
def setup() -> Iterator[Setup]:
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with (
            Database(folder / "log") as database,
            Database(folder / "queue") as queue,
            RunningSpotter(
                folder / "data",
                SPOTTER_API_KEY=_KEY,
                SPOTTER_REDIS_URL=database.embedded.url,
                SPOTTER_QUEUE_URL=queue.embedded.url,
            ) as spotter,
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
        assert setup.send("GET", _PRESCRIPTION).status == 200
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
        eventually(lambda: _status(setup, _PRESCRIPTION) == 200, "those in their place answer")
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
    eventually(lambda: _status(setup, "/readyz") == 200, "all is well again")
    assert those_who_wait == set(setup.spotter.processes())
    assert setup.post(f"after-{away}").status == 201


def test_stops_at_once_while_its_processes_wait() -> None:
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with (
            Database(folder / "log") as database,
            RunningSpotter(folder / "data", SPOTTER_REDIS_URL=database.embedded.url) as spotter,
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


def _status(setup: Setup, path: str) -> int | None:
    """How a GET is answered; None where nobody listens yet."""
    try:
        return setup.send("GET", path).status
    except OSError:
        return None
