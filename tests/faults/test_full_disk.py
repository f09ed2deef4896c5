"""A disk that is full: nothing is written, everything is read, and it goes on by itself once there is room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.support import asking
from tests.support.asking import KEY, PRESCRIPTION, beside_databases, send, status_of
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually
from tests.support.small_disk import small_disk

pytestmark = pytest.mark.faults

_READ = (PRESCRIPTION, "/v1/lifters/ann/events", "/livez", "/metrics")
_BLOCK = 1 << 16


post = partial(asking.post, note="x" * 200)
post_lines = partial(asking.post_lines, note="x" * 200)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of 40 MB."""
    with small_disk(40) as folder:
        yield folder


def test_writes_are_refused_and_reads_go_on_until_there_is_room(disk: Path) -> None:
    """docs/faults.md, 4."""
    with RunningSpotter(disk / "data", SPOTTER_API_KEY=KEY, several=True) as spotter:
        acknowledged = {f"a{n}" for n in range(5) if post(spotter, f"a{n}").status == 201}
        assert len(acknowledged) == 5
        web = set(spotter.processes("service.running.web"))

        filler = _fill(disk)
        for number in range(50):
            # The server of the log may end over what it cannot write, once, and is back at once.
            if post(spotter, f"b{number}").status == 201:
                acknowledged.add(f"b{number}")
        eventually(lambda: post(spotter, "refused").status == 503, "writes are refused")

        for _ in range(20):
            refused = post(spotter, "refused")
            assert (refused.status, refused.retry_after) == (503, "5")
            problem = json.loads(refused.text)
            told = {key: said for key, said in problem.items() if key != "request_id"}
            assert told["type"] == "/problems/unavailable"
            lines = post_lines(spotter, "c1", "c2")
            assert [{**line["problem"], "request_id": None} for line in lines] == [{**told, "request_id": None}] * 2
            assert _words_of_the_inside(disk, refused.text, json.dumps(lines)) == []
            assert [send(spotter, "GET", path).status for path in _READ] == [200] * len(_READ)
        ready = send(spotter, "GET", "/readyz")
        disk_part = json.loads(ready.text)["parts"]["disk"]
        assert (ready.status, disk_part["status"]) == (503, "unwell")
        assert "free on the disk" in disk_part["detail"]
        assert _words_of_the_inside(disk, ready.text) == []
        looked = spotter.command("doctor")
        assert f"fail  disk: {disk_part['detail']} ({disk}" in looked.stdout, looked.stdout

        for victim in (*spotter.web_workers()[:1], *spotter.processes("log.sock")):
            kill(victim)
        eventually(lambda: status_of(spotter, PRESCRIPTION) == 200, "those in their place read")

        filler.unlink()
        eventually(lambda: post(spotter, "after").status in (200, 201), "writes are taken again")
        eventually(lambda: status_of(spotter, "/readyz") == 200, "all is well")
        log = json.loads(send(spotter, "GET", "/v1/lifters/ann/events?limit=1000").text)["events"]
        logged = {event["event_id"] for event in log}
        assert acknowledged | {"after"} <= logged
        assert not {"c1", "c2"} & logged
        eventually(lambda: _state(spotter) == "ok", "workers are back")
        assert len(web & set(spotter.processes("service.running.web"))) == len(web) - 1, "but the one that was killed"
        assert spotter.stop() == 0


def test_it_starts_on_a_full_disk_and_reads(disk: Path) -> None:
    """docs/faults.md, 4."""
    with RunningSpotter(disk / "data", SPOTTER_API_KEY=KEY, several=True) as spotter:
        assert post(spotter, "a1").status == 201
        assert spotter.stop() == 0
        filler = _fill(disk)
        spotter.start()
        assert "The disk is nearly full" in spotter.output
        assert post(spotter, "a2").status == 503
        assert send(spotter, "GET", PRESCRIPTION).status == 200
        filler.unlink()
        eventually(lambda: post(spotter, "a2").status == 201, "writes are taken again")
        eventually(lambda: status_of(spotter, "/readyz") == 200, "all is well")


def test_a_folder_without_room_is_no_matter_to_a_log_that_is_elsewhere(disk: Path) -> None:
    """docs/faults.md, 4: what is appended is answered, and counted, though no log can be kept."""
    with beside_databases(disk / "data", several=True) as (spotter, _, _):
        everybody = set(spotter.processes())
        filler = _fill(disk)
        assert [post(spotter, f"a{number}").status for number in range(200)] == [201] * 200
        for path in (*_READ, "/readyz"):
            assert send(spotter, "GET", path).status == 200
        assert json.loads(send(spotter, "GET", "/readyz").text)["parts"]["disk"]["status"] == "degraded"
        eventually(lambda: _state(spotter) == "ok", "workers go on")
        assert set(spotter.processes()) == everybody
        (victim, *_) = spotter.web_workers()
        kill(victim)
        eventually(lambda: len(spotter.web_workers()) == 2, "another serves in its place")
        assert [post(spotter, f"b{number}").status for number in range(50)] == [201] * 50
        filler.unlink()


def _words_of_the_inside(disk: Path, *bodies: str) -> list[str]:
    """What no client is told: where the data is, and the words of a database."""
    return [
        word
        for word in (str(disk), "NOREPLICAS", "replica", "MISCONF", "AOF", "EVALSHA", ".sock")
        for body in bodies
        if word in body
    ]


def _fill(disk: Path) -> Path:
    """Take all the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(_BLOCK))
    return filler


def _state(spotter: RunningSpotter) -> str:
    parts = json.loads(send(spotter, "GET", "/readyz").text)["parts"]
    return "ok" if {parts[name]["status"] for name in ("workers", "sweeper", "queue", "log")} == {"ok"} else "not yet"
