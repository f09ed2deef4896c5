"""A whole Spotter, backed up under load and when stopped, restored elsewhere, killed on the way: nothing is lost."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.gyms import Gym
from tests.support.release import Answer, ask, give_database, gyms_of, read_answers, read_keys, releases
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Acknowledged, Writers

pytestmark = pytest.mark.long

LIFTERS = [f"lifter-{number}" for number in range(6)]
AS_OF = "as_of=2026-01-01T12:00:00Z"


class Story(NamedTuple):
    """What was backed up, and when: ``acknowledged`` before ``loaded`` was begun, ``answers`` before ``stopped``."""

    folder: Path
    loaded: Path
    stopped: Path
    erasures: Path
    acknowledged: list[Acknowledged]
    answers: list[Answer]
    place: str


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """Two backups of a Spotter that has what a release left, and writers."""
    # Not pytest's tmp_path, which is too long for a unix socket.
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        give_database(releases()[0], folder / "a")
        keys = read_keys(releases()[0])
        loaded, stopped, erasures = (folder / each for each in ("loaded", "stopped", "erasures"))
        with RunningSpotter(folder / "a") as spotter:
            with Writers(spotter.port, keys["default"], LIFTERS, seed=5) as writers:
                eventually(lambda: len(writers.acknowledged) > 100, "events are written")
                kill_within(spotter, loaded)
                before = list(writers.acknowledged)
                succeeds(spotter, "backup", loaded)
                eventually(lambda: len(writers.acknowledged) > len(before) + 20, "writing goes on")
            gyms = gyms_of(keys, spotter)
            assert gyms["default"].send("DELETE", "/v1/lifters/lifter-5").status == 200
            succeeds(spotter, "backup", "--erasures-only", erasures)
            answers = [ask(gyms[gym], path) for gym, path in asked(gyms["default"])]
            place = gyms["default"].get("/v1/changes?after=now").json["next"]
            assert spotter.stop() == 0
            succeeds(spotter, "backup", stopped)
        yield Story(folder, loaded, stopped, erasures, before, answers, place)


def succeeds(spotter: RunningSpotter, *arguments: object) -> str:
    done = spotter.command(*map(str, arguments))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def kill_within(spotter: RunningSpotter, file: Path) -> None:
    """Kill a backup while it writes; what it leaves has another name, and is in nobody's way."""
    partial = file.with_name(f"{file.name}.part")
    with subprocess.Popen([spotter.program, "backup", file], env=spotter._environment) as process:
        eventually(lambda: partial.exists() and partial.stat().st_size > 0, "it writes")
        process.kill()
    assert partial.exists()
    assert not file.exists()


def asked(gym: Gym) -> Iterator[tuple[str, str]]:
    """What is asked of both: all that the release was asked, and the same of those who were written about since."""
    for answer in read_answers(releases()[0]):
        yield answer.gym, answer.path
    for lifter in LIFTERS:
        base = f"/v1/lifters/{lifter}"
        for path in (f"{base}/events?limit=1000", f"{base}/state?{AS_OF}", f"{base}/prescriptions?{AS_OF}"):
            yield gym.name, path
        for each in gym.get(f"{base}/prescriptions?{AS_OF}").json.get("prescriptions", []):
            yield gym.name, each["derivation"]


def logs_of(backup: Path) -> dict[tuple[str, str], list[bytes]]:
    """The entries of each lifter's log in a backup."""
    found: defaultdict[tuple[str, str], list[bytes]] = defaultdict(list)
    gym = lifter = ""
    for line in backup.read_bytes().splitlines():
        if line.startswith(b'{"line":"gym"'):
            gym = json.loads(line)["gym"]
        elif line.startswith(b'{"line":"manifest"'):
            lifter = json.loads(line)["lifter"]
        elif line.startswith(b'{"line":"event"'):
            found[gym, lifter].append(line)
    return found


def test_a_backup_under_load_has_what_was_acknowledged_and_prefixes_of_logs(story: Story) -> None:
    loaded, stopped = logs_of(story.loaded), logs_of(story.stopped)
    logged = {
        (lifter, event["event"][0], event["version"])
        for (gym, lifter), log in loaded.items()
        if gym == "default"
        for event in map(json.loads, log)
    }
    assert logged >= set(story.acknowledged)
    assert loaded.keys() - stopped.keys() == {("default", "lifter-5")}, "who was erased in between"
    for name in stopped:
        assert loaded[name] == stopped[name][: len(loaded[name])]
    assert sum(map(len, stopped.values())) > sum(len(loaded[name]) for name in stopped)


def test_a_killed_restore_is_done_again_and_nothing_is_served_before(story: Story) -> None:
    """With the erasures since; so the lifter who was erased is not there at all."""
    place = RunningSpotter(story.folder / "b")
    command = ["restore", str(story.loaded), "--erasures", str(story.erasures), "--processes", "1"]
    log = place.data_dir / "log" / "appendonlydir"
    with subprocess.Popen([place.program, *command], env=place._environment, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: any(b"rules:" in file.read_bytes() for file in log.glob("*.aof")), "it writes")
        process.kill()
    place.launch()
    assert place.end() == 1
    assert "is not wholly restored here" in place.output, place.output
    other = place.command("restore", str(story.stopped))
    assert (other.returncode, "is not wholly restored here" in other.stderr) == (1, True)
    printed = succeeds(place, *command)
    assert "1 in it had been erased and stay so" in printed
    assert "nothing is amiss" in printed
    assert not any(b"lifter-5" in file.read_bytes() for file in log.glob("*"))


def test_what_was_restored_answers_the_same(story: Story) -> None:
    place = RunningSpotter(story.folder / "c")
    assert "nothing is amiss" in succeeds(place, "restore", story.stopped, "--processes", "1")
    with place as spotter:
        gyms = gyms_of(read_keys(releases()[0]), spotter)
        again = [ask(gyms[gym], path) for gym, path, _, _ in story.answers]
        for then, now in zip(story.answers, again, strict=True):
            assert settled(now) == settled(then), (then, now)
        gone = gyms["default"].get(story.place)
        assert (gone.status, gone.json["type"]) == (410, "/problems/changes-gone")
        eventually(lambda: {"import"} == causes(gyms["default"]), "what everybody is prescribed is told anew")
        over = spotter.command("restore", str(story.stopped))
        assert (over.returncode, "restored over nothing" in over.stderr) == (1, True)


def causes(gym: Gym) -> set[str]:
    return {change["cause"]["type"] for change in gym.changes()}


def settled(answer: Answer) -> tuple[int, object]:
    """An answer without what is of the moment, and without what is of feeds, which begin anew."""
    body = json.loads(answer.text)
    if answer.path.startswith("/v1/changes"):
        return answer.status, None
    if answer.path == "/v1/webhooks":
        lasting = ("webhook_id", "url", "description", "created_at", "disabled_at")
        return answer.status, [[hook[name] for name in lasting] for hook in body["webhooks"]]
    return answer.status, re.sub(r'"(?:request_id|last_used_at)":"[^"]*"', "", answer.text)
