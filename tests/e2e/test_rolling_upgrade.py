"""Two versions on one store, as while one machine after the other is upgraded, and the way back.

The newer is a copy of this one with a higher engine version, which writes what it remembers in another shape. Its rules
are the same, so both must answer the same, but for ids, which name the engine.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.domain.projection_fields import CHECKPOINT
from service.engine.version import ENGINE_VERSION
from service.store import key_names
from tests.support.asking import KEY, beside_databases
from tests.support.gyms import Gym
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Writers

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LIFTERS = [f"lifter-{number}" for number in range(6)]
NEWER = ENGINE_VERSION + 1
AS_OF = "as_of=2026-01-01T12:00:00Z"


@pytest.fixture
def newer_program(tmp_path: Path) -> Path:
    """The `spotter` of a newer version."""
    for name in ("service", "workers", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    version = f"ENGINE_VERSION: Final = {ENGINE_VERSION}\n"
    _edit(tmp_path / "service/engine/version.py", version, f"ENGINE_VERSION: Final = {NEWER}\n")
    _edit(
        tmp_path / "service/engine/replay/state.py",
        "    engine: int\n",
        '    engine: int\n    more: str = "in between"\n',
    )
    program = tmp_path / "spotter"
    program.write_text(f"#!{sys.executable}\nfrom service.cli import main\n\nmain()\n")
    program.chmod(0o755)
    return program


def test_one_machine_after_the_other_and_back(newer_program: Path, tmp_path: Path) -> None:
    """docs/faults.md, 40."""
    with beside_databases() as (older, log, queue):
        newer = RunningSpotter(
            tmp_path / "newer",
            program=newer_program,
            SPOTTER_API_KEY=KEY,
            SPOTTER_REDIS_URL=log.embedded.url,
            SPOTTER_QUEUE_URL=queue.embedded.url,
            PYTHONPATH=str(newer_program.parent),
            PYTHONSAFEPATH="1",  # and not the folder that tests run in
        )
        asks = [Gym(DEFAULT_GYM, KEY, each.port, load=0) for each in (older, newer)]
        with (
            redis.Redis.from_url(log.embedded.url) as server,
            Writers(older.port, KEY, LIFTERS[:3], seed=9, number=1) as before,
        ):
            eventually(lambda: engines(server)[:3] == [ENGINE_VERSION] * 3, "the older brings everybody up to date")
            with newer, Writers(newer.port, KEY, LIFTERS[3:], seed=10, number=1) as after:
                seen = [engines(server)]
                eventually(lambda: rising(seen, engines(server)) == [NEWER] * 6, "the newer takes everybody over")
                counts = len(before.acknowledged), len(after.acknowledged)
                eventually(
                    lambda: (
                        rising(seen, engines(server)) == [NEWER] * 6
                        and len(before.acknowledged) > counts[0] + 20
                        and len(after.acknowledged) > counts[1] + 20
                    ),
                    "both take events, and no worker of the older commits",
                )
                for lifter in LIFTERS:
                    assert [gym.get(f"/v1/lifters/{lifter}/state").status for gym in asks] == [200, 200]
        with newer:
            for lifter in LIFTERS:
                assert answers(asks[0], lifter) == answers(asks[1], lifter)
        # The newer has left: what it made stands until somebody asks for the way back.
        with redis.Redis.from_url(log.embedded.url) as server:
            assert engines(server) == [NEWER] * 6
            replayed = older.command("replay", "--lifter", LIFTERS[0])
            assert replayed.returncode == 0, replayed.stdout + replayed.stderr
            assert engines(server) == [ENGINE_VERSION, *[NEWER] * 5]
        verified = older.command("verify", "--lifter", LIFTERS[0])
        assert "nothing is amiss" in verified.stdout, verified.stdout + verified.stderr


def engines(server: redis.Redis) -> list[int]:
    """The engine by which each lifter was brought up to date last; 0 for none."""
    names = [key_names.state(LifterRef(DEFAULT_GYM, lifter)) for lifter in LIFTERS]
    checkpoints: list[Any] = [server.hget(name, CHECKPOINT.decode()) for name in names]
    return [msgspec.json.decode(each)[2] if each else 0 for each in checkpoints]


def rising(seen: list[list[int]], now: list[int]) -> list[int]:
    """What is seen now, which must be nobody's lower engine than was seen before; none is between two."""
    assert all(engine >= before or engine == 0 for engine, before in zip(now, seen[-1], strict=True)), (seen[-1], now)
    seen.append([max(engine, before) for engine, before in zip(now, seen[-1], strict=True)])
    return now


def answers(gym: Gym, lifter: str) -> list[str]:
    """What is answered of a lifter, without ids of prescriptions, which name the engine, and of requests."""
    base = f"/v1/lifters/{lifter}"
    paths = (f"{base}/state?{AS_OF}", f"{base}/prescriptions?{AS_OF}", f"{base}/events?limit=1000")
    replies = [gym.get(path) for path in paths]
    assert [reply.status for reply in replies] == [200] * len(paths)
    return [re.sub(r"l[a-d][A-Za-z0-9_-]{50,}", "", reply.body.decode()) for reply in replies]


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
