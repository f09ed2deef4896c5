"""Tickets: one stream each, once, within a minute, of what whoever made it may listen to; and tokens that listen."""

import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.http import streams
from service.http.app import create_app
from service.store import key_names
from service.store.connections import Client
from service.usecases.projection.drain import drain, sweep
from tests.support.contract import ContractClient

_CHANGES = "/v1/changes"


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that last for a moment."""
    monkeypatch.setattr(streams, "LIFETIME_S", 0.2)


@pytest.fixture
def two(api: ContractClient, services: Services) -> list[dict[str, Any]]:
    """The changes of a gym in which ann and bob trained in turn."""
    for number in range(3):
        for lifter in ("ann", "bob"):
            event = {
                "event_id": f"s{number}",
                "type": "set_logged",
                "occurred_at": f"2026-11-20T17:0{number}:00Z",
                "data": {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5 + number},
            }
            assert api.post(f"/v1/lifters/{lifter}/events", event).status == 201
            sweep(services)
            for group in range(key_names.GROUPS):
                drain(services, group)
    changes: list[dict[str, Any]] = api.get(f"{_CHANGES}?limit=1000").json["changes"]
    assert {change["lifter"] for change in changes} == {"ann", "bob"}
    return changes


def _token(api: ContractClient, lifter: str = "ann", **wanted: Any) -> Any:
    return api.post(f"/v1/lifters/{lifter}/tokens", {"scopes": ["read"], **wanted}).json


def _ticket(client: ContractClient) -> str:
    answer = client.send("POST", "/v1/tickets")
    assert answer.status == 201
    return str(answer.json["ticket"])


def _told(stream: str) -> Iterator[Any]:
    """The changes of a stream."""
    for line in stream.splitlines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.mark.usefixtures("briefly")
class TestOfALifter:
    def test_a_token_is_told_of_its_lifter_only(
        self, app: Flask, api: ContractClient, two: list[dict[str, Any]]
    ) -> None:
        phone = ContractClient(app, _token(api)["secret"])
        stream = phone.get(_CHANGES, Accept="text/event-stream")
        assert list(_told(stream.text)) == [change for change in two if change["lifter"] == "ann"]
        assert "bob" not in stream.text

    def test_page_by_page_too_however_few_are_looked_through(
        self, app: Flask, api: ContractClient, two: list[dict[str, Any]]
    ) -> None:
        phone, found, path = ContractClient(app, _token(api)["secret"]), list[Any](), f"{_CHANGES}?limit=1"
        for _ in two:
            page = phone.get(path).json
            assert len(page["changes"]) <= 1
            found += page["changes"]
            path = page["next"]
        assert found == [change for change in two if change["lifter"] == "ann"]
        assert phone.get(path).json == {"changes": [], "next": path}

    def test_from_any_place(self, app: Flask, api: ContractClient, two: list[dict[str, Any]]) -> None:
        phone, middle = ContractClient(app, _token(api)["secret"]), len(two) // 2
        stream = phone.get(_CHANGES, Accept="text/event-stream", Last_Event_ID=two[middle]["change_id"])
        assert list(_told(stream.text)) == [change for change in two[middle + 1 :] if change["lifter"] == "ann"]
        assert list(_told(phone.get(f"{_CHANGES}?after=now", Accept="text/event-stream").text)) == []

    def test_one_without_read_is_not(self, app: Flask, api: ContractClient) -> None:
        phone = ContractClient(app, _token(api, scopes=["write"])["secret"])
        assert phone.get(_CHANGES).status == 403
        assert phone.send("POST", "/v1/tickets").status == 403


@pytest.mark.parametrize("ending", ["one", "all", "lifter"])
def test_a_stream_tells_nothing_more_to_a_token_that_ended(
    app: Flask, api: ContractClient, two: list[dict[str, Any]], ending: str
) -> None:
    made = _token(api)
    headers = {"Authorization": f"Bearer {made['secret']}", "Accept": "text/event-stream"}
    response = app.test_client().get(f"{_CHANGES}?after={two[-3]['change_id']}", headers=headers)
    stream = response.iter_encoded()
    assert next(stream) == b"retry: 1000\n\n"
    tokens = "/v1/lifters/ann/tokens"
    path = {"one": f"{tokens}/{made['token_id']}", "all": tokens, "lifter": "/v1/lifters/ann"}[ending]
    assert api.send("DELETE", path).status in (200, 204)
    api.post(
        "/v1/lifters/bob/events",
        {"event_id": "x", "type": "deload_requested", "occurred_at": "2026-11-21T17:00:00Z", "data": {}},
    )
    rest = b"".join(stream)  # what was read before, and then the end
    assert rest.count(b"event: change") <= 2
    response.close()
    assert app.test_client().get(_CHANGES, headers=headers).status_code == 401


@pytest.mark.usefixtures("briefly")
class TestTickets:
    def test_one_opens_the_stream_of_whoever_made_it(
        self, app: Flask, api: ContractClient, two: list[dict[str, Any]]
    ) -> None:
        page = ContractClient(app, None)
        of_gym = page.get(f"{_CHANGES}?ticket={_ticket(api)}")
        assert of_gym.media_type == "text/event-stream"
        assert list(_told(of_gym.text)) == two
        phone = ContractClient(app, _token(api)["secret"])
        of_ann = page.get(f"{_CHANGES}?ticket={_ticket(phone)}&after={two[0]['change_id']}", Accept="application/json")
        assert of_ann.media_type == "text/event-stream"
        assert list(_told(of_ann.text)) == [change for change in two[1:] if change["lifter"] == "ann"]

    def test_it_opens_one_only(self, app: Flask, api: ContractClient) -> None:
        page, ticket = ContractClient(app, None), _ticket(api)
        assert [page.get(f"{_CHANGES}?ticket={ticket}").status for _ in range(3)] == [200, 401, 401]

    def test_it_opens_one_only_whoever_comes_first(self, app: Flask, api: ContractClient) -> None:
        ticket, statuses, start = _ticket(api), list[int](), threading.Barrier(8)

        def use() -> None:
            client = ContractClient(app, None)
            start.wait()
            statuses.append(client.get(f"{_CHANGES}?ticket={ticket}").status)

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] + [401] * 7

    def test_the_store_forgets_it_after_a_minute(self, app: Flask, api: ContractClient, log_server: Client) -> None:
        ticket = _ticket(api)
        name = key_names.ticket(hashlib.sha256(ticket.encode()).hexdigest())
        assert 0 < log_server.execute_command("TTL", name) <= 60
        log_server.execute_command("PEXPIRE", name, 0)
        answer = ContractClient(app, None).get(f"{_CHANGES}?ticket={ticket}")
        assert (answer.status, answer.json["type"]) == (401, "/problems/unauthorized")

    def test_not_once_its_maker_has_ended(self, app: Flask, api: ContractClient) -> None:
        page, made = ContractClient(app, None), _token(api)
        ticket = _ticket(ContractClient(app, made["secret"]))
        api.send("DELETE", f"/v1/lifters/ann/tokens/{made['token_id']}")
        assert page.get(f"{_CHANGES}?ticket={ticket}").status == 401
        key = api.post("/v1/keys", {"scopes": ["read"]}).json
        ticket = _ticket(ContractClient(app, key["secret"]))
        api.send("POST", f"/v1/keys/{key['key']['key_id']}/revocation")
        assert page.get(f"{_CHANGES}?ticket={ticket}").status == 401

    def test_it_opens_nothing_else(self, app: Flask, api: ContractClient) -> None:
        page, ticket = ContractClient(app, None), _ticket(api)
        for method, path in (
            ("GET", "/v1/exercises"),
            ("GET", "/v1/lifters/ann/state"),
            ("HEAD", _CHANGES),
            ("POST", "/v1/tickets"),
        ):
            assert page.send(method, f"{path}?ticket={ticket}").status == 401
        assert page.get(_CHANGES, Authorization=f"Bearer {ticket}").status == 401
        assert page.get(_CHANGES, Cookie=f"ticket={ticket}").status == 401
        assert page.get(f"{_CHANGES}?ticket={ticket}").status == 200  # none of it has used the ticket

    def test_not_beside_a_key_which_leaves_it_as_it_is(self, app: Flask, api: ContractClient) -> None:
        ticket = _ticket(api)
        answer = api.get(f"{_CHANGES}?ticket={ticket}")
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/ticket")
        wrong = ContractClient(app, "wrong")
        assert wrong.get(f"{_CHANGES}?ticket={ticket}").status == 401
        assert ContractClient(app, None).get(f"{_CHANGES}?ticket={ticket}").status == 200

    @pytest.mark.parametrize("ticket", ["", "tk_", "tk_" + "A" * 43, "tk_" + "A" * 44, "%00", "*", "tk_%C3%A9"])
    def test_what_is_none(self, app: Flask, ticket: str) -> None:
        assert ContractClient(app, None).get(f"{_CHANGES}?ticket={ticket}").status == 401

    def test_it_is_in_no_line_of_the_log(
        self, app: Flask, api: ContractClient, capfd: pytest.CaptureFixture[str]
    ) -> None:
        page, ticket = ContractClient(app, None), _ticket(api)
        for _ in range(2):
            page.get(f"{_CHANGES}?ticket={ticket}")
        api.get(f"{_CHANGES}?ticket={ticket}")
        assert ticket not in "".join(capfd.readouterr())


class TestHowMany:
    def test_two_of_a_token(self, api: ContractClient, services: Services) -> None:
        client, secret = create_app(services).test_client(), _token(api)["secret"]
        headers = {"Authorization": f"Bearer {secret}", "Accept": "text/event-stream"}
        opened = [client.get(_CHANGES, headers=headers) for _ in range(3)]
        assert [each.status_code for each in opened] == [200, 200, 429]
        assert opened[2].get_json()["detail"].startswith("this token has 2 streams open")
        for each in opened:
            each.close()
        client.get(_CHANGES, headers=headers).close()

    def test_tokens_leave_some_to_keys(
        self, api: ContractClient, services: Services, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams, "MOST_OF_TOKENS", 3)
        client = create_app(services).test_client()
        phones = [_token(api, lifter)["secret"] for lifter in ("ann", "bob", "cy", "dan")]
        opened = [
            client.get(_CHANGES, headers={"Authorization": f"Bearer {secret}", "Accept": "text/event-stream"})
            for secret in (*phones, key)
        ]
        assert [each.status_code for each in opened] == [200, 200, 200, 429, 200]
        for each in opened:
            each.close()


def test_a_lifter_of_another_gym_of_the_same_name_is_another(
    app: Flask, services: Services, two: list[dict[str, Any]]
) -> None:
    assert two
    services.keys.add("elsewhere", "key-of-elsewhere", created_at=0)
    phone = ContractClient(app, _token(ContractClient(app, "key-of-elsewhere"))["secret"])
    assert phone.get(_CHANGES).json["changes"] == []
    assert phone.get("/v1/lifters/ann/state").status == 404
