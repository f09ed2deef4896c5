"""The lifters of a gym at a glance."""

from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.domain.instants import parse
from service.store import key_names
from service.store.connections import Client
from service.usecases.gym import lifters
from service.usecases.lifter.erase import erase
from service.usecases.projection.drain import drain
from tests.support.contract import ContractClient


def _log(api: ContractClient, lifter: str, event_id: str, kind: str = "set_logged", **data: Any) -> None:
    event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-20T18:00:00Z", "data": data}
    assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201


def _log_set(api: ContractClient, lifter: str, event_id: str = "s1") -> None:
    _log(api, lifter, event_id, exercise="deadlift", load={"value": 225, "unit": "lb"}, reps=6)


def _all(api: ContractClient, limit: int = 100) -> list[dict[str, Any]]:
    path: str | None = f"/v1/lifters?limit={limit}"
    found: list[dict[str, Any]] = []
    while path is not None:
        page = api.get(path)
        assert len(page.json["lifters"]) <= limit
        found += page.json["lifters"]
        path = page.json["next"]
        assert page.headers.get("Link") == (None if path is None else f'<{path}>; rel="next"')
    return found


def test_a_gym_without_any(api: ContractClient) -> None:
    assert api.get("/v1/lifters").json == {"lifters": [], "next": None}


def test_what_is_said_of_one(api: ContractClient) -> None:
    _log(api, "ann", "p", "programme_assigned", programme="upper-back")
    _log_set(api, "ann")
    _log(api, "bob", "n", "lifter_noted", note="hello")
    ann, bob = sorted(_all(api), key=lambda each: str(each["lifter"]))
    state = api.get("/v1/lifters/ann/state").json
    assert (ann["lifter"], ann["version"], ann["parked"]) == ("ann", 2, None)
    assert ann["last_trained_at"] == state["session"]["last_at"] == "2026-11-20T18:00:00Z"
    assert ann["programme"] == {name: state["programme"][name] for name in ("programme", "digest")}
    assert bob == {
        "lifter": "bob",
        "version": 1,
        "last_trained_at": None,
        "due_on": None,
        "programme": None,
        "parked": None,
    }


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_hold_everybody_once(api: ContractClient, limit: int) -> None:
    names = {f"lifter-{number}" for number in range(7)}
    for name in names:
        _log_set(api, name)
    found = [each["lifter"] for each in _all(api, limit)]
    assert sorted(found) == sorted(names)
    assert found == [each["lifter"] for each in _all(api)], "an order that stays"


def test_others_lifters_are_not_there(api: ContractClient, app: Flask, services: Services, gym: str) -> None:
    """docs/faults.md, 22: also not of a gym whose name begins alike."""
    _log_set(api, "ann")
    services.keys.add(f"{gym}-2", "key-of-the-second", created_at=0)
    second = ContractClient(app, "key-of-the-second")
    assert _all(second) == []
    _log_set(second, "bob")
    assert [each["lifter"] for each in _all(second)] == ["bob"]
    assert [each["lifter"] for each in _all(api)] == ["ann"]


def test_it_never_lags_the_log_and_is_the_same_once_a_worker_has_seen_it(
    api: ContractClient, services: Services
) -> None:
    _log_set(api, "ann")
    before = _all(api)
    for group in range(key_names.GROUPS):
        drain(services, group)
    assert _all(api) == before
    _log_set(api, "ann", "s2")
    assert _all(api)[0]["version"] == 2


def test_a_page_ends_where_many_must_be_replayed(api: ContractClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifters, "MOST_REPLAYS", 2)
    names = {f"lifter-{number}" for number in range(5)}
    for name in names:
        _log_set(api, name)
    assert len(api.get("/v1/lifters").json["lifters"]) == 2
    assert {each["lifter"] for each in _all(api)} == names


def test_who_is_parked_and_who_was_erased(
    api: ContractClient, services: Services, log_server: Client, gym: str
) -> None:
    for name in ("ann", "bob"):
        _log_set(api, name)
    name = key_names.log(LifterRef(gym, "ann"))
    log_server.execute_command("XADD", name, "2-0", "event", b'["x",99]', "sha256", bytes(32))
    erase(services, LifterRef(gym, "bob"), by="k")
    (ann,) = _all(api)
    assert (ann["lifter"], ann["version"], ann["parked"]["version"]) == ("ann", 1, 2)
    assert ann["last_trained_at"] is not None


def _train(api: ContractClient, lifter: str, *days: int, zone: str = "UTC") -> None:
    _log(api, lifter, "z", "profile_changed", time_zone=zone)
    for day in days:
        data = {"exercise": "squat", "load": {"value": 100, "unit": "kg"}, "reps": 5}
        event = {
            "event_id": f"d{day}",
            "type": "set_logged",
            "occurred_at": f"2026-11-{day:02d}T23:30:00Z",
            "data": data,
        }
        assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201


@pytest.mark.parametrize(
    ("days", "due_on"),
    [
        pytest.param([9, 11, 13, 16, 18, 20], "2026-11-23", id="three a week: after the weekend"),
        pytest.param([9, 10, 11, 12], "2026-11-15", id="without a pause: after three days"),
        pytest.param([2, 9, 16], "2026-11-23", id="once a week: after a week"),
        pytest.param([1, 25], "2026-12-02", id="after a layoff: after a week"),
        pytest.param([1, 20, 24, 26], "2026-11-30", id="by the last pause, not by the longest"),
    ],
)
def test_when_somebody_is_due_again(api: ContractClient, days: list[int], due_on: str) -> None:
    _train(api, "ann", *days)
    assert _all(api)[0]["due_on"] == due_on


def test_days_are_those_of_the_lifters_zone(api: ContractClient) -> None:
    _train(api, "ann", 9, zone="Europe/Vienna")  # there the tenth has begun
    assert _all(api)[0]["due_on"] == "2026-11-13"


def test_those_alone_who_are_due_or_parked(
    api: ContractClient, log_server: Client, gym: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lifter, days in (("ann", [9]), ("bob", [16, 20]), ("cy", [9]), ("dan", [])):
        _train(api, lifter, *days)
    damaged = key_names.log(LifterRef(gym, "cy"))
    log_server.execute_command("XADD", damaged, "3-0", "event", b'["x",99]', "sha256", bytes(32))
    monkeypatch.setattr(Services, "now", lambda *_: parse("2026-11-23T12:00:00Z"))

    def only(what: str) -> list[str]:
        found, path = [], f"/v1/lifters?only={what}&limit=1"
        while path:
            page = api.get(path).json
            found += [each["lifter"] for each in page["lifters"]]
            path = page["next"]
        return sorted(found)

    assert only("due") == ["ann", "cy"]
    assert only("parked") == ["cy"]
    monkeypatch.setattr(lifters, "MOST_LOOKED_AT", 1)
    assert only("parked") == ["cy"]
    monkeypatch.setattr(Services, "now", lambda *_: parse("2026-11-24T00:00:00Z"))
    assert only("due") == ["ann", "bob", "cy"]


@pytest.mark.parametrize("query", ["only=late", "limit=0", "after=x", "after=OjoqKg", "gym=other", "q=ann"])
def test_parameters_that_are_refused(api: ContractClient, query: str) -> None:
    response = api.get(f"/v1/lifters?{query}")
    assert response.status == 422
    assert [error["pointer"] for error in response.json["errors"]] == [f"/{query.partition('=')[0]}"]


def test_a_key_that_may_not_read(app: Flask, services: Services, gym: str) -> None:
    services.keys.add(gym, f"writer-of-{gym}", created_at=0, scopes=("write",))
    assert ContractClient(app, f"writer-of-{gym}").get("/v1/lifters").status == 403
