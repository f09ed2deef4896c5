"""Whatever was logged: an export, imported elsewhere, leads to the same bytes of everything."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
import redis
from hypothesis import HealthCheck, given, settings

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.events import Event
from service.domain.hash_chain import canonical_json
from service.domain.identifiers import LifterRef
from service.domain.same_event import content_sha256
from service.store.log import NewEvent
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.export import export
from service.usecases.lifter.prescribe import lifter_state, next_session
from service.usecases.lifter.restore import restore_lifter
from service.usecases.projection.drain import rebuild
from service.usecases.rules.publish import publish_rules
from tests.support.histories import SHARED, logs
from tests.support.training import RULE_SETS


@pytest.fixture(scope="module")
def services(log_url: str, queue_url: str) -> Services:
    """A Spotter whose archive has every rule set of the made-up logs."""
    for url in (log_url, queue_url):
        with redis.Redis.from_url(url) as client:
            client.flushall()
    made = bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": log_url, "SPOTTER_QUEUE_URL": queue_url}))
    publish_rules(made)
    assert SHARED.digest in RULE_SETS
    for digest, rule_set in RULE_SETS.items():
        made.archive.put({digest: rule_set.files})
    return made


def write(services: Services, lifter: LifterRef, events: Sequence[Event]) -> None:
    """Log events as they are."""
    new = [NewEvent(each, content_sha256(each.event_id, each.occurred_at, each.data)) for each in events]
    services.log.append(lifter, new, expected_version=None, default_digest=services.default_digest())


@given(events=logs())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_import_answers_as_the_original_does(services: Services, events: list[Event]) -> None:
    here, there = (LifterRef(f"gym-{uuid4().hex}", "ann") for _ in range(2))
    if not events:
        return
    write(services, here, events)
    exported = b"".join(export(services, here))
    restored = restore_lifter(services, there, iter(exported.splitlines()))
    assert (restored.lifter, restored.version) == ("ann", len(events))
    assert b"".join(export(services, there)) == exported
    for lifter in (here, there):
        rebuild(services, lifter)
    assert services.projections.load(there) == services.projections.load(here)
    as_of = max(each.occurred_at for each in events)
    assert lifter_state(services, there, as_of=as_of) == lifter_state(services, here, as_of=as_of)
    prescriptions = next_session(services, here, as_of=as_of)
    assert next_session(services, there, as_of=as_of) == prescriptions
    for prescription in prescriptions:
        proofs = [derivation(services, lifter, prescription.prescription_id) for lifter in (here, there)]
        assert canonical_json(proofs[0]) == canonical_json(proofs[1])
