"""Real Valkey servers for every test that wants one, started the way production starts them."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
import redis
from hypothesis import settings

from service.running import parent_death
from service.running.valkey import EmbeddedServer

pytest.register_assert_rewrite("tests.support")  # so that what they assert is shown as well

# Only what is imported from here on is rewritten.
from tests.support.cluster import running_cluster  # noqa: E402
from tests.support.waking import await_wake_ups  # noqa: E402

# No test asserts a time, so no example has a deadline either.
settings.register_profile("spotter", deadline=None)
settings.load_profile("spotter")
settings.register_profile("long", deadline=None)  # what else it means is up to each test that knows it


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, 8 at most: much of the suite waits for processes that it started or killed."""
    return min(os.cpu_count() or 1, 7) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--log-on cluster``: what holds of the log on one server is to hold on a Redis Cluster too."""
    parser.addoption("--log-on", choices=("server", "cluster"), default="server")


@contextmanager
def running_server(fsync: Literal["always", "everysec"]) -> Iterator[str]:
    """Run a fresh embedded server and give its URL."""
    # Not pytest's tmp_path, which is too long for a unix socket.
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder:
        server = EmbeddedServer(Path(folder), f"unix://{folder}/s.sock", fsync)
        log = Path(folder) / "valkey.log"
        with log.open("ab") as output, subprocess.Popen(parent_death.tied(server.command()), stdout=output) as process:
            try:
                while server.status() != "ready":
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.01)
                yield server.url
            finally:
                process.kill()


@pytest.fixture(scope="session")
def log_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of the server that holds the log and the projections; shared by all tests of one worker."""
    if request.config.getoption("--log-on") == "cluster":
        with tempfile.TemporaryDirectory(prefix="spotter-") as folder, running_cluster(Path(folder)) as cluster:
            yield cluster.url
        return
    with running_server("always") as url:
        yield url


@pytest.fixture(scope="session")
def queue_url() -> Iterator[str]:
    """URL of the server that holds the jobs; shared by all tests of one worker."""
    with running_server("everysec") as url:
        yield url


@pytest.fixture
def valkey(log_url: str) -> Iterator[redis.Redis]:
    """Client of the log's server, which is empty when the test starts."""
    with redis.Redis.from_url(log_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def queue_server(queue_url: str) -> Iterator[redis.Redis]:
    """Client of the queue's server, which is empty when the test starts."""
    await_wake_ups()  # of the test before
    with redis.Redis.from_url(queue_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def gym() -> str:
    """A gym that no other test writes about: isolation that costs nothing."""
    return f"gym-{uuid4().hex[:12]}"
