"""What is in deploy/: systemd's own tools judge the units; the image's steps are done by hand, without an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from service.cli import main
from service.config import Settings
from tests.support.running import RunningSpotter

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze"
)


class Step(NamedTuple):
    """An instruction of the Containerfile."""

    stage: int
    name: str
    text: str


def steps() -> Iterator[Step]:
    """Every instruction, in order, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    stage = -1
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        stage += name == "FROM"
        yield Step(stage, name, rest)


def of(name: str, stage: int = 1) -> list[str]:
    return [step.text for step in steps() if step.name == name and step.stage == stage]


class TestUnits:
    @needs_systemd
    @pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
    def test_systemd_understands_it(self, unit: Path, tmp_path: Path) -> None:
        for each in UNITS:  # a timer's service is looked at as well; its program stands elsewhere here
            text = each.read_text().replace(
                "/opt/spotter/.venv/bin/spotter", str(Path(sys.executable).with_name("spotter"))
            )
            (tmp_path / each.name).write_text(text.replace("file:/opt/spotter", f"file:{ROOT}"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],  # noqa: S607 - whichever there is
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")

    @needs_systemd
    @pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
    def test_it_is_confined(self, unit: Path) -> None:
        """To an exposure of at most 2 out of 10, as systemd counts."""
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", unit],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
    def test_it_starts_a_command_that_there_is(self, unit: Path) -> None:
        (command,) = re.findall(r"^ExecStart=.*?/bin/spotter (\w+)", unit.read_text(), re.MULTILINE)
        assert command in main.commands


class TestImage:
    def test_not_root_and_nothing_written_elsewhere(self) -> None:
        assert of("USER") == ["10001:10001"]
        assert of("VOLUME") == ['["/var/lib/spotter"]']
        after_user = [step.name for step in steps() if step.stage == 1]
        assert not {"RUN", "COPY", "ADD"} & set(after_user[after_user.index("USER") :])
        assert "--uid 10001" in of("RUN")[0]

    def test_bases_are_pinned_and_all_is_locked(self) -> None:
        bases = [step.text.partition(" ")[0] for step in steps() if step.name == "FROM"]
        assert len(set(bases)) == 1
        assert re.fullmatch(r"docker\.io/library/python:\d+\.\d+\.\d+-slim-\w+", bases[0])
        installs = [step for step in of("RUN", 0) if "pip install" in step]
        assert all("--require-hashes" in step or ("--no-index" in step and "--no-deps" in step) for step in installs)
        assert all("--no-build-isolation" in step for step in of("RUN", 0) if "pip wheel" in step)

    def test_its_settings_are_ones_and_its_health_is_asked(self) -> None:
        (environment,) = of("ENV")
        settings = Settings.from_environment(dict(pair.split("=", 1) for pair in shlex.split(environment)))
        assert (settings.doubts, settings.host, settings.data_dir) == ((), "0.0.0.0", Path("/var/lib/spotter"))  # noqa: S104
        assert of("EXPOSE") == [str(settings.port)]
        assert (of("ENTRYPOINT"), of("CMD")) == (['["spotter"]'], ['["run"]'])
        assert "/livez" in of("HEALTHCHECK")[0]

    @pytest.mark.long
    def test_its_steps_done_by_hand_run_a_spotter(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the first stage every step, in an empty folder; then what the second would start, and its health check."""
        build, installed = tmp_path / "build", tmp_path / "spotter"
        build.mkdir()
        for step in steps():
            if step.stage == 0 and step.name == "COPY":
                *sources, target = shlex.split(step.text)
                for source in sources:
                    copied = build / target / source if target.endswith("/") else build / target
                    copied.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copytree(ROOT / source, copied) if (ROOT / source).is_dir() else shutil.copy(
                        ROOT / source, copied
                    )
            elif step.stage == 0 and step.name == "RUN":
                command = step.text.replace("python3 -m venv", f"{sys.executable} -m venv")
                done = subprocess.run(
                    ["/bin/sh", "-ec", command.replace("/opt/spotter", str(installed))],
                    cwd=build,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        shutil.rmtree(build)
        monkeypatch.chdir(tmp_path)
        check = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
        with RunningSpotter(tmp_path / "data", program=installed / "bin" / "spotter") as spotter:
            environment = {"PATH": os.environ["PATH"], "SPOTTER_PORT": str(spotter.port)}
            assert subprocess.run(check, env=environment, check=False).returncode == 0
            assert spotter.stop() == 0
            gone = subprocess.run(check, env=environment, check=False, capture_output=True)
            assert gone.returncode != 0


class TestCompose:
    @pytest.fixture
    def services(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
        return found

    def test_what_it_runs(self, services: dict[str, Any]) -> None:
        assert services.keys() == {"spotter", "log", "queue"}
        build = services["spotter"]["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()

    def test_the_log_is_on_disk_before_a_201(self, services: dict[str, Any]) -> None:
        command = services["log"]["command"]
        options = dict(zip(command[1::2], command[2::2], strict=True))
        assert command[0] == "valkey-server"
        assert options["--appendonly"] == "yes"
        assert options["--appendfsync"] == "always"
        assert options["--maxmemory-policy"] == "noeviction"
        assert services["log"]["volumes"] == ["log:/data"]

    def test_each_is_confined_and_asked_how_it_is(self, services: dict[str, Any]) -> None:
        for name, service in services.items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert "healthcheck" in service or name == "spotter", "whose image has one"
            assert re.search(r":\d+\.\d+", service["image"]) or "build" in service, "pinned by name"

    def test_its_settings_are_ones(self, services: dict[str, Any]) -> None:
        environment = services["spotter"]["environment"] | {"SPOTTER_API_KEY": "0123456789abcdef0123456789abcdef"}
        settings = Settings.from_environment(environment)
        assert settings.doubts == ()
        assert (settings.embedded_log, settings.embedded_queue) == (False, False)
        hosts = {settings.redis_url.split("/")[2].split(":")[0], settings.queue_url.split("/")[2].split(":")[0]}
        assert hosts == services["spotter"]["depends_on"].keys() == {"log", "queue"}
