"""What a release made, kept as test data: its log's database as `spotter run` left it, and what it answered.

A folder ``tests/data/release-VERSION`` holds ``database`` (the directory ``log`` of a data directory), ``keys.json``
(the API keys, by gym), ``answers.json`` (a line for each request, with its answer as it came) and ``anchors.jsonl`` (as
`spotter verify --write-anchors` wrote it). `tests.support.make_release` makes one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tests.support.gyms import Gym
from tests.support.running import RunningSpotter

DATA = Path(__file__).parents[1] / "data"

REVOKED = "default, revoked"
"""The name in ``keys.json`` of a key that is refused."""

Keys: TypeAlias = dict[str, str]


class Answer(NamedTuple):
    """What a gym was answered to a GET; ``text`` is the body, but for the end of its line."""

    gym: str
    path: str
    status: int
    text: str

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


def releases() -> list[Path]:
    """The folders of all releases that are kept, the oldest first."""
    return sorted(DATA.glob("release-*"))


def gyms_of(keys: Keys, spotter: RunningSpotter) -> dict[str, Gym]:
    """Who can ask, by the names in ``keys``."""
    return {name: Gym(name, key, spotter.port, load=0) for name, key in keys.items()}


def ask(gym: Gym, path: str) -> Answer:
    """Ask, and take the answer in."""
    reply = gym.get(path)
    return Answer(gym.name, path, reply.status, reply.body.decode().removesuffix("\n"))


def take_database(data_dir: Path, folder: Path) -> None:
    """Keep the log's database of a Spotter that does not run."""
    shutil.copytree(data_dir / "log", folder / "database")


def give_database(folder: Path, data_dir: Path) -> None:
    """Make the data directory of a Spotter that has what was kept."""
    shutil.copytree(folder / "database", data_dir / "log")


def write_keys(folder: Path, keys: Keys) -> None:
    """Write ``keys.json``."""
    (folder / "keys.json").write_text(json.dumps(keys, indent=2) + "\n")


def read_keys(folder: Path) -> Keys:
    """Read ``keys.json``."""
    keys: Keys = json.loads((folder / "keys.json").read_text())
    return keys


def write_answers(folder: Path, answers: Iterable[Answer]) -> None:
    """Write ``answers.json``, whose lines hold the very bytes of each answer."""
    lines = [f"{_compact([gym, path, status])[:-1]},{text}]" for gym, path, status, text in answers]
    (folder / "answers.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    assert [_compact(each) for each in json.loads((folder / "answers.json").read_text())] == lines


def read_answers(folder: Path) -> list[Answer]:
    """Read ``answers.json``."""
    read = json.loads((folder / "answers.json").read_text())
    return [Answer(gym, path, status, _compact(body)) for gym, path, status, body in read]


def _compact(value: Any) -> str:
    """Write JSON as Spotter does; `write_answers` has seen to it that this gives its bytes again."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
