"""A disk that is full: nothing is written, everything is read, and it goes on by itself once there is room."""

from __future__ import annotations

import http.client
import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.database import Database
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually

_KEY = "the-key-of-this-test"
_PRESCRIPTION = "/v1/lifters/ann/prescriptions/deadlift"
_READ = (_PRESCRIPTION, "/v1/lifters/ann/events", "/livez", "/metrics")
_BLOCK = 1 << 16


class Reply(NamedTuple):
    """What came back."""

    status: int
    retry_after: str | None
    text: str


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of 40 MB."""
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder:
        mounted = subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "tmpfs", folder], check=False, capture_output=True
        )
        if mounted.returncode:
            pytest.skip(f"a full disk takes a file system to fill, which nobody may mount here: {mounted.stderr!r}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["/bin/umount", "--lazy", folder], check=True)


def test_writes_are_refused_and_reads_go_on_until_there_is_room(disk: Path) -> None:
    """docs/faults.md, 4."""
    with RunningSpotter(disk / "data", SPOTTER_API_KEY=_KEY) as spotter:
        acknowledged = {f"a{n}" for n in range(5) if _post(spotter, f"a{n}").status == 201}
        assert len(acknowledged) == 5
        web = set(spotter.processes("service.running.web"))

        filler = _fill(disk)
        for number in range(50):
            # The server of the log may end over what it cannot write, once, and is back at once.
            if _post(spotter, f"b{number}").status == 201:
                acknowledged.add(f"b{number}")
        eventually(lambda: _post(spotter, "refused").status == 503, "writes are refused")

        for _ in range(20):
            refused = _post(spotter, "refused")
            assert (refused.status, refused.retry_after) == (503, "5")
            assert json.loads(refused.text)["type"] == "/problems/unavailable"
            assert [json.loads(line)["problem"]["status"] for line in _post_lines(spotter, "c1", "c2")] == [503, 503]
            assert [_send(spotter, "GET", path).status for path in _READ] == [200] * len(_READ)
        ready = _send(spotter, "GET", "/readyz")
        disk_part = json.loads(ready.text)["parts"]["disk"]
        assert (ready.status, disk_part["status"]) == (503, "unwell")
        assert f"free under {disk}" in disk_part["detail"]
        looked = spotter.command("doctor")
        assert f"fail  disk: {disk_part['detail']}" in looked.stdout, looked.stdout

        for victim in (*spotter.web_workers()[:1], *spotter.processes("log.sock")):
            kill(victim)
        eventually(lambda: _status(spotter, _PRESCRIPTION) == 200, "those in their place read")

        filler.unlink()
        eventually(lambda: _post(spotter, "after").status in (200, 201), "writes are taken again")
        eventually(lambda: _status(spotter, "/readyz") == 200, "all is well")
        log = json.loads(_send(spotter, "GET", "/v1/lifters/ann/events?limit=1000").text)["events"]
        logged = {event["event_id"] for event in log}
        assert acknowledged | {"after"} <= logged
        assert not {"c1", "c2"} & logged
        eventually(lambda: _state(spotter) == "ok", "workers are back")
        assert len(web & set(spotter.processes("service.running.web"))) == len(web) - 1, "but the one that was killed"
        assert spotter.stop() == 0


def test_it_starts_on_a_full_disk_and_reads(disk: Path) -> None:
    """docs/faults.md, 4."""
    with RunningSpotter(disk / "data", SPOTTER_API_KEY=_KEY) as spotter:
        assert _post(spotter, "a1").status == 201
        assert spotter.stop() == 0
        filler = _fill(disk)
        spotter.start()
        assert "The disk is nearly full" in spotter.output
        assert _post(spotter, "a2").status == 503
        assert _send(spotter, "GET", _PRESCRIPTION).status == 200
        filler.unlink()
        eventually(lambda: _post(spotter, "a2").status == 201, "writes are taken again")
        eventually(lambda: _status(spotter, "/readyz") == 200, "all is well")


def test_a_folder_without_room_is_no_matter_to_a_log_that_is_elsewhere(disk: Path) -> None:
    """docs/faults.md, 4: what is appended is answered, and counted, though no log can be kept."""
    with (
        tempfile.TemporaryDirectory(prefix="spotter-") as folder,
        Database(Path(folder) / "log") as log,
        Database(Path(folder) / "queue") as queue,
        RunningSpotter(
            disk / "data",
            SPOTTER_API_KEY=_KEY,
            SPOTTER_REDIS_URL=log.embedded.url,
            SPOTTER_QUEUE_URL=queue.embedded.url,
        ) as spotter,
    ):
        everybody = set(spotter.processes())
        filler = _fill(disk)
        assert [_post(spotter, f"a{number}").status for number in range(200)] == [201] * 200
        for path in (*_READ, "/readyz"):
            assert _send(spotter, "GET", path).status == 200
        assert json.loads(_send(spotter, "GET", "/readyz").text)["parts"]["disk"]["status"] == "degraded"
        eventually(lambda: _state(spotter) == "ok", "workers go on")
        assert set(spotter.processes()) == everybody
        (victim, *_) = spotter.web_workers()
        kill(victim)
        eventually(lambda: len(spotter.web_workers()) == 2, "another serves in its place")
        assert [_post(spotter, f"b{number}").status for number in range(50)] == [201] * 50
        filler.unlink()


def _fill(disk: Path) -> Path:
    """Take all the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(_BLOCK))
    return filler


def _post(spotter: RunningSpotter, event_id: str) -> Reply:
    return _send(spotter, "POST", "/v1/lifters/ann/events", json.dumps(_a_set(event_id)))


def _post_lines(spotter: RunningSpotter, *event_ids: str) -> list[str]:
    lines = "\n".join(json.dumps({"lifter": "ann", **_a_set(event_id)}) for event_id in event_ids)
    reply = _send(spotter, "POST", "/v1/events", lines, "application/x-ndjson")
    assert reply.status == 200
    return reply.text.splitlines()


def _state(spotter: RunningSpotter) -> str:
    parts = json.loads(_send(spotter, "GET", "/readyz").text)["parts"]
    return "ok" if {parts[name]["status"] for name in ("workers", "sweeper", "queue", "log")} == {"ok"} else "not yet"


def _a_set(event_id: str) -> dict[str, object]:
    data = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5, "note": "x" * 200}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": "2026-11-01T10:00:00Z", "data": data}


def _send(
    spotter: RunningSpotter, method: str, path: str, body: str | None = None, media: str = "application/json"
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {_KEY}", "Content-Type": media})
        response = connection.getresponse()
        return Reply(response.status, response.headers["Retry-After"], response.read().decode())
    finally:
        connection.close()


def _status(spotter: RunningSpotter, path: str) -> int | None:
    """How a GET is answered; None where nobody listens yet."""
    try:
        return _send(spotter, "GET", path).status
    except OSError:
        return None
