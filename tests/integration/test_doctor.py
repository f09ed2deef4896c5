"""What `spotter doctor` and `spotter queues` say about a Spotter that is not well."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from service.bootstrap import Services
from service.cli import main
from service.config import Settings
from service.store import key_names
from service.store.wake import QUEUE
from tests.support.running import free_port


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Nobody listens on the port, and the data directory is the test's own."""
    return {**environment, "SPOTTER_PORT": str(free_port()), "SPOTTER_DATA_DIR": str(tmp_path)}


def run(command: str, environment: dict[str, str]) -> Result:
    return CliRunner(env=environment).invoke(main, command.split())


def line(result: Result, about: str) -> str:
    (found,) = [line for line in result.output.splitlines() if line[6:].startswith(f"{about}: ")]
    return found


@pytest.mark.usefixtures("services")
def test_nobody_at_work_is_wrong_and_a_closed_port_is_to_watch(environment: dict[str, str]) -> None:
    result = run("doctor", environment)
    assert result.exit_code == 1
    for about in ("rule files", "disk", "log's server", "durability", "clocks", "queue's server", "published rules"):
        assert line(result, about).startswith("ok  "), result.output
    assert line(result, "workers") == "fail  workers: none is alive"
    assert line(result, "sweeper").startswith("fail")
    assert line(result, "web server").startswith("warn  web server: nobody listens on")


def test_each_trouble_is_named_with_how_to_mend_it(
    environment: dict[str, str], services: Services, valkey: redis.Redis, tmp_path: Path
) -> None:
    rules = shutil.copytree(services.settings.rules_dir, tmp_path / "rules")
    edited = rules / "programmes" / "upper-back.yaml"
    edited.write_text(edited.read_text() + "# edited\n")
    valkey.sadd(key_names.parked(7), "gym:ann")
    valkey.config_set("appendfsync", "everysec")
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        environment |= {"SPOTTER_PORT": str(occupant.getsockname()[1]), "SPOTTER_RULES_DIR": str(rules)}
        try:
            result = run("doctor", environment)
        finally:
            valkey.config_set("appendfsync", "always")
    assert line(result, "durability").startswith("warn  durability: appendfsync everysec")
    assert line(result, "published rules") == "warn  published rules: files differ of upper-back"
    assert line(result, "parked lifters") == "warn  parked lifters: ann of gym"
    assert line(result, "web server").startswith("fail  web server: something that is not Spotter")
    assert "Set appendonly yes and appendfsync always" in result.output


def test_an_evicting_server_and_a_server_that_is_away_are_wrong(
    environment: dict[str, str], valkey: redis.Redis
) -> None:
    valkey.config_set("maxmemory-policy", "allkeys-lru")
    try:
        result = run("doctor", environment)
    finally:
        valkey.config_set("maxmemory-policy", "noeviction")
    assert line(result, "log's server").startswith("fail  log's server: the database's maxmemory-policy is allkeys-lru")
    away = run("doctor", {**environment, "SPOTTER_QUEUE_URL": "unix:///nonexistent/queue.sock"})
    assert line(away, "queue's server").startswith("fail")
    assert away.exit_code == 1


def test_doubtful_settings_and_what_the_server_is(environment: dict[str, str], services: Services) -> None:
    doubtful = {**environment, "SPOTTER_API_KEY": "x", "SPOTTER_WORKER": "3"}
    result = run("doctor", doubtful)
    assert "warn  settings: SPOTTER_API_KEY is weak" in result.output
    assert "Did you mean SPOTTER_WORKERS?" in result.output
    with redis.Redis.from_url(services.settings.redis_url) as server:
        version = server.info("server")["valkey_version"]
    assert f"1 answering, Valkey {version}; noeviction" in line(result, "log's server")


_NOWHERE = "/nowhere/at/all"


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "doctor",
        "rules check",
        "rules publish",
        "rules explain upper-back",
        "rules diff a missing-folder",
        f"rules diff {_NOWHERE}",
    ],
)
@pytest.mark.usefixtures("services")
def test_a_folder_of_rules_that_is_missing_is_named(environment: dict[str, str], command: str) -> None:
    """docs/faults.md, 31."""
    result = run(command, {**environment, "SPOTTER_RULES_DIR": _NOWHERE})
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2)
    said = ("cannot be read: No such file", "is no folder or file", "fail  rule files: 1 mistake(s)")
    assert any(each in result.output for each in said), result.output


def test_a_data_folder_of_another_user_is_not_called_still(tmp_path: Path) -> None:
    """docs/faults.md, 31: whether a Spotter runs there cannot be seen."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "log.sock").touch()
    folder.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)  # whom no permission lets pass
    try:
        result = run("keys list", {"SPOTTER_DATA_DIR": str(folder)})
    finally:
        os.seteuid(me)
        folder.chmod(0o700)
    assert result.exit_code == 1
    assert "belongs to another user" in result.output
    assert "no Spotter is running" not in result.output


def test_broken_rule_files_are_wrong(environment: dict[str, str], services: Services, tmp_path: Path) -> None:
    rules = shutil.copytree(services.settings.rules_dir, tmp_path / "rules")
    (rules / "progression" / "broken.yaml").write_text("scheme: broken\n")
    result = run("doctor", {**environment, "SPOTTER_RULES_DIR": str(rules)})
    assert line(result, "rule files").startswith("fail")


def test_failed_jobs_are_shown_with_why(environment: dict[str, str], services: Services, queue_url: str) -> None:
    settings = Settings.from_environment(environment)
    with redis.Redis.from_url(queue_url) as client:
        queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        job = queue.enqueue("workers.jobs.no_such_job", description="a job that\nnobody knows")
        SimpleWorker([queue], connection=client, serializer=JSONSerializer).work(burst=True, logging_level="CRITICAL")
    assert settings.queue_url == services.settings.queue_url
    shown = run("queues", environment).output
    assert "Failed in spotter: a job that" in shown
    assert job.id in shown
    assert "no_such_job" in shown
    assert line(run("doctor", environment), "failed jobs") == "warn  failed jobs: 1 kept"
