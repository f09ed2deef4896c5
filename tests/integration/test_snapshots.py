"""The ladder on a real server: a late event costs what follows it, and nobody can tell by the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest
import redis

from service.bootstrap import Services
from service.domain.events import EventData, SetCorrected, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.engine.replay.projection import replay_whole
from service.store import key_names
from service.usecases.lifter.erase import erase
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.projection.drain import drain, rebuild
from service.usecases.projection.replay_from_snapshot import climb

START = 1_400_000_000_000_000
HOUR = 3_600_000_000


def append(services: Services, lifter: LifterRef, *events: tuple[str, int, EventData]) -> None:
    batch = [Submission(event_id, START + hour * HOUR, data) for event_id, hour, data in events]
    for result in append_events(services, lifter, batch, actor="k_test"):
        assert isinstance(result, Receipt), result


def drain_all(services: Services) -> None:
    for group in range(key_names.GROUPS):
        drain(services, group, turn_s=60)


@pytest.fixture
def trained(services: Services, lifter: LifterRef) -> LifterRef:
    """A lifter of 600 sets, drained twenty at a time."""
    for first in range(1, 601, 20):
        sets = [SetLogged("deadlift", Load(Decimal(100), "kg"), reps=4 + place % 4) for place in range(20)]
        append(
            services, lifter, *((f"e{first + place}", 10 * (first + place), each) for place, each in enumerate(sets))
        )
        drain_all(services)
    return lifter


def versions(services: Services, lifter: LifterRef) -> list[int]:
    return [rung.version for rung in services.projections.ladder(lifter)]


def test_a_correction_starts_from_the_nearest_rung_before_it(services: Services, trained: LifterRef) -> None:
    before = versions(services, trained)
    assert len(before) > 2
    append(services, trained, ("c", 6100, SetCorrected("e590", reps=9)))
    nearest = max(version for version in before if version < 590)
    rungs = services.projections.ladder(trained)
    state, read, since = climb(services, trained, rungs)
    assert (since, read) == (nearest, 601)
    drain_all(services)
    assert services.projections.load(trained) | state.fields() == services.projections.load(trained)
    assert max(versions(services, trained)) == nearest
    committed = services.projections.load(trained)
    rebuild(services, trained)
    assert services.projections.load(trained) == committed


def test_earlier_versions_are_answered_from_rungs_that_are_older(services: Services, trained: LifterRef) -> None:
    append(services, trained, ("c", 6100, SetCorrected("e3", reps=9)))
    rungs = services.projections.ladder(trained)
    for version in (2, 64, 130, 599, 600, 601):
        run = services.log.whole(trained, version)
        assert state_at(services, trained, at_version=version).fields() == replay_whole(run, services.plans).fields()
    assert climb(services, trained, rungs, last=600).since == max(versions(services, trained))
    assert climb(services, trained, rungs, last=601).since == 0
    drain_all(services)
    assert versions(services, trained) == [], "none of them is of use any more"


def test_what_is_forgotten_or_erased_has_no_ladder(services: Services, valkey: redis.Redis, trained: LifterRef) -> None:
    services.projections.delete(trained)
    assert valkey.exists(key_names.ladder(trained)) == 0
    drain_all(services)
    assert versions(services, trained) != []
    erase(services, trained, by="k_test")
    assert valkey.exists(key_names.ladder(trained)) == 0
