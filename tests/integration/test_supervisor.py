"""`spotter run` as its user meets it: started, stopped, killed, started twice."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from service.config import Settings
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually, free_port

_A_SET = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-11-22T18:03:00+01:00",
    "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6, "rir": 1},
}
_CHILDREN = (
    ("valkey-server", "log.sock"),
    ("valkey-server", "queue.sock"),
    ("workers.worker",),
    ("workers.worker", "spotter-webhooks"),
    ("workers.sweeper",),
    ("service.running.web",),
)

_AS_A_BATCH = "import os; os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))"
_MAY_BE_BATCHES = subprocess.run([sys.executable, "-c", _AS_A_BATCH], check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    """One that is up, for the tests that leave it so."""
    with RunningSpotter(tmp_path_factory.mktemp("shared"), several=True) as running:
        yield running


def _call(spotter: RunningSpotter, key: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(  # noqa: S310 - the URL is our own
        spotter.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - the URL is our own
        return reply.status, json.load(reply)


def _answers(spotter: RunningSpotter) -> bool:
    try:
        with urllib.request.urlopen(f"{spotter.url}/readyz", timeout=30) as reply:  # noqa: S310 - our own URL
            return bool(reply.status == HTTPStatus.OK)
    except OSError:
        return False


def test_says_where_it_is_and_which_key_to_use(spotter: RunningSpotter) -> None:
    assert spotter.url in spotter.output
    status, body = _call(spotter, spotter.key, "/v1/lifters/anna/events", _A_SET)
    assert (status, body["durability"]) == (HTTPStatus.CREATED, "fsync")


def test_is_ready_and_well_with_its_workers_and_its_sweeper(spotter: RunningSpotter) -> None:
    eventually(lambda: _readiness(spotter)["status"] == "ok", "workers and sweeper are seen")
    parts = _readiness(spotter)["parts"]
    assert (parts["workers"]["alive"], parts["sweeper"]["status"]) == (2, "ok")
    looked = spotter.command("doctor")
    assert looked.returncode == 0, looked.stdout
    assert "ok    workers: 2 alive on 1 machine(s)" in looked.stdout
    assert f"ok    web server: Spotter answers on {spotter.url}" in looked.stdout
    shown = spotter.command("queues").stdout
    assert len(re.findall(r"\b(idle|busy)\b", shown)) == 2
    assert "Parked: 0 lifter(s)." in shown


def _readiness(spotter: RunningSpotter) -> Any:
    with urllib.request.urlopen(f"{spotter.url}/readyz", timeout=30) as reply:  # noqa: S310 - our own URL
        return json.load(reply)


def test_refuses_a_data_directory_in_use(spotter: RunningSpotter) -> None:
    second = RunningSpotter(spotter.data_dir)
    second.launch()
    assert second.end() == 1
    assert f"already running on {spotter.data_dir} (process {spotter.process.pid})" in second.output
    assert "Traceback" not in second.output


def test_refuses_a_port_in_use_before_it_starts_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        spotter = RunningSpotter(tmp_path, port=occupant.getsockname()[1])
        spotter.launch()
        assert spotter.end() == 1
    assert f"Port {spotter.port} on 127.0.0.1 is already in use" in spotter.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lock", "supervisor.lock"]


@pytest.mark.parametrize("child", _CHILDREN, ids=" ".join)
def test_starts_a_killed_child_again(spotter: RunningSpotter, child: tuple[str, ...]) -> None:
    before = set(spotter.processes(*child))
    assert before
    victim = min(before)
    kill(victim)
    eventually(
        lambda: victim not in (now := set(spotter.processes(*child))) and len(now) == len(before),
        f"{child} is replaced",
    )
    eventually(lambda: _answers(spotter), "the API is ready again")


@pytest.mark.skipif(not _MAY_BE_BATCHES, reason="here no process may say how it wants to be scheduled")
@pytest.mark.parametrize("fewer", [0, 1], ids=["as many processes as processors", "fewer"])
def test_web_processes_keep_to_a_processor_each_where_they_fill_them(tmp_path: Path, fewer: int) -> None:
    processors = sorted(os.sched_getaffinity(0))
    processes = max(len(processors) - fewer, 1)
    one_each = [(os.SCHED_BATCH, [processor]) for processor in processors]
    expected = one_each if processes == len(processors) else [(os.SCHED_OTHER, processors)] * processes
    with RunningSpotter(tmp_path, SPOTTER_WEB_PROCESSES=str(processes)) as spotter:
        eventually(lambda: _scheduled(spotter) == expected, "each has its own")
        victim = spotter.web_workers()[-1]
        kill(victim)
        eventually(lambda: victim not in spotter.web_workers(), "one of them is gone")
        eventually(lambda: _scheduled(spotter) == expected, "so has its successor")


def _scheduled(spotter: RunningSpotter) -> list[tuple[int, list[int]]]:
    """The policy and the processors of each web process; of those that have just ended nothing."""
    found = []
    for process in spotter.web_workers():
        with suppress(ProcessLookupError):
            found.append((os.sched_getscheduler(process), sorted(os.sched_getaffinity(process))))
    return sorted(found)


@pytest.mark.parametrize(
    ("number", "folder"),
    [(signal.SIGINT, "data"), (signal.SIGTERM, "long" * 30)],  # where no socket can lie, so that they lie elsewhere
    ids=["SIGINT", "SIGTERM, in a data directory with a long name"],
)
def test_stops_everything_when_told(tmp_path: Path, number: signal.Signals, folder: str) -> None:
    with RunningSpotter(tmp_path / folder) as spotter:
        assert _answers(spotter)
        assert spotter.stop(number) == 0
        assert spotter.processes() == []
    assert spotter.output.endswith("Stopped.\n")


def test_leaves_nothing_running_when_killed_and_finds_its_data_again(tmp_path: Path) -> None:
    with RunningSpotter(tmp_path) as spotter:
        key = spotter.key
        _call(spotter, key, "/v1/lifters/anna/events", _A_SET)
        assert spotter.stop(signal.SIGKILL) == -signal.SIGKILL
        eventually(lambda: not spotter.processes(), "all children are gone")

        spotter.start()

        assert "the one that the first start showed" in spotter.output
        _, log = _call(spotter, key, "/v1/lifters/anna/events")
        assert [event["event_id"] for event in log["events"]] == ["a1"]

        # At once after a kill the children may still be there: the new one waits for them.
        spotter.stop(signal.SIGKILL)
        spotter.start()
        assert _answers(spotter)


def test_takes_the_key_of_the_environment(tmp_path: Path) -> None:
    with RunningSpotter(tmp_path, SPOTTER_API_KEY="a-key-of-my-own") as spotter:
        assert "the one in SPOTTER_API_KEY" in spotter.output
        assert "a-key-of-my-own" not in spotter.output
        status, _ = _call(spotter, "a-key-of-my-own", "/v1/exercises")
    assert status == HTTPStatus.OK


@pytest.mark.usefixtures("valkey", "queue_server")
def test_starts_no_server_where_others_are_named(tmp_path: Path, log_url: str, queue_url: str) -> None:
    with RunningSpotter(tmp_path, SPOTTER_REDIS_URL=log_url, SPOTTER_QUEUE_URL=queue_url) as spotter:
        assert spotter.processes("valkey-server") == []
        status, _ = _call(spotter, spotter.key, "/v1/lifters/anna/events", _A_SET)
    assert status == HTTPStatus.CREATED


def test_does_not_start_with_a_broken_rule_file(tmp_path: Path) -> None:
    rules = shutil.copytree(Settings.from_environment({}).rules_dir, tmp_path / "rules")
    (rules / "progression" / "broken.yaml").write_text("id: broken\nid: broken\n")
    spotter = RunningSpotter(tmp_path / "data", SPOTTER_RULES_DIR=str(rules))
    spotter.launch()
    assert spotter.end() == 1
    assert f"{rules}/progression/broken.yaml:2:1: the key `id` stands here twice" in spotter.output
    assert "Traceback" not in spotter.output
    assert spotter.processes() == []


def test_shows_a_bad_setting_as_a_sentence(tmp_path: Path) -> None:
    spotter = RunningSpotter(tmp_path, port=free_port(), SPOTTER_WORKERS="many")
    spotter.launch()
    assert spotter.end() == 1
    assert spotter.output == "Error: SPOTTER_WORKERS must be a whole number from 1 to 256, not 'many'.\n"
