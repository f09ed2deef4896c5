"""Health, metrics and the contract."""

import re
from pathlib import Path

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.http.app import create_app
from service.usecases.projection.drain import rebuild
from tests.support.contract import CONTRACT, ContractClient

_EVENTS = "/v1/lifters/ann/events"


def _wish(event_id: str, **change: str) -> dict[str, object]:
    return {"event_id": event_id, "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": change}


def _metrics(client: ContractClient) -> dict[tuple[str, str], float]:
    """Samples by name and by the values of their labels."""
    page = client.get("/metrics").text
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


@pytest.fixture
def fresh(services: Services, key: str) -> ContractClient:
    """A client of an application that has counted nothing yet."""
    return ContractClient(create_app(services), key)


def test_health(app: Flask, durability: str) -> None:
    client = ContractClient(app, None)
    assert client.get("/livez").json == {"status": "ok"}
    ready = client.get("/readyz").json
    assert ready["parts"]["log"]["durability"] == durability
    assert ready["parts"]["rules"]["programmes"] >= 2


def test_readiness_tells_of_workers_and_sweeper_and_serves_without_them(app: Flask, services: Services) -> None:
    client = ContractClient(app, None)
    ready = client.get("/readyz").json
    assert (ready["status"], ready["parts"]["workers"]["alive"]) == ("degraded", 0)
    assert ready["parts"]["sweeper"]["status"] == "degraded"
    services.workers.sweeper_was_here()
    assert client.get("/readyz").json["parts"]["sweeper"] == {"status": "ok"}


def test_appends_are_counted_by_outcome(fresh: ContractClient) -> None:
    fresh.post(_EVENTS, _wish("a1"))
    fresh.post(_EVENTS, _wish("a1"))
    fresh.post(_EVENTS, _wish("a1", reason="tired"))
    fresh.post(_EVENTS, {**_wish("a2"), "expected_version": 5})
    fresh.post(_EVENTS, _wish("a2", raeson="tired"))
    counted = {outcome: value for (name, outcome), value in _metrics(fresh).items() if name == "spotter_appends_total"}
    assert counted == {
        "appended": 1,
        "already_appended": 1,
        "idempotency_conflict": 1,
        "wrong_expected_version": 1,
    }


def test_requests_are_timed_by_operation_and_status(fresh: ContractClient) -> None:
    fresh.post(_EVENTS, _wish("a1"))
    fresh.get(_EVENTS)
    fresh.get(_EVENTS)
    fresh.get("/v1/lifters/nobody/state")
    fresh.get("/no/such/path")
    found = _metrics(fresh)
    assert found["spotter_request_seconds_count", "append_event 201"] == 1
    assert found["spotter_request_seconds_count", "list_events 200"] == 2
    assert found["spotter_request_seconds_count", "get_state 404"] == 1
    assert found["spotter_request_seconds_count", "unknown 404"] == 1


def test_replay_lag_is_that_of_the_store(fresh: ContractClient, services: Services, gym: str) -> None:
    before = _metrics(fresh)
    fresh.post(_EVENTS, _wish("a1"))
    fresh.post(_EVENTS, _wish("a2"))
    behind = _metrics(fresh)
    assert behind["spotter_dirty_lifters", ""] == before["spotter_dirty_lifters", ""] + 1
    assert behind["spotter_replay_lag_events", ""] == before["spotter_replay_lag_events", ""] + 2
    assert behind["spotter_replay_lag_seconds", ""] > 0
    rebuild(services, LifterRef(gym, "ann"))
    assert _metrics(fresh)["spotter_dirty_lifters", ""] == before["spotter_dirty_lifters", ""]


def test_workers_queues_and_the_sweeper_are_measured(fresh: ContractClient, services: Services) -> None:
    services.workers.sweeper_was_here()
    found = _metrics(fresh)
    assert (found["spotter_queue_up", ""], found["spotter_workers", ""], found["spotter_sweeper_up", ""]) == (1, 0, 1)
    assert found["spotter_queue_jobs", "spotter"] >= 0
    assert found["spotter_failed_jobs", "spotter"] == 0


def test_what_the_production_guide_watches_is_there(fresh: ContractClient) -> None:
    guide = Path("docs/guides/production.md").read_text()
    page = fresh.get("/metrics").text
    watched = {re.sub("_(bucket|count)$", "", name) for name in re.findall(r"\bspotter_[a-z_]+", guide)}
    assert len(watched) > 8
    assert {name for name in watched if f"# HELP {name} " not in page} == set()


def test_the_contract_is_served_as_it_is(app: Flask) -> None:
    response = ContractClient(app, None).get("/openapi.yaml")
    assert response.data == Path("openapi.yaml").read_bytes()
    assert yaml.load(response.data, Loader=yaml.CSafeLoader) == CONTRACT
