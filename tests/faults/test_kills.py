"""Spotter under a running load while its processes are killed, at random moments of a fixed seed."""

import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.bootstrap import bootstrap
from service.config import Settings
from tests.support import aftermath
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Client, Writers

KEY = "the-key-of-this-test"
LIFTERS = [f"lifter-{number}" for number in range(12)]

PROGRAMME = {
    "event_id": "programme",
    "type": "programme_assigned",
    "occurred_at": "2023-11-01T00:00:00Z",
    "data": {"programme": "upper-back"},
}

VICTIMS = {
    "the log's database": ("valkey-server", "log.sock"),
    "the queue's database": ("valkey-server", "queue.sock"),
    "a worker": ("workers.worker",),
    "the sweeper": ("workers.sweeper",),
    "the web server": ("service.running.web",),
    "the supervisor": (),
}
EACH = 2
"""How often each is killed, per seed: 24 kills in all. The supervisor gives a child up that keeps dying."""


@pytest.fixture
def spotter() -> Iterator[RunningSpotter]:
    # Not pytest's tmp_path, which is too long for a unix socket.
    with (
        tempfile.TemporaryDirectory(prefix="spotter-") as folder,
        RunningSpotter(Path(folder), SPOTTER_API_KEY=KEY, several=True) as running,
    ):
        yield running


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(spotter: RunningSpotter, seed: int) -> None:
    chance = random.Random(seed)
    victims = [*VICTIMS] * EACH
    chance.shuffle(victims)
    with Client(spotter.port, KEY) as client:
        acknowledged = [client.append(lifter, PROGRAMME) for lifter in LIFTERS[::2]]
    with Writers(spotter.port, KEY, LIFTERS, seed=seed) as writers:
        for victim in victims:
            time.sleep(chance.uniform(0.2, 0.8))
            before = len(writers.acknowledged)
            strike(spotter, victim, chance)
            eventually(lambda before=before: len(writers.acknowledged) > before + 10, f"writing goes on after {victim}")  # type: ignore[misc]
    services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir)}))
    aftermath.check(services, [*acknowledged, *writers.acknowledged])
    assert spotter.stop() == 0


def strike(spotter: RunningSpotter, victim: str, chance: random.Random) -> None:
    """Kill one process of a kind; the supervisor, whose children die with it, is started again."""
    if victim == "the supervisor":
        assert spotter.stop(signal.SIGKILL) == -signal.SIGKILL
        eventually(lambda: not spotter.processes(), "all children are gone")
        spotter.start()
    else:
        kill(chance.choice(sorted(spotter.processes(*VICTIMS[victim]))))
