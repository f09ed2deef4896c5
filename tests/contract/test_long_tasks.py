"""Rollouts and backtests of a gym over HTTP: begun, worked on lifter by lifter, stopped, and no other gym's matter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.domain.instants import render
from service.usecases.gym.gyms import remove_gym
from service.usecases.lifter.erase import erase
from service.usecases.rules import work_on_tasks
from service.usecases.rules.rollout import Rollout, effect_on, move
from service.usecases.rules.work_on_tasks import work_on
from tests.contract.test_gym_programmes import put, text_of
from tests.support.contract import Answer, ContractClient

_LIFTERS = ("ann", "ben", "cat", "dan")


def follow(api: ContractClient, *lifters: str) -> None:
    """Have lifters train two sessions of the programme."""
    data = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5}
    session: list[tuple[str, Any]] = [*[("set_logged", data)] * 3, ("session_completed", {})]
    events: list[tuple[str, Any]] = [("programme_assigned", {"programme": "ours"}), *session, *session]
    lines = [
        {"lifter": lifter, "event_id": f"e{number}", "type": kind, "data": said}
        | {"occurred_at": f"2026-11-{16 + number // 5}T17:0{number}:00Z"}
        for lifter in lifters
        for number, (kind, said) in enumerate(events)
    ]
    body = "\n".join(map(json.dumps, lines))
    became = api.send("POST", "/v1/events", data=body, headers={"Content-Type": "application/x-ndjson"})
    assert became.text.count('"appended"') == len(lines)


def followed(api: ContractClient, lifter: str) -> str:
    """The digest that a lifter follows."""
    return str(api.get(f"/v1/lifters/{lifter}/state").json["programme"]["digest"])


def roll_out(api: ContractClient, **asked: Any) -> Answer:
    """Begin a rollout, which is done unless a preview is asked for."""
    return api.post("/v1/rollouts", {"programme": "ours", "preview": False, **asked})


def worked(services: Services, api: ContractClient, begun: Answer) -> Any:
    """What a task says once it has been worked on to its end."""
    assert begun.status == 202, begun.text
    while (said := api.get(begun.headers["Location"]).json)["status"] == "running":
        work_on(services, "this-test")
    return said


@pytest.fixture
def versions(api: ContractClient) -> tuple[str, str]:
    """Two versions of a programme of the gym's own, of which four lifters follow the older."""
    old = put(api, text_of()).json["digest"]
    follow(api, *_LIFTERS)
    new = put(api, text_of().replace("reps: [3, 5]", "reps: [6, 8]")).json["digest"]
    return old, new


@pytest.fixture
def other(app: Flask, services: Services, gym: str) -> ContractClient:
    """A client of another gym."""
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    return ContractClient(app, f"key-of-{gym}-2")


class TestRollouts:
    def test_are_previewed_without_a_word_in_any_log(
        self, api: ContractClient, services: Services, versions: tuple[str, str]
    ) -> None:
        old, new = versions
        begun = roll_out(api, preview=True)
        assert (begun.json["status"], begun.json["lifters"]) == ("running", {"done": 0, "total": None})
        said = worked(services, api, begun)
        assert (said["to"], said["status"], said["lifters"]) == (new, "done", {"done": 4, "total": 4})
        effect = said["effect"]
        assert (effect["lifters"], effect["lifters_changed"], effect["followed"]) == (4, 4, {old: 4})
        assert sorted(each["lifter"] for each in effect["most"]) == list(_LIFTERS)
        assert said["moved"] == 0
        assert {followed(api, lifter) for lifter in _LIFTERS} == {old}

    def test_name_everybody_whom_they_concern_a_page_at_a_time(
        self, api: ContractClient, services: Services, versions: tuple[str, str]
    ) -> None:
        follow(api, "ann-2")
        data = {"programme": "ours", "digest": versions[0]}
        for lifter in ("ann-2", "ben"):
            event = {"event_id": "back", "type": "programme_assigned", "occurred_at": "2026-11-18T17:00:00Z"}
            assert api.post(f"/v1/lifters/{lifter}/events", {**event, "data": data}).status == 201
        a_set = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5}
        now = {"event_id": "now", "type": "set_logged", "occurred_at": render(services.clock()), "data": a_set}
        assert api.post("/v1/lifters/ben/events", now).status == 201
        stays = {"lifter": "ben", "changed": None, "why": "is in the middle of a session"}
        moved = ("ann", "ann-2", "cat", "dan")
        for preview, changed in ((True, 1), (False, None)):
            begun = roll_out(api, preview=preview)
            assert api.get(f"{begun.headers['Location']}/lifters").json == {"lifters": [], "next": None}
            worked(services, api, begun)
            pages, path = [], f"{begun.headers['Location']}/lifters?limit=2"
            while path:
                page = api.get(path).json
                pages.append(page["lifters"])
                path = page["next"]
            assert [len(page) for page in pages] == [2, 2, 1]
            goes = [{"lifter": lifter, "changed": changed, "why": None} for lifter in moved]
            assert [each for page in pages for each in page] == [*goes[:2], stays, *goes[2:]]

    def test_move_lifters_as_was_foretold(
        self, api: ContractClient, services: Services, versions: tuple[str, str]
    ) -> None:
        _, new = versions
        foretold = worked(services, api, roll_out(api, preview=True))["effect"]["most"]
        said = worked(services, api, roll_out(api))
        assert (said["moved"], said["left"], said["effect"]) == (4, [], None)
        assert {followed(api, lifter) for lifter in _LIFTERS} == {new}
        for each in foretold:
            now = api.get(f"/v1/lifters/{each['lifter']}/prescriptions/deadlift", Prefer="return=minimal")
            assert now.json["sets"] == each["after"]
        assert worked(services, api, roll_out(api))["moved"] == 0

    def test_of_some_lifters_to_another_version_and_back(
        self, api: ContractClient, services: Services, versions: tuple[str, str]
    ) -> None:
        old, new = versions
        assert worked(services, api, roll_out(api, lifters=["ben", "nobody"]))["moved"] == 1
        assert [followed(api, lifter) for lifter in _LIFTERS] == [old, new, old, old]
        back = worked(services, api, roll_out(api, to=old, **{"from": new}))
        assert (back["moved"], followed(api, "ben")) == (1, old)

    def test_are_stopped_and_taken_up_by_another(
        self, api: ContractClient, services: Services, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old, new = versions
        begun = roll_out(api)
        monkeypatch.setattr(work_on_tasks, "_TURN_S", 0.0)  # as when the worker has others to do
        assert work_on(services, "this-test") == 0
        monkeypatch.setattr(work_on_tasks, "_TURN_S", 5.0)
        monkeypatch.setattr(work_on_tasks, "_SLICE_S", 5.0)
        stop = f"{begun.headers['Location']}/stop"

        def stopped_after_two(*arguments: Any) -> Any:
            became = move(*arguments)
            if sum(followed(api, lifter) == new for lifter in _LIFTERS) == 2:
                api.send("POST", stop)
            return became

        monkeypatch.setattr(work_on_tasks, "move", stopped_after_two)
        work_on(services, "this-test")
        said = api.get(begun.headers["Location"]).json
        assert said["status"] == "stopped"
        assert api.send("POST", stop).json == said
        assert sorted(followed(api, lifter) for lifter in _LIFTERS) == sorted([old, old, new, new])
        monkeypatch.setattr(work_on_tasks, "move", move)
        assert worked(services, api, roll_out(api))["moved"] == 2
        assert {followed(api, lifter) for lifter in _LIFTERS} == {new}

    def test_survive_a_worker_that_is_killed(
        self, api: ContractClient, services: Services, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun = roll_out(api)
        moved = []

        def killed_at_the_third(*arguments: Any) -> Any:
            moved.append(arguments[-1])
            if len(moved) == 3:
                raise Unavailable("the worker is gone")
            return move(*arguments)

        monkeypatch.setattr(work_on_tasks, "move", killed_at_the_third)
        with pytest.raises(Unavailable):
            work_on(services, "killed")
        assert api.get(begun.headers["Location"]).json["lifters"]["done"] == 2
        assert services.long_tasks.open(), "the sweeper wakes somebody"
        assert worked(services, api, begun)["moved"] == 4
        assert not [task for task in services.long_tasks.open() if task.id == begun.json["rollout"]]
        assert {followed(api, lifter) for lifter in _LIFTERS} == {versions[1]}

    @pytest.mark.usefixtures("versions")
    def test_are_one_at_a_time(self, api: ContractClient, services: Services) -> None:
        begun = roll_out(api)
        refused = roll_out(api)
        assert (refused.status, refused.json["type"]) == (409, "/problems/task-under-way")
        assert begun.json["rollout"] in refused.json["detail"]
        worked(services, api, begun)
        worked(services, api, roll_out(api))

    def test_tell_who_stays_and_why(self, api: ContractClient, services: Services, versions: tuple[str, str]) -> None:
        put(api, text_of().replace("slot: pull", "slot: lift").replace("reps: [3, 5]", "reps: [6, 8]"))
        event = {"event_id": "own", "type": "programme_assigned", "occurred_at": "2026-11-18T17:00:00Z"}
        params = {"a/pull": {"reps": [2, 4]}}
        data = {"programme": "ours", "digest": versions[0], "params": params}
        assert api.post("/v1/lifters/ann/events", {**event, "data": data}).status == 201
        said = worked(services, api, roll_out(api))
        (left,) = said["left"]
        assert (said["moved"], left["lifter"]) == (3, "ann")
        assert "is no slot of the programme" in left["why"]

    @pytest.mark.parametrize(
        ("asked", "pointer"),
        [
            ({"programme": "nowhere"}, "/programme"),
            ({"to": "0" * 64}, "/to"),
            ({"from": "0" * 64}, "/from"),
            ({"lifters": []}, "/lifters"),
            ({"lifters": ["ann", "a b"]}, "/lifters/1"),
            ({"preview": "no"}, "/preview"),
        ],
    )
    @pytest.mark.usefixtures("versions")
    def test_say_what_is_wrong(self, api: ContractClient, asked: dict[str, Any], pointer: str) -> None:
        refused = roll_out(api, **asked)
        assert (refused.status, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])

    def test_lead_from_somewhere_to_somewhere_else(self, api: ContractClient, versions: tuple[str, str]) -> None:
        _, new = versions
        assert roll_out(api, **{"from": new}).json["errors"][0]["pointer"] == "/from"
        api.send("DELETE", "/v1/programmes/ours")
        assert roll_out(api).json["errors"][0]["pointer"] == "/programme"


class TestBacktests:
    @pytest.mark.usefixtures("versions")
    def test_measure_a_draft_on_the_gyms_logs(self, api: ContractClient, services: Services) -> None:
        rules = {"files": {"ours.yaml": text_of()}, "programme": "ours"}
        begun = api.post("/v1/backtests", {"rule_set": rules, "worst": 2})
        said = worked(services, api, begun)
        assert (said["status"], said["lifters"], said["troubles"]) == ("done", {"done": 4, "total": 4}, [])
        assert said["total"]["exercise_sessions"] == 4
        assert [each["exercise"] for each in said["exercises"]] == ["deadlift"]
        assert len(said["worst"]) == 2
        assert services.long_tasks.rules(said["rule_set"]["programme"], begun.json["backtest"]) is None

    def test_and_an_archived_rule_set_on_some(
        self, api: ContractClient, services: Services, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(work_on_tasks, "MOST_EVENTS", 9)
        api.post(
            "/v1/lifters/ben/events",
            {"event_id": "more", "type": "deload_requested", "occurred_at": "2026-11-19T17:00:00Z", "data": {}},
        )
        begun = api.post("/v1/backtests", {"rule_set": {"digest": versions[1]}, "lifters": ["ann", "ben", "zoe"]})
        said = worked(services, api, begun)
        assert (said["lifters"], said["total"]["exercise_sessions"]) == ({"done": 3, "total": 3}, 1)
        assert [each["lifter"] for each in said["troubles"]] == ["ben"]

    def test_are_stopped(self, api: ContractClient, services: Services, versions: tuple[str, str]) -> None:
        begun = api.post("/v1/backtests", {"rule_set": {"digest": versions[1]}})
        stopped = api.send("POST", f"{begun.headers['Location']}/stop").json
        assert stopped["status"] == "stopped"
        work_on(services, "this-test")
        assert api.get(begun.headers["Location"]).json == stopped

    def test_say_what_is_wrong_with_rules(self, api: ContractClient) -> None:
        rules = {"files": {"ours.yaml": text_of(exercise="dedlift")}, "programme": "ours"}
        refused = api.post("/v1/backtests", {"rule_set": rules})
        assert refused.json["errors"][0]["pointer"] == "/rule_set/files/ours.yaml"


class TestWhoIsThere:
    def test_another_gym_is_told_of_no_task(
        self, api: ContractClient, other: ContractClient, services: Services, versions: tuple[str, str]
    ) -> None:
        put(other, text_of("Theirs"))
        follow(other, "ann")
        theirs = followed(other, "ann")
        begun = roll_out(api)
        for method, path in (("GET", begun.headers["Location"]), ("POST", f"{begun.headers['Location']}/stop")):
            hidden = other.send(method, path)
            assert (hidden.status, "remembered for a week" in hidden.text) == (404, True)
        assert other.get(f"{begun.headers['Location']}/lifters").status == 404
        for field in ("to", "from"):
            refused = roll_out(other, **{field: versions[1]})
            assert refused.json["errors"][0]["message"] == "no rule set of this digest is in the archive"
        assert other.post("/v1/backtests", {"rule_set": {"digest": versions[1]}}).status == 422
        assert worked(services, api, begun)["lifters"]["total"] == 4
        assert followed(other, "ann") == theirs

    @pytest.mark.usefixtures("versions")
    def test_a_task_is_of_its_kind(self, api: ContractClient) -> None:
        begun = roll_out(api).json["rollout"]
        assert api.get(f"/v1/backtests/bt_{begun.removeprefix('ro_')}").status == 404
        assert api.get("/v1/rollouts/ro_0000000000000000").status == 404
        assert api.get("/v1/rollouts/anything").status == 422

    def test_who_was_erased_is_in_none(
        self, api: ContractClient, services: Services, gym: str, versions: tuple[str, str]
    ) -> None:
        rollout = roll_out(api, preview=True, lifters=["ann", "ben"])
        backtest = api.post("/v1/backtests", {"rule_set": {"digest": versions[0]}})
        assert {each["lifter"] for each in worked(services, api, rollout)["effect"]["most"]} == {"ann", "ben"}
        assert "ann" in str(worked(services, api, backtest)["worst"])
        erase(services, LifterRef(gym, "ann"), by="k_test")
        for begun in (rollout, backtest):
            assert '"ann"' not in api.get(begun.headers["Location"]).text
        whom = api.get(f"{rollout.headers['Location']}/lifters").json["lifters"]
        assert [each["lifter"] for each in whom] == ["ben"]
        assert not [said for said in services.long_tasks.of(gym).values() if b"ann" in said]

    def test_and_who_is_erased_while_one_looks_at_them_neither(
        self,
        api: ContractClient,
        services: Services,
        gym: str,
        versions: tuple[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        begun = roll_out(api, preview=True)

        def erased_meanwhile(*arguments: Any) -> Any:
            effect = effect_on(*arguments)
            if effect.lifters and effect.most[0].lifter == "ann":
                erase(services, LifterRef(gym, "ann"), by="k_test")
            return effect

        monkeypatch.setattr(work_on_tasks, "effect_on", erased_meanwhile)
        said = worked(services, api, begun)
        whom = api.get(f"{begun.headers['Location']}/lifters").json["lifters"]
        assert [each["lifter"] for each in whom] == ["ben", "cat", "dan"]
        assert (said["effect"]["lifters"], versions[1]) == (3, said["to"])
        assert "ann" not in str(said["effect"]["most"])

    def test_they_go_with_their_gym(self, api: ContractClient, services: Services, gym: str) -> None:
        put(api, text_of())
        roll_out(api)
        remove_gym(services, gym)
        assert services.long_tasks.of(gym) == {}
        assert [task for task in services.long_tasks.open() if task.gym == gym] == []


def test_a_gyms_own_programme_is_passed_over_by_a_rollout_of_the_library(
    api: ContractClient, services: Services, gym: str, versions: tuple[str, str]
) -> None:
    """Where the library takes an id later that a gym has."""
    library = services.rule_sets.newest("upper-back")
    assert library is not None
    for lifter in _LIFTERS:
        assert move(services, Rollout("ours", library, None), LifterRef(gym, lifter)) is False
    assert {followed(api, lifter) for lifter in _LIFTERS} == {versions[0]}
