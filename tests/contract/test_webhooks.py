"""Webhooks over HTTP: an admin's, of the own gym, with nothing shown that is secret."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from service.bootstrap import Services
from service.domain.gyms import Gym
from service.http.app import create_app
from service.usecases.webhooks.deliver import deliver
from tests.contract.test_changes import Clock, logging
from tests.support.contract import CONTRACT, ContractClient, problems_of
from tests.support.hooks import receiving


@pytest.fixture
def spotter(services: Services) -> Services:
    """A Spotter that may call this machine, and has a clock of its own."""
    return replace(services, settings=replace(services.settings, private_targets=True), clock=Clock())


@pytest.fixture
def admin(spotter: Services, key: str) -> ContractClient:
    return ContractClient(create_app(spotter), key)


def made(admin: ContractClient, url: str) -> dict[str, Any]:
    answer = admin.post("/v1/webhooks", {"url": url, "description": "the app"})
    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/webhooks/{answer.json['webhook_id']}"
    found: dict[str, Any] = answer.json
    return found


def test_from_the_first_secret_to_the_last_dead_letter(admin: ContractClient, spotter: Services) -> None:
    with receiving() as receiver:
        webhook = made(admin, receiver.url)
        path = f"/v1/webhooks/{webhook['webhook_id']}"
        log = logging(admin, spotter, spotter.clock)  # type: ignore[arg-type]
        log()
        deliver(spotter)
        (message,) = receiver.received
        hook = CONTRACT["webhooks"]["prescriptions.changed"]["post"]
        schema = hook["requestBody"]["content"]["application/json"]["schema"]
        assert problems_of(json.loads(message.body), schema) == []
        for parameter in hook["parameters"]:
            assert re.search(parameter["schema"]["pattern"], message.headers[parameter["name"]]), parameter["name"]
        shown = admin.get(path).json
        assert (shown["status"], shown["behind"], shown["url"]) == ("active", 0, receiver.url)
        assert "secret" not in shown
        assert admin.get("/v1/webhooks").json == {"webhooks": [shown]}

        receiver.answer = lambda _: 410
        log("bob")
        deliver(spotter)
        assert admin.get(path).json["status"] == "disabled"
        assert admin.send("POST", f"{path}/resumption").json["status"] == "active"
        rotated = admin.send("POST", f"{path}/rotation").json
        assert rotated["secret"] != webhook["secret"]
        assert admin.get(f"{path}/dead-letters").json == {"dead_letters": [], "next": None}
        name = f"msg_{webhook['webhook_id'][3:]}_1"
        assert admin.send("POST", f"{path}/dead-letters/{name}/resend").status == 404
        assert admin.send("DELETE", path).status == 204
        for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/rotation"), ("GET", "/dead-letters")):
            assert admin.send(method, path + rest).status == 404


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://169.254.169.254/latest", "http://example.com/", "https://localhost/", "x"]
)
def test_where_no_webhook_may_lead(api: ContractClient, url: str) -> None:
    answer = api.post("/v1/webhooks", {"url": url})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/url")


def test_who_may_not_administer_sees_no_webhook(spotter: Services, gym: str) -> None:
    spotter.keys.add(gym, f"writer-of-{gym}", created_at=0, scopes=("read", "write", "audit"))
    writer = ContractClient(create_app(spotter), f"writer-of-{gym}")
    assert writer.get("/v1/webhooks").status == 403
    assert writer.post("/v1/webhooks", {"url": "https://example.com"}).status == 403


def test_another_gyms_webhook_does_not_exist(admin: ContractClient, spotter: Services, gym: str) -> None:
    with receiving() as receiver:
        webhook = made(admin, receiver.url)
    spotter.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    other = ContractClient(create_app(spotter), f"key-of-{gym}-2")
    path = f"/v1/webhooks/{webhook['webhook_id']}"
    answers = [other.send(method, path) for method in ("GET", "DELETE")]
    answers += [other.send("POST", f"{path}/{what}") for what in ("rotation", "resumption")]
    assert {answer.status for answer in answers} == {404}
    assert other.get("/v1/webhooks").json == {"webhooks": []}
    assert admin.get(path).status == 200


def test_a_gym_has_twenty_at_most(admin: ContractClient) -> None:
    with receiving() as receiver:
        for _ in range(20):
            made(admin, receiver.url)
        answer = admin.post("/v1/webhooks", {"url": receiver.url})
    assert (answer.status, answer.json["type"]) == (409, "/problems/too-many-webhooks")


def test_nothing_that_is_asked_wrongly_is_done(admin: ContractClient) -> None:
    assert admin.post("/v1/webhooks", {}).status == 422
    assert admin.post("/v1/webhooks", {"url": "https://example.com", "secret": "mine"}).status == 422
    assert admin.get("/v1/webhooks/wh_1").status == 422
    assert admin.send("POST", "/v1/webhooks/wh_0123456789abcdef/dead-letters/msg_1/resend").status == 422


def test_a_suspended_gyms_webhooks_wait(admin: ContractClient, spotter: Services, gym: str) -> None:
    with receiving() as receiver:
        made(admin, receiver.url)
        logging(admin, spotter, spotter.clock)()  # type: ignore[arg-type]
        spotter.gyms.put(Gym(gym, suspended_at=1))
        deliver(spotter)
        assert receiver.received == []
        spotter.gyms.put(Gym(gym))
        deliver(spotter)
        assert [change["lifter"] for message in receiver.received for change in message.changes] == ["ann"]
