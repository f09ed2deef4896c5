"""Stopping, starting again and restoring a backup, under load: nothing that was acknowledged is lost by any of them."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

import pytest
import redis

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from tests.support import aftermath
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Writers

KEY = "a-key-for-tests"
LIFTERS = [f"lifter-{number}" for number in range(6)]
LATE = {
    "event_id": "late",
    "type": "deload_requested",
    "occurred_at": "2026-11-20T18:00:00Z",
    "data": {"reason": "asked for while everything stopped"},
}


@pytest.mark.long
def test_a_stop_and_a_restored_backup_lose_nothing() -> None:
    # Not pytest's tmp_path, which is too long for a unix socket.
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with RunningSpotter(folder / "a", SPOTTER_API_KEY=KEY) as spotter:
            with Writers(spotter.port, KEY, LIFTERS, seed=3) as writers:
                eventually(lambda: len(writers.acknowledged) > 60, "events are written")
                before = list(writers.acknowledged)
                back_up(spotter, folder / "backup")
                stop_within_a_request(spotter)
                spotter.start()
                stopped = len(writers.acknowledged)
                eventually(lambda: len(writers.acknowledged) > stopped + 20, "writing goes on")
            services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir)}))
            aftermath.check(services, writers.acknowledged)
            (entry,) = services.log.read(LifterRef(DEFAULT_GYM, "late"), 0)
            assert entry.event.event_id == "late"

        (folder / "b" / "log").mkdir(parents=True)
        shutil.copytree(folder / "backup", folder / "b" / "log" / "appendonlydir")
        with RunningSpotter(folder / "b", SPOTTER_API_KEY=KEY) as restored:
            services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(restored.data_dir)}))
            aftermath.check(services, before)
            verified = restored.command("verify")
            assert verified.returncode == 0, verified.stdout + verified.stderr


def back_up(spotter: RunningSpotter, folder: Path) -> None:
    """What docs/guides/production.md says: no rewriting of the file meanwhile, then copy it as it is."""
    with redis.Redis.from_url(f"unix://{spotter.data_dir}/log.sock") as server:
        server.config_set("auto-aof-rewrite-percentage", 0)
        eventually(lambda: not server.info("persistence")["aof_rewrite_in_progress"], "nothing rewrites the file")
        shutil.copytree(spotter.data_dir / "log" / "appendonlydir", folder)
        server.config_set("auto-aof-rewrite-percentage", 100)


def is_taken(connection: socket.socket) -> bool:
    """Whether the server has read all that was sent to it from here, by Linux's table of connections."""
    here, there = (f"0100007F:{port:04X}" for _, port in (connection.getsockname(), connection.getpeername()))
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (local, remote) == (there, here):
            return queues.endswith(":00000000")
    return False


def stop_within_a_request(spotter: RunningSpotter) -> None:
    """Ask it to stop while it waits for the second half of a request's body; that request is answered all the same."""
    body = json.dumps(LATE).encode()
    head = (
        f"POST /v1/lifters/late/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", spotter.port), timeout=30) as connection:
        connection.sendall(head.encode() + body[:20])
        eventually(lambda: is_taken(connection), "it is being served, and does not wait to be accepted")
        spotter.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body[20:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 201 ")
    assert spotter.end() == 0
