"""An import of years of training while what it needs is killed or full: the second run ends right."""

from __future__ import annotations

import re
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.identifiers import LifterRef
from tests.support import aftermath
from tests.support.proxy import kill
from tests.support.running import RunningSpotter, eventually
from tests.support.small_disk import small_disk

pytestmark = pytest.mark.long

ROWS = 4_000
_BEGUN = datetime(2001, 1, 8, 18, tzinfo=UTC)
_HEADER = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps"
)


def export() -> str:
    """Four thousand sets as Hevy writes them, the newest first."""
    rows = []
    for number in range(ROWS):
        session, place = divmod(number, 20)
        at = _BEGUN + timedelta(days=2 * session)
        name = ("Squat (Barbell)", "Bench Press (Barbell)", "Our Row Machine", "Pull Up (Assisted)")[place // 5]
        started = f"{at:%d %b %Y, %H:%M}"
        rows.append(f'Day,"{started}","{started}",,{name},,,{place % 5},normal,{20 + session // 20},{5 + place % 4}')
    return "\n".join([_HEADER, *reversed(rows)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "hevy.csv"
    file.write_text(export(), "utf-8")
    return file


@pytest.fixture
def spotter() -> Iterator[RunningSpotter]:
    # Not pytest's tmp_path, which is too long for a unix socket.
    with (
        tempfile.TemporaryDirectory(prefix="spotter-") as folder,
        RunningSpotter(Path(folder), several=True) as running,
    ):
        yield running


def command(file: Path, lifter: str) -> tuple[str, ...]:
    return "import", "auto", str(file), "--lifter", lifter, "--time-zone", "Europe/Berlin"


def counted(told: str) -> tuple[int, int]:
    """How many events a run appended, and how many were there."""
    found = {said: int(number) for number, said in re.findall(r"│ (\d+) +│ (appended|already in the log)", told)}
    return found["appended"], found["already in the log"]


def contents(services: Services, lifter: str) -> list[tuple[str, bytes]]:
    """What a log holds, by the ids of its events."""
    ref, found, after = LifterRef("default", lifter), [], 0
    while page := services.log.read(ref, after):
        found += [(entry.event.event_id, entry.sha256) for entry in page]
        after = page[-1].version
    return sorted(found)


def test_an_import_that_anything_was_killed_under_ends_right_when_it_is_run_again(
    spotter: RunningSpotter, file: Path
) -> None:
    assert counted(_done(spotter, file, "whole")) == (ROWS + 1, 0)
    services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir)}))
    whole = contents(services, "whole")
    for victim in ("the import", "a worker", "the log's database", "the supervisor"):
        lifter = victim.replace(" ", "-").replace("'", "")
        ref = LifterRef("default", lifter)
        importing = spotter.begin(*command(file, lifter))
        eventually(lambda ref=ref: services.log.head(ref) > 0, "the first events are there")  # type: ignore[misc]
        if victim == "the import":
            importing.kill()
        elif victim == "a worker":
            kill(spotter.processes("workers.worker")[0])
        elif victim == "the log's database":
            kill(spotter.processes("log.sock")[0])
        else:
            spotter.stop(signal.SIGKILL)
            eventually(lambda: not spotter.processes("valkey-server"), "all children are gone")
            spotter.start()
        said, _ = importing.communicate()
        if importing.returncode:
            assert "Traceback" not in said
        appended, there = counted(_until_done(spotter, file, lifter))
        assert appended + there == ROWS + 1
        assert contents(services, lifter) == whole
        assert counted(_done(spotter, file, lifter)) == (0, ROWS + 1)
    aftermath.check_states(services)


def test_an_import_stopped_by_a_full_disk_goes_on_once_there_is_room(file: Path) -> None:
    with small_disk(40) as disk, RunningSpotter(disk / "data", several=True) as spotter:
        filler = disk / "filler"
        with filler.open("wb") as filling:
            try:
                while True:
                    filling.write(b"\0" * (1 << 16))
                    filling.flush()
            except OSError:
                pass
        refused = [spotter.command(*command(file, "ann")) for _ in range(2)]
        assert all(each.returncode and "Traceback" not in each.stderr for each in refused), refused
        filler.unlink()
        appended, there = counted(_until_done(spotter, file, "ann"))
        assert appended + there == ROWS + 1
        assert counted(_done(spotter, file, "ann")) == (0, ROWS + 1)


def _done(spotter: RunningSpotter, file: Path, lifter: str) -> str:
    run = spotter.command(*command(file, lifter))
    assert run.returncode == 0, run.stderr
    return run.stdout


def _until_done(spotter: RunningSpotter, file: Path, lifter: str) -> str:
    """What the run says that ends, as a person runs it again who is told that the database does not answer."""
    for _ in count():
        run = spotter.command(*command(file, lifter))
        if run.returncode == 0:
            return run.stdout
        assert "Traceback" not in run.stderr, run.stderr
    raise AssertionError
