"""The feed of a gym over HTTP: every change once, its own only, from any place that is still there."""

import dataclasses
import json
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, HOUR, SECOND, Instant, render
from service.engine.changes.change import TOLD, Known
from service.http import streams
from service.http.app import create_app
from service.store import key_names
from service.store.connections import connect
from service.store.feeds import Feeds
from service.usecases.projection.drain import drain, rebuild, sweep
from tests.support.contract import ContractClient

START: Instant = 1_795_000_000_000_000
"""2026-11-18T11:06:40Z."""


class Clock:
    """The time, as the test has it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Instant:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spotter(services: Services, clock: Clock) -> Services:
    return dataclasses.replace(services, clock=clock)


@pytest.fixture
def told(spotter: Services, key: str) -> ContractClient:
    """A client of the test's gym, of a Spotter whose time is the test's."""
    return ContractClient(create_app(spotter), key)


Log = Callable[..., None]


@pytest.fixture
def log(told: ContractClient, spotter: Services, clock: Clock) -> Log:
    """Logs a set that is done just now, and has workers see it."""
    return logging(told, spotter, clock)


def logging(told: ContractClient, spotter: Services, clock: Clock) -> Log:
    """What `log` gives, for another client or another Spotter."""
    numbers = count()

    def log(lifter: str = "ann", reps: int = 5, exercise: str = "deadlift") -> None:
        event = {
            "event_id": f"s{next(numbers)}",
            "type": "set_logged",
            "occurred_at": render(clock.now),
            "data": {"exercise": exercise, "load": {"value": 100, "unit": "kg"}, "reps": reps},
        }
        assert told.post(f"/v1/lifters/{lifter}/events", event).status == 201
        work(spotter)
        clock.now += 60 * SECOND

    return log


def work(services: Services) -> None:
    """What workers and the sweeper do by themselves."""
    sweep(services)
    for group in range(key_names.GROUPS):
        drain(services, group)


def everything(client: ContractClient, limit: int = 100, after: str | None = None) -> list[dict[str, Any]]:
    """The feed from a place to its end, page by page."""
    found: list[dict[str, Any]] = []
    path = f"/v1/changes?limit={limit}" + (f"&after={after}" if after else "")
    while True:
        answer = client.get(path)
        assert answer.status == 200
        assert answer.headers["Link"] == f'<{answer.json["next"]}>; rel="next"'
        if not answer.json["changes"]:
            return found
        found += answer.json["changes"]
        path = answer.json["next"]


def test_a_set_changes_what_is_left_to_do(told: ContractClient, log: Log) -> None:
    log(reps=5)
    log(reps=12)
    first, second = everything(told)
    assert (first["lifter"], first["slot"], first["exercise"]) == ("ann", "default/deadlift", "deadlift")
    assert (first["version"], first["cause"], first["before"]) == (1, {"type": "event", "event_id": "s0"}, None)
    assert (second["version"], second["cause"]) == (2, {"type": "event", "event_id": "s1"})
    assert second["before"] == {name: first["after"][name] for name in second["before"]}
    now = told.get("/v1/lifters/ann/prescriptions/deadlift?as_of=2026-11-18T11:08:00Z", Prefer="return=minimal").json
    assert second["after"] == {name: now[name] for name in second["after"]}


def test_the_end_of_a_session_is_told_when_its_time_has_come(
    told: ContractClient, log: Log, clock: Clock, spotter: Services
) -> None:
    log()
    (first,) = everything(told)
    assert first["after"]["status"] == "in_session"
    clock.now = START + 4 * HOUR - 1
    work(spotter)
    assert len(everything(told)) == 1, "it is not over yet"
    clock.now = START + 5 * HOUR
    work(spotter)
    _, ended = everything(told)
    assert (ended["cause"], ended["at"]) == ({"type": "time"}, render(START + 4 * HOUR))
    assert (ended["version"], ended["after"]["status"]) == (1, "next_session")
    work(spotter)
    assert len(everything(told)) == 2, "and never again"


def test_what_time_changes_is_told_from_that_very_instant_on(
    told: ContractClient, log: Log, clock: Clock, spotter: Services
) -> None:
    clock.now = START + 1
    log()
    clock.now = START + 4 * HOUR
    work(spotter)
    assert len(everything(told)) == 1, "it is not over yet"
    clock.now = START + 4 * HOUR + 1
    work(spotter)
    assert [change["cause"]["type"] for change in everything(told)] == ["event", "time"]


def test_a_layoff_is_told_at_the_midnight_that_makes_it_one(
    told: ContractClient, log: Log, clock: Clock, spotter: Services
) -> None:
    log()
    for _ in range(80):
        clock.now += DAY
        work(spotter)
    _, ended, *layoffs = everything(told)
    assert ended["after"]["outcome"] != "deload"
    assert [change["after"]["outcome"] for change in layoffs] == ["deload"] * len(layoffs)
    assert len(layoffs) >= 1
    assert all(change["at"].endswith("T00:00:00Z") for change in layoffs)
    asked = told.get(f"/v1/lifters/ann/prescriptions/deadlift?as_of={layoffs[-1]['at']}").json
    assert asked["prescription_id"] == layoffs[-1]["after"]["prescription_id"]


def test_a_slot_is_told_as_gone_when_the_only_set_of_its_exercise_is_voided(
    told: ContractClient, log: Log, spotter: Services, clock: Clock
) -> None:
    log()
    log(exercise="bench-press")
    event = {"event_id": "v", "type": "set_voided", "occurred_at": render(clock.now), "data": {"voids": "s1"}}
    assert told.post("/v1/lifters/ann/events", event).status == 201
    work(spotter)
    gone = everything(told)[-1]
    assert (gone["slot"], gone["version"], gone["after"]) == ("default/bench-press", 3, None)
    assert gone["cause"] == {"type": "event", "event_id": "v"}


def test_pages_of_any_size_tell_the_same(told: ContractClient, log: Log) -> None:
    for reps in (5, 6, 12, 3, 8):
        log(reps=reps)
        log("bob", reps=reps)
    whole = everything(told)
    assert len({change["change_id"] for change in whole}) == len(whole)
    assert [everything(told, limit) for limit in (1, 2, 3)] == [whole] * 3
    assert everything(told, after=whole[3]["change_id"]) == whole[4:]


def test_now_is_the_end(told: ContractClient, log: Log) -> None:
    log()
    answer = told.get("/v1/changes?after=now").json
    assert answer["changes"] == []
    log("bob")
    (change,) = told.get(answer["next"]).json["changes"]
    assert change["lifter"] == "bob"


def test_a_feed_is_its_gyms_own(told: ContractClient, log: Log, app: Flask, services: Services, gym: str) -> None:
    log()
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    other = ContractClient(app, f"key-of-{gym}-2")
    assert other.get("/v1/changes").json == {"changes": [], "next": "/v1/changes?after=MA"}
    assert other.get(f"/v1/changes?after={everything(told)[0]['change_id']}").status == 410


def test_what_is_not_kept_any_more_is_gone_and_not_left_out(spotter: Services, key: str, clock: Clock) -> None:
    few = dataclasses.replace(spotter, feeds=Feeds(connect(spotter.settings.redis_url), kept=2))
    told = ContractClient(create_app(few), key)
    log = logging(told, few, clock)
    log()
    (first,) = everything(told)
    log("bob")
    log("cem")
    assert len(everything(told, after=first["change_id"])) == 2
    log("dan")
    gone = told.get(f"/v1/changes?after={first['change_id']}")
    assert (gone.status, gone.json["type"]) == (410, "/problems/changes-gone")
    assert len(everything(told)) == 2, "without a place it begins with the oldest that there is"


def test_an_erased_lifter_is_in_no_feed(told: ContractClient, log: Log) -> None:
    log()
    log("bob")
    assert told.send("DELETE", "/v1/lifters/ann").status == 200
    assert [change["lifter"] for change in everything(told)] == ["bob"]


def test_a_rebuilt_projection_tells_nothing_twice(told: ContractClient, log: Log, spotter: Services, gym: str) -> None:
    log()
    log()
    before = everything(told)
    for lifter in [lifter for lifter in spotter.log.lifters() if lifter.gym == gym]:
        rebuild(spotter, lifter)
        spotter.projections.delete(lifter)
    work(spotter)
    assert everything(told) == before


def test_who_comes_from_elsewhere_is_told_once_as_they_stand(
    told: ContractClient, log: Log, spotter: Services, gym: str
) -> None:
    for reps in (5, 6, 12):
        log(reps=reps)
    moved = told.get("/v1/lifters/ann/export").data
    spotter.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    there = ContractClient(create_app(spotter), f"key-of-{gym}-2")
    headers = {"Content-Type": "application/x-ndjson"}
    assert there.send("POST", "/v1/lifters/ann/import", data=moved, headers=headers).status == 201
    for _ in range(2):
        work(spotter)
        (change,) = everything(there)
        assert (change["cause"], change["version"], change["before"]) == ({"type": "import"}, 3, None)
    assert change["after"] == everything(told)[-1]["after"]


def test_what_a_new_engine_prescribes_otherwise_is_told_and_nothing_else(
    told: ContractClient, log: Log, spotter: Services, gym: str
) -> None:
    log()
    log(exercise="barbell-row")
    ann = LifterRef(gym, "ann")
    version, as_of, engine = json.loads(spotter.projections.told(ann)[TOLD])
    other = Known("deadlift", "of-an-older-engine", b'{"status":"next_session","outcome":"hold","sets":[]}')
    fields = (TOLD, json.dumps([version, as_of, engine - 1]), "default/deadlift", other.encode())
    connect(spotter.settings.redis_url).execute_command("HSET", key_names.told(ann), *fields)
    spotter.projections.delete(ann)
    before = everything(told)
    for _ in range(2):
        work(spotter)
        (change,) = everything(told)[len(before) :]
        assert (change["cause"], change["exercise"]) == ({"type": "engine"}, "deadlift")
        assert change["before"]["prescription_id"] == "of-an-older-engine"


@pytest.mark.parametrize("after", ["%20", "MTI=", "bm93", "x" * 201])
def test_what_is_no_place(told: ContractClient, after: str) -> None:
    assert told.get(f"/v1/changes?after={after}").status == 422


# As Server-Sent Events


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams end as soon as they have said what there is."""
    monkeypatch.setattr(streams, "LIFETIME_S", 0.5)


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The id and the data of each event of a stream."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    assert all(block["event"] == "change" for block in blocks if "data" in block)
    return [(block["id"], json.loads(block["data"])) for block in blocks if "data" in block]


@pytest.mark.usefixtures("briefly")
def test_a_stream_tells_what_pages_tell(told: ContractClient, log: Log) -> None:
    log()
    log("bob")
    whole = everything(told)
    answer = told.get("/v1/changes?limit=1", Accept="text/event-stream")
    assert (answer.status, answer.media_type) == (200, "text/event-stream")
    assert answer.text.startswith("retry: 1000\n\n")
    assert events(answer.text) == [(change["change_id"], change) for change in whole]
    later = told.get("/v1/changes", Accept="text/event-stream", Last_Event_ID=whole[0]["change_id"])
    assert events(later.text) == [(whole[1]["change_id"], whole[1])]


def test_a_stream_waits_for_what_comes(spotter: Services, key: str, log: Log) -> None:
    response = (
        create_app(spotter)
        .test_client()
        .get("/v1/changes?after=now", headers={"Authorization": f"Bearer {key}", "Accept": "text/event-stream"})
    )
    stream = response.iter_encoded()
    assert next(stream) == b"retry: 1000\n\n"
    logged = threading.Timer(0.2, log)
    logged.start()
    ((_, change),) = events(next(stream).decode())
    logged.join()
    assert change["lifter"] == "ann"
    response.close()


def test_a_stream_tells_nothing_more_to_a_key_that_was_revoked(
    told: ContractClient, spotter: Services, gym: str, log: Log
) -> None:
    """docs/faults.md, 23."""
    reader = spotter.keys.add(gym, f"reader-of-{gym}", 0, ("read",))
    headers = {"Authorization": f"Bearer reader-of-{gym}", "Accept": "text/event-stream"}
    response = create_app(spotter).test_client().get("/v1/changes?after=now", headers=headers)
    stream = response.iter_encoded()
    assert next(stream) == b"retry: 1000\n\n"
    assert told.send("POST", f"/v1/keys/{reader.id}/revocation").status == 200
    log()
    assert list(stream) == []
    response.close()


@pytest.mark.usefixtures("briefly")
def test_a_stream_from_a_place_that_is_gone_is_refused(told: ContractClient) -> None:
    answer = told.get("/v1/changes", Accept="text/event-stream", Last_Event_ID="MTIzNDU")
    assert (answer.status, answer.json["type"]) == (410, "/problems/changes-gone")


def test_only_so_many_streams_of_a_key_are_open_at_once(spotter: Services, key: str) -> None:
    client = create_app(spotter).test_client()
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    opened = [client.get("/v1/changes", headers=headers) for _ in range(streams.MOST_OF_A_KEY)]
    assert {each.status_code for each in opened} == {200}
    refused = client.get("/v1/changes", headers=headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.get_json()["type"] == "/problems/too-many-streams"
    for each in opened:
        each.close()
    again = client.get("/v1/changes", headers=headers)
    assert again.status_code == 200
    again.close()


def test_whoever_takes_anything_gets_pages(told: ContractClient) -> None:
    for accepted in ("*/*", "application/json", "text/html, */*;q=0.1", "application/json, text/event-stream"):
        assert told.get("/v1/changes", Accept=accepted).media_type == "application/json"
