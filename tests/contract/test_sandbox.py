"""Sandboxes: a clock that is set, forward only; all lifters taken away, and their ids used anew. Elsewhere neither."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from service.bootstrap import Services, bootstrap
from service.domain.errors import Conflict, InvalidInput, Unavailable
from service.domain.gyms import Sandbox
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, parse, render
from service.store import key_names
from service.usecases.gym import gyms
from service.usecases.gym.sandbox import RESET, reset, set_clock
from service.usecases.lifter.erase import forget_elsewhere
from service.usecases.log.verify import Verifier
from service.usecases.projection.drain import drain, sweep
from tests.support.contract import Answer, ContractClient
from tests.support.sandboxes import sandbox_at

BEGIN = "2024-03-04T18:00:00Z"
LATE = "2150-01-01T00:00:00Z"


@pytest.fixture
def sandbox(services: Services) -> str:
    """A new sandbox, whose clock is set far back."""
    name = sandbox_at(services, BEGIN)
    services.keys.add(name, f"key-of-{name}", created_at=0)
    return name


@pytest.fixture
def gym(sandbox: str) -> str:
    """The gym whose key ``api`` has."""
    return sandbox


def put_clock(api: ContractClient, now: str) -> Answer:
    return api.send("PUT", "/v1/clock", data=json.dumps({"now": now}), headers={"Content-Type": "application/json"})


def log(api: ContractClient, lifter: str, event_id: str, at: str, load: float = 100) -> Answer:
    data = {"exercise": "squat", "load": {"value": load, "unit": "kg"}, "reps": 5, "rir": 2}
    event = {"event_id": event_id, "type": "set_logged", "occurred_at": at, "data": data}
    return api.post(f"/v1/lifters/{lifter}/events", event)


def changes(api: ContractClient, after: str | None = None) -> Any:
    return api.get(f"/v1/changes?limit=1000{'' if after is None else f'&after={after}'}").json["changes"]


def drain_all(services: Services) -> int:
    return sum(drain(services, group, turn_s=60.0) for group in range(key_names.GROUPS))


class TestTheClock:
    def test_stands_where_it_was_set(self, api: ContractClient) -> None:
        assert api.get("/v1/clock").json == {"now": BEGIN, "sandbox": True}
        later = "2024-03-05T07:30:00.25Z"
        assert put_clock(api, later).json == {"now": "2024-03-05T07:30:00.250000Z", "sandbox": True}
        assert api.get("/v1/clock").json["now"] == "2024-03-05T07:30:00.250000Z"

    def test_says_when_events_were_recorded_and_which_are_ahead_of_it(self, api: ContractClient) -> None:
        assert log(api, "a", "1", BEGIN).status == 201
        assert api.get("/v1/lifters/a/events").json["events"][0]["recorded_at"] == BEGIN
        ahead = log(api, "a", "2", "2024-03-06T18:00:00Z")
        assert ahead.status == 422
        assert BEGIN in ahead.json["errors"][0]["message"]
        put_clock(api, "2024-03-06T18:00:00Z")
        assert log(api, "a", "2", "2024-03-06T18:00:00Z").status == 201
        assert api.get("/v1/lifters/a/events").json["events"][1]["recorded_at"] == "2024-03-06T18:00:00Z"

    def test_says_when_prescriptions_are_asked(self, api: ContractClient, services: Services) -> None:
        log(api, "a", "1", BEGIN)
        before = api.get("/v1/lifters/a/prescriptions/squat")
        same = api.get("/v1/lifters/a/prescriptions/squat", If_None_Match=before.headers["ETag"])
        put_clock(api, "2024-07-04T18:00:00Z")
        after = api.get("/v1/lifters/a/prescriptions/squat", If_None_Match=before.headers["ETag"])
        assert (same.status, after.status) == (304, 200)
        assert after.json["outcome"] == "deload"
        drain_all(services)
        assert api.get("/v1/lifters/a/prescriptions/squat").json == after.json

    def test_wakes_for_what_has_become_due_by_it(self, api: ContractClient, services: Services, gym: str) -> None:
        log(api, "a", "1", BEGIN)
        drain_all(services)
        told = changes(api)
        assert drain_all(services) == 0, "nothing is due by everybody's clock"
        put_clock(api, "2024-07-04T18:00:00Z")
        drain_all(services)
        *_, change = changes(api)
        assert len(changes(api)) > len(told)
        assert (change["cause"], change["after"]["outcome"]) == ({"type": "time"}, "deload")
        assert BEGIN < change["at"] <= "2024-07-04T18:00:00Z"
        assert Verifier(services)(LifterRef(gym, "a"), ()).findings == []
        assert drain_all(services) == 0

    def test_wakes_even_if_who_set_it_died_at_once(self, api: ContractClient, services: Services, gym: str) -> None:
        log(api, "a", "1", BEGIN)
        drain_all(services)
        told = len(changes(api))
        services.sandboxes.amend(gym, lambda _: Sandbox(parse("2024-07-04T18:00:00Z")))
        sweep(services)
        drain_all(services)
        assert len(changes(api)) > told

    def test_is_the_same_in_another_process(self, api: ContractClient, services: Services, gym: str) -> None:
        other = bootstrap(services.settings)
        assert other.now(gym) == services.now(gym) == parse(BEGIN)
        put_clock(api, "2025-01-01T00:00:00Z")
        assert other.now(gym) == parse("2025-01-01T00:00:00Z")

    def test_does_not_go_back(self, api: ContractClient) -> None:
        answer = put_clock(api, "2024-03-04T17:59:59.999999Z")
        assert (answer.status, answer.json["type"]) == (409, "/problems/clock-goes-forward")
        assert answer.json["now"] == BEGIN == api.get("/v1/clock").json["now"]
        assert put_clock(api, BEGIN).status == 200, "where it stands it may be set again"

    def test_does_not_go_back_however_many_set_it_at_once(self, services: Services, gym: str) -> None:
        seen: list[int] = []

        def set_all(first: int) -> None:
            for day in range(first, 40, 4):
                try:
                    seen.append(set_clock(services, gym, parse(BEGIN) + day * DAY).now)
                except Exception as error:  # noqa: BLE001 - asked below
                    seen.append(-1 if type(error).__name__ == "ClockGoesForward" else -2)

        setters = [threading.Thread(target=set_all, args=[first]) for first in range(4)]
        for each in setters:
            each.start()
        for each in setters:
            each.join()
        assert -2 not in seen
        assert services.now(gym) == parse(BEGIN) + 39 * DAY

    @pytest.mark.parametrize(
        "now",
        [
            "9999-12-31T23:59:59Z",
            "2199-01-01T00:00:00Z",
            "1900-06-01T00:00:00Z",
            "2024-02-30T00:00:00Z",
            "tomorrow",
            "",
            7,
            None,
            [],
            True,
        ],
    )
    def test_takes_no_garbage(self, api: ContractClient, now: Any) -> None:
        assert put_clock(api, now).status == 422
        assert api.post("/v1/reset", {"now": now}).status == 422
        assert api.get("/v1/clock").json["now"] == BEGIN

    def test_goes_ahead_a_year_at_a_time(self, api: ContractClient, services: Services, gym: str) -> None:
        log(api, "a", "1", BEGIN)
        assert put_clock(api, "2025-03-05T18:00:00.000001Z").status == 422
        assert put_clock(api, "2025-03-05T18:00:00Z").status == 200
        assert log(api, "a", "2", "2025-03-05T18:00:00Z").status == 201
        drain_all(services)
        assert Verifier(services)(LifterRef(gym, "a"), ()).findings == []
        times = [change["at"] for change in changes(api)]
        assert times == sorted(times)

    def test_can_be_as_late_as_there_are_times(self, api: ContractClient, services: Services) -> None:
        late = "2198-12-31T23:59:59Z"
        assert api.post("/v1/reset", {"now": late}).status == 200
        assert put_clock(api, late).status == 200
        assert log(api, "a", "1", late).status == 201
        assert api.get("/v1/lifters/a/prescriptions").status == 200
        drain_all(services)
        assert api.get("/v1/changes").status == 200


class TestTheReset:
    def test_takes_everything_away_and_ids_come_back(self, api: ContractClient, services: Services, gym: str) -> None:
        for lifter in ("a", "b", "c"):
            log(api, lifter, "1", BEGIN)
        drain_all(services)
        api.send("DELETE", "/v1/lifters/b")
        services.long_tasks.begin(gym, "ro_1", b"what was found of a, b and c")
        assert log(api, "b", "2", BEGIN).status == 410
        place = changes(api)[0]["change_id"]
        answer = api.post("/v1/reset", {"now": "2023-01-02T12:00:00Z"})
        assert answer.json == {"lifters": 2, "now": "2023-01-02T12:00:00Z"}
        assert api.get("/v1/lifters").json["lifters"] == []
        assert api.get("/v1/lifters/a/state").status == api.get("/v1/lifters/a/prescriptions").status == 404
        for lifter in ("a", "b", "c"):
            assert log(api, lifter, "1", "2023-01-02T12:00:00Z", 60).status == 201
        drain_all(services)
        assert {change["after"]["sets"][0]["load"]["value"] for change in changes(api)} == {60}
        assert api.get(f"/v1/changes?after={place}").status == 410, "whoever had not read all is told"
        for lifter in ("a", "b", "c"):
            (event,) = api.get(f"/v1/lifters/{lifter}/events").json["events"]
            assert event["recorded_at"] == "2023-01-02T12:00:00Z"
            assert Verifier(services)(LifterRef(gym, lifter), ()).findings == []
        assert services.erasures.unsettled() == []
        assert services.long_tasks.of(gym) == {}
        assert gym not in {task.gym for task in services.long_tasks.open()}

    def test_goes_on_with_the_numbers_of_the_feed(self, api: ContractClient, services: Services) -> None:
        log(api, "a", "1", BEGIN)
        drain_all(services)
        place = changes(api)[-1]["change_id"]
        api.post("/v1/reset", {})
        log(api, "a", "1", BEGIN, 60)
        drain_all(services)
        (change,) = changes(api, place)
        assert (change["lifter"], change["change_id"] != place) == ("a", True)

    def test_without_a_time_it_is_everybodys_again(self, api: ContractClient, services: Services) -> None:
        before = services.clock()
        assert before <= parse(api.post("/v1/reset", {}).json["now"]) <= services.clock()

    def test_ends_the_tokens_of_whoever_had_the_id(self, api: ContractClient, app: Flask) -> None:
        log(api, "a", "1", BEGIN)
        token = api.post("/v1/lifters/a/tokens", {"scopes": ["read"]}).json["secret"]
        assert ContractClient(app, token).get("/v1/lifters/a/state").status == 200
        api.post("/v1/reset", {"now": BEGIN})
        log(api, "a", "1", BEGIN, 60)
        assert ContractClient(app, token).get("/v1/lifters/a/state").status == 401

    def test_forgets_kept_answers(self, api: ContractClient) -> None:
        event = {"event_id": "1", "type": "set_logged", "occurred_at": BEGIN}
        data = {"exercise": "squat", "load": {"value": 60, "unit": "kg"}, "reps": 5}
        line = json.dumps({"lifter": "a", **event, "data": data})
        asked = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "once"}
        outcomes = []
        for _ in range(2):
            answer = api.send("POST", "/v1/events", data=line, headers=asked)
            outcomes.append((answer.status, "appended" in answer.text, answer.headers.get("Idempotent-Replayed")))
            api.post("/v1/reset", {"now": BEGIN})
        assert outcomes[0] == outcomes[1]

    def test_is_gone_on_with_where_it_was_broken_off(self, api: ContractClient, services: Services, gym: str) -> None:
        for lifter in ("a", "b", "c"):
            log(api, lifter, "1", BEGIN)
        drain_all(services)
        # As a process leaves it that is killed behind its first lifter.
        services.sandboxes.amend(gym, lambda _: Sandbox(parse("2023-01-02T12:00:00Z"), resetting=True))
        services.feeds.keep_out(LifterRef(gym, "a"))
        services.erasures.erase(LifterRef(gym, "a"), at=services.clock(), by=RESET)
        assert log(api, "b", "2", BEGIN).status == 503
        assert log(api, "d", "1", BEGIN).status == 503
        assert put_clock(api, "2026-01-01T00:00:00Z").status == 503
        sweep(services)
        assert api.get("/v1/clock").json["now"] == "2023-01-02T12:00:00Z"
        assert api.get("/v1/lifters").json["lifters"] == []
        assert log(api, "a", "1", "2023-01-02T12:00:00Z").status == 201

    def test_is_done_by_one_at_a_time(self, api: ContractClient, services: Services, gym: str) -> None:
        services.sandboxes.lease(gym, "another process")
        assert api.post("/v1/reset", {}).status == 503
        assert api.get("/v1/clock").json["now"] == BEGIN
        services.sandboxes.release(gym, "another process")
        assert api.post("/v1/reset", {}).status == 200

    def test_leaves_whoever_came_after_it(self, api: ContractClient, services: Services, gym: str) -> None:
        """A process that fell asleep within a reset, which the sweeper then finished, takes nobody new away."""
        for lifter in ("a", "b"):
            log(api, lifter, "1", BEGIN)
        erase = services.erasures.erase

        class Sleeper:
            def __getattr__(self, name: str) -> Any:
                return getattr(services.erasures, name)

            def erase(self, lifter: LifterRef, **more: Any) -> Any:
                done = erase(lifter, **more)
                services.sandboxes._client.execute_command("DEL", key_names.reset_lease(gym))
                sweep(services)
                assert log(api, "a", "9", BEGIN).status == log(api, "b", "9", BEGIN).status == 201
                return done

        with pytest.raises(Unavailable):
            reset(replace(services, erasures=Sleeper()), gym, parse(BEGIN))  # type: ignore[arg-type]
        assert [each["lifter"] for each in api.get("/v1/lifters").json["lifters"]] in (["a", "b"], ["b", "a"])

    def test_while_others_post_leaves_nobody_by_halves(self, api: ContractClient, services: Services, gym: str) -> None:
        ended = threading.Event()
        said: list[int] = []

        def post(place: int) -> None:
            number = 0
            client = ContractClient(api._client.application, f"key-of-{gym}")
            while not ended.is_set():
                number += 1
                said.append(log(client, f"lifter-{place}-{number % 5}", f"e{number}", BEGIN).status)

        writers = [threading.Thread(target=post, args=[place]) for place in range(2)]
        for each in writers:
            each.start()
        for _ in range(3):
            reset(services, gym, parse(BEGIN))
            sweep(services)
        ended.set()
        for each in writers:
            each.join()
        assert set(said) <= {201, 410, 503}
        reset(services, gym, parse(BEGIN))
        assert list(services.log.lifters_of(gym)) == []
        for place in range(2):
            for number in range(5):
                assert log(api, f"lifter-{place}-{number}", "e1", BEGIN).status == 201
        drain_all(services)
        for lifter in services.log.lifters_of(gym):
            assert Verifier(services)(lifter, ()).findings == []


class TestOthers:
    @pytest.fixture
    def real(self, app: Flask, services: Services) -> ContractClient:
        name = f"real-{uuid4().hex[:12]}"
        services.keys.add(name, f"key-of-{name}", created_at=0)
        return ContractClient(app, f"key-of-{name}")

    def test_a_real_gym_keeps_its_time_and_its_lifters(self, real: ContractClient, services: Services) -> None:
        at = render(services.clock())
        assert log(real, "a", "1", at).status == 201
        for answer in (put_clock(real, LATE), real.post("/v1/reset", {})):
            assert (answer.status, answer.json["type"]) == (409, "/problems/not-a-sandbox")
        clock = real.get("/v1/clock").json
        assert (clock["sandbox"], clock["now"] >= at) == (False, True)
        assert len(real.get("/v1/lifters").json["lifters"]) == 1

    def test_a_gym_that_is_only_called_like_one_is_none(self, app: Flask, services: Services) -> None:
        name = f"sandbox-{uuid4().hex[:12]}"
        services.keys.add(name, f"key-of-{name}", created_at=0)
        called = ContractClient(app, f"key-of-{name}")
        assert put_clock(called, LATE).status == called.post("/v1/reset", {}).status == 409
        assert log(called, "a", "1", render(services.clock())).status == 201
        drain_all(services)

    def test_a_sandbox_reaches_no_other_gym(
        self, api: ContractClient, real: ContractClient, services: Services
    ) -> None:
        at = render(services.clock())
        log(real, "a", "1", at)
        log(api, "a", "1", BEGIN)
        api.post("/v1/reset", {"now": LATE})
        api.post("/v1/reset", {"now": BEGIN})
        assert real.get("/v1/lifters/a/state").json["version"] == 1
        assert real.get("/v1/clock").json["now"] < "2150"

    @pytest.mark.parametrize("scopes", [("read", "audit"), ("read", "write", "audit")])
    def test_only_an_admins_key_can(self, app: Flask, services: Services, gym: str, scopes: tuple[str, ...]) -> None:
        secret = uuid4().hex
        services.keys.add(gym, secret, 0, scopes)
        api = ContractClient(app, secret)
        assert api.post("/v1/reset", {"now": LATE}).status == api.post("/v1/reset", {}).status == 403
        assert api.get("/v1/clock").json["now"] == BEGIN

    def test_no_token_of_a_lifter_can(self, api: ContractClient, app: Flask) -> None:
        log(api, "a", "1", BEGIN)
        secret = api.post("/v1/lifters/a/tokens", {"scopes": ["read", "write"]}).json["secret"]
        token = ContractClient(app, secret)
        answers = put_clock(token, LATE), token.post("/v1/reset", {}), token.get("/v1/clock")
        assert [answer.status for answer in answers] == [403, 403, 403]

    def test_a_log_of_the_future_is_taken_in_only_where_it_is_as_late(
        self, api: ContractClient, real: ContractClient
    ) -> None:
        api.post("/v1/reset", {"now": LATE})
        log(api, "a", "1", LATE)
        export = api.get("/v1/lifters/a/export").data
        sent = {"Content-Type": "application/x-ndjson"}
        refused = real.send("POST", "/v1/lifters/a/import", data=export, headers=sent)
        assert refused.status == 422
        assert "2150-01-01" in refused.json["errors"][0]["message"]
        api.post("/v1/reset", {"now": BEGIN})
        assert api.send("POST", "/v1/lifters/a/import", data=export, headers=sent).status == 422
        api.post("/v1/reset", {"now": LATE})
        assert api.send("POST", "/v1/lifters/a/import", data=export, headers=sent).status == 201

    def test_a_log_of_a_sandbox_goes_elsewhere_as_it_is(self, api: ContractClient, real: ContractClient) -> None:
        log(api, "a", "1", BEGIN)
        export = api.get("/v1/lifters/a/export").data
        sent = {"Content-Type": "application/x-ndjson"}
        assert real.send("POST", "/v1/lifters/a/import", data=export, headers=sent).status == 201
        assert real.get("/v1/lifters/a/events").json["events"][0]["recorded_at"] == BEGIN


class TestMaking:
    def test_a_sandbox_is_called_so_and_nothing_else_is(self, services: Services) -> None:
        name = uuid4().hex[:12]
        for wrong in ({"gym": name, "sandbox": True}, {"gym": f"sandbox-{name}"}):
            with pytest.raises(InvalidInput, match="begins with 'sandbox-'"):
                gyms.add_gym(services, **wrong)
        assert services.gyms.find(name) is services.gyms.find(f"sandbox-{name}") is None
        gyms.add_gym(services, f"sandbox-{name}", sandbox=True)
        before = services.now(f"sandbox-{name}")
        with pytest.raises(Conflict):
            gyms.add_gym(services, f"sandbox-{name}", sandbox=True)
        assert services.now(f"sandbox-{name}") == before <= services.clock()

    def test_it_is_removed_once_it_was_reset(self, api: ContractClient, services: Services, gym: str) -> None:
        log(api, "a", "1", BEGIN)
        with pytest.raises(Conflict, match="reset it"):
            gyms.remove_gym(services, gym)
        reset(services, gym)
        gyms.remove_gym(services, gym)
        assert services.sandboxes.find(gym) is None

    def test_suspending_leaves_the_clock(self, api: ContractClient, services: Services, gym: str) -> None:
        gyms.suspend_gym(services, gym)
        gyms.resume_gym(services, gym)
        assert api.get("/v1/clock").json["now"] == BEGIN

    def test_an_erasure_that_was_left_lying_is_not_done_to_whoever_has_the_id_now(
        self, api: ContractClient, services: Services, gym: str
    ) -> None:
        log(api, "a", "1", BEGIN)
        reset(services, gym, parse(BEGIN))
        log(api, "a", "1", BEGIN, 60)
        forget_elsewhere(services, LifterRef(gym, "a"))  # as a sweeper does that had read of it before
        drain_all(services)
        assert services.feeds.read(gym, services.feeds.ends(gym)[0], 10) != []
