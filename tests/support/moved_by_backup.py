"""A Spotter under load, backed up and restored on other servers: what was acknowledged is there, and is answered."""

from __future__ import annotations

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from tests.support.asking import status_of
from tests.support.running import RunningSpotter, eventually
from tests.support.writers import Writers


def check_backup(spotter: RunningSpotter, services: Services, elsewhere: RunningSpotter, settings: Settings) -> None:
    """Back ``spotter`` up while it is written to, and restore that for ``elsewhere``, of ``settings`` and yet to start.

    Fails unless ``elsewhere`` has, verified, what was acknowledged before, as beginnings of the logs of ``spotter``.
    """
    lifters = [f"backed-up-{number}" for number in range(6)]
    file = elsewhere.data_dir.with_name(f"{elsewhere.data_dir.name}.backup")
    with Writers(spotter.port, spotter._environment["SPOTTER_API_KEY"], lifters, seed=5) as writers:
        eventually(lambda: len(writers.acknowledged) > 30, "events are written")
        before = list(writers.acknowledged)
        _succeeds(spotter, "backup", str(file))
        eventually(lambda: len(writers.acknowledged) > len(before) + 10, "writing goes on")
    assert "nothing is amiss" in _succeeds(elsewhere, "restore", str(file), "--processes", "1")
    there = bootstrap(settings)
    restored = {name: _log(there, name) for name in lifters}
    for name in lifters:
        assert restored[name] == _log(services, name)[: len(restored[name])]
    for event in before:
        assert restored[event.lifter][event.version - 1][0] == event.event_id
    with elsewhere:
        eventually(lambda: status_of(elsewhere, "/readyz") == 200, "all is well")
        assert {status_of(elsewhere, f"/v1/lifters/{name}/prescriptions") for name in restored if restored[name]} == {
            200
        }
        assert elsewhere.stop() == 0


def _log(services: Services, name: str) -> list[tuple[str, bytes]]:
    """The ids and hashes of a log's events."""
    lifter = LifterRef(DEFAULT_GYM, name)
    found: list[tuple[str, bytes]] = []
    while page := services.log.read(lifter, len(found)):
        found += [(entry.event.event_id, entry.sha256) for entry in page]
    return found


def _succeeds(spotter: RunningSpotter, *arguments: str) -> str:
    done = spotter.command(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
