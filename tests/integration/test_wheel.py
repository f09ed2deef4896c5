"""The wheel of the project, in an environment of its own and an empty folder: nothing of the checkout is needed."""

import json
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.support.running import RunningSpotter

_CHECKOUT = Path(__file__).parents[2]
_A_SET = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-11-22T18:03:00Z",
    "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6, "rir": 1},
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as its own build backend makes it, from nothing but what is locked."""
    folder = tmp_path_factory.mktemp("wheel")
    _uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, _CHECKOUT)
    (made,) = folder.glob("*.whl")
    return made


def _uv(*arguments: str | Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [uv, *arguments, "--offline", "--no-config", "--no-cache"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_all_that_is_read_at_run_time_and_nothing_else(wheel: Path) -> None:
    packages = [*_files("service"), *_files("workers")]
    data = [f"service/{name}" for name in (*_files("rules"), "openapi.yaml")]
    with ZipFile(wheel) as archive:
        held = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert sorted(held) == sorted([*packages, *data])
    assert {"service/store/lua/append.lua", "service/rules/programmes/default.yaml"} < set(held)


def _files(folder: str) -> list[str]:
    found = (path.relative_to(_CHECKOUT) for path in (_CHECKOUT / folder).rglob("*") if path.is_file())
    return [path.as_posix() for path in found if "__pycache__" not in path.parts]


@pytest.mark.long
def test_a_wheel_runs_in_an_empty_folder(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = _installed(wheel, tmp_path / "environment")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    program = environment / "bin" / "spotter"
    with RunningSpotter(empty / "var", program=program) as spotter:
        checked = spotter.command("rules", "check")
        assert (checked.returncode, checked.stderr) == (0, "")
        assert _answer(spotter, "/openapi.yaml") == (_CHECKOUT / "openapi.yaml").read_bytes()
        assert json.loads(_answer(spotter, "/readyz"))["parts"]["rules"]["status"] == "ok"
        _answer(spotter, "/v1/lifters/anna/events", _A_SET)
        prescribed = json.loads(_answer(spotter, "/v1/lifters/anna/prescriptions/deadlift?as_of=2026-11-22T18:06:00Z"))
        assert prescribed["sets"]
        assert spotter.stop() == 0
    assert [path.name for path in empty.iterdir()] == ["var"]


def _installed(wheel: Path, environment: Path) -> Path:
    """Make an environment with the wheel; what it depends on is what the tests depend on, without the checkout."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    _uv("pip", "install", "--no-deps", "--compile-bytecode", "--python", environment / "bin" / "python", wheel)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment


def _answer(spotter: RunningSpotter, path: str, body: dict[str, Any] | None = None) -> bytes:
    request = urllib.request.Request(  # noqa: S310 - the URL is our own
        spotter.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {spotter.key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - the URL is our own
        content: bytes = reply.read()
        return content
