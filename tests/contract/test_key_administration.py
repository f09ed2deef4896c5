"""A gym's keys over HTTP: made, shown, rotated and revoked by the gym's own admin, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from msgspec.structs import replace

from service.bootstrap import Services
from service.domain.api_keys import SCOPES
from service.domain.instants import DAY, SECOND, parse, render
from service.usecases.gym import api_keys
from tests.support.contract import Answer, ContractClient


def _made(api: ContractClient, **wanted: Any) -> dict[str, Any]:
    answer = api.post("/v1/keys", {"scopes": ["read"], **wanted})
    assert answer.status == 201, answer.text
    document: dict[str, Any] = answer.json
    return document


def _pointers(answer: Answer) -> list[str]:
    assert answer.status == 422, answer.text
    return [error["pointer"] for error in answer.json["errors"]]


class TestMaking:
    def test_a_new_key_may_do_what_it_was_made_for(self, api: ContractClient, app: Flask) -> None:
        answer = api.post("/v1/keys", {"name": "front desk", "scopes": ["write", "read"]})
        key = answer.json["key"]
        assert answer.headers["Location"] == f"/v1/keys/{key['key_id']}"
        assert (key["name"], key["scopes"], key["status"]) == ("front desk", ["read", "write"], "active")
        made = ContractClient(app, answer.json["secret"])
        assert made.get("/v1/exercises").status == 200
        assert made.get("/v1/keys").status == 403

    def test_its_secret_is_never_told_again(self, api: ContractClient) -> None:
        document = _made(api)
        key_id = document["key"]["key_id"]
        for answer in (api.get("/v1/keys"), api.get(f"/v1/keys/{key_id}"), api.post(f"/v1/keys/{key_id}/rotation", {})):
            assert document["secret"] not in answer.text
            assert "sha256" not in answer.text

    def test_it_expires_when_it_was_said_to(self, api: ContractClient, app: Flask, services: Services) -> None:
        soon = services.clock() + 60 * SECOND
        document = _made(api, expires_at=render(soon))
        assert parse(document["key"]["expires_at"]) == soon
        services.keys.amend(document["key"]["key_id"], lambda key: [replace(key, expires_at=1)])
        answer = ContractClient(app, document["secret"]).get("/v1/exercises")
        assert answer.status == 401
        assert "expired at" in answer.json["detail"]
        assert api.get(f"/v1/keys/{document['key']['key_id']}").json["status"] == "expired"

    def test_it_may_not_ask_more_often_than_the_key_that_made_it(
        self, app: Flask, services: Services, gym: str
    ) -> None:
        services.keys.add(gym, f"slow-key-of-{gym}", 0, rate_limit=100)
        slow = ContractClient(app, f"slow-key-of-{gym}")
        assert _made(slow)["key"]["rate_limit"] == 100
        assert _made(slow, rate_limit=99)["key"]["rate_limit"] == 99
        assert _pointers(slow.post("/v1/keys", {"scopes": ["read"], "rate_limit": 101})) == ["/rate_limit"]

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, ["/scopes"]),
            ({"scopes": []}, ["/scopes"]),
            ({"scopes": "read"}, ["/scopes"]),
            ({"scopes": ["read", "everything", {}]}, ["/scopes/1", "/scopes/2"]),
            ({"scopes": ["read", "read"]}, ["/scopes"]),
            ({"scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"}, ["/expires_at"]),
            ({"scopes": ["read"], "expires_at": "soon"}, ["/expires_at"]),
            ({"scopes": ["read"], "rate_limit": 0}, ["/rate_limit"]),
            ({"scopes": ["read"], "name": ""}, ["/name"]),
            ({"scopes": ["read"], "gym": "another-gym"}, ["/gym"]),
        ],
    )
    def test_what_is_refused(self, api: ContractClient, body: dict[str, Any], pointers: list[str]) -> None:
        assert _pointers(api.post("/v1/keys", body)) == pointers
        assert len(api.get("/v1/keys").json["keys"]) == 1

    def test_not_without_bound(self, api: ContractClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(api_keys, "MOST_ACTIVE", 2)
        key_id = _made(api)["key"]["key_id"]
        refused = api.post("/v1/keys", {"scopes": ["read"]})
        assert (refused.status, refused.json["type"]) == (409, "/problems/too-many-keys")
        api.send("POST", f"/v1/keys/{key_id}/revocation")
        _made(api)


class TestShowing:
    def test_every_key_of_the_gym_once_in_pages(self, api: ContractClient) -> None:
        made = {_made(api)["key"]["key_id"] for _ in range(4)}
        path, found = "/v1/keys?limit=2", list[str]()
        while path:
            page = api.get(path).json
            found += [key["key_id"] for key in page["keys"]]
            path = page["next"]
        assert len(found) == len(set(found)) == 5
        assert made < set(found)

    def test_when_it_was_last_used(self, api: ContractClient, app: Flask, services: Services) -> None:
        document = _made(api)
        path = f"/v1/keys/{document['key']['key_id']}"
        assert api.get(path).json["last_used_at"] is None
        before = services.clock()
        ContractClient(app, document["secret"]).get("/v1/exercises")
        assert before <= parse(api.get(path).json["last_used_at"]) <= services.clock()


class TestRotating:
    def test_both_are_valid_for_the_grace(self, api: ContractClient, app: Flask) -> None:
        old = _made(api, name="till", scopes=["read", "audit"])
        answer = api.post(f"/v1/keys/{old['key']['key_id']}/rotation", {})
        assert answer.status == 201
        new, replaced = answer.json["key"], answer.json["replaces"]
        assert (new["name"], new["scopes"], new["expires_at"]) == ("till", ["read", "audit"], None)
        assert parse(replaced["expires_at"]) - parse(new["created_at"]) == DAY
        assert replaced["replaced_by"] == new["key_id"]
        for secret in (old["secret"], answer.json["secret"]):
            assert ContractClient(app, secret).get("/v1/exercises").status == 200

    def test_without_grace_the_old_one_ends_at_once(self, api: ContractClient, app: Flask) -> None:
        old = _made(api)
        path = f"/v1/keys/{old['key']['key_id']}/rotation"
        assert api.post(path, {"grace_s": 0}).json["replaces"]["status"] == "expired"
        assert ContractClient(app, old["secret"]).get("/v1/exercises").status == 401
        again = api.post(path, {})
        assert (again.status, again.json["type"]) == (409, "/problems/key-not-active")

    def test_a_grace_never_lengthens_a_life(self, api: ContractClient, services: Services) -> None:
        expires_at = render(services.clock() + 3600 * SECOND)
        old = _made(api, expires_at=expires_at)
        rotated = api.post(f"/v1/keys/{old['key']['key_id']}/rotation", {}).json
        assert rotated["replaces"]["expires_at"] == expires_at
        new = rotated["key"]
        assert parse(new["expires_at"]) - parse(new["created_at"]) == parse(expires_at) - parse(
            old["key"]["created_at"]
        )

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({"grace_s": -1}, ["/grace_s"]),
            ({"grace_s": 2_592_001}, ["/grace_s"]),
            ({"expires_at": "2001-01-01T00:00:00Z"}, ["/expires_at"]),
            ({"scopes": ["admin"]}, ["/scopes"]),
        ],
    )
    def test_what_is_refused(self, api: ContractClient, body: dict[str, Any], pointers: list[str]) -> None:
        assert _pointers(api.post(f"/v1/keys/{_made(api)['key']['key_id']}/rotation", body)) == pointers


class TestRevoking:
    def test_a_revoked_key_opens_nothing(self, api: ContractClient, app: Flask) -> None:
        document = _made(api)
        key = ContractClient(app, document["secret"])
        assert key.get("/v1/exercises").status == 200
        path = f"/v1/keys/{document['key']['key_id']}/revocation"
        revoked = api.send("POST", path)
        assert (revoked.status, revoked.json["status"]) == (200, "revoked")
        assert key.get("/v1/exercises").status == 401
        assert api.send("POST", path).json == revoked.json

    def test_a_key_may_revoke_itself(self, api: ContractClient, services: Services, key: str) -> None:
        own = services.keys.verify(key)
        assert own is not None
        assert api.send("POST", f"/v1/keys/{own.id}/revocation").status == 200
        assert api.get("/v1/keys").status == 401


class TestOtherGyms:
    @pytest.mark.parametrize(
        ("method", "path", "body"), [("GET", "", None), ("POST", "/rotation", b"{}"), ("POST", "/revocation", None)]
    )
    def test_another_gyms_key_does_not_exist(
        self, api: ContractClient, services: Services, gym: str, method: str, path: str, body: bytes | None
    ) -> None:
        """docs/faults.md, 22."""
        theirs = services.keys.add(f"{gym}-2", f"key-of-{gym}-2", 0)
        headers = {"Content-Type": "application/json"}
        for key_id in (theirs.id, "k_0123456789abcdef"):
            answer = api.send(method, f"/v1/keys/{key_id}{path}", data=body, headers=headers)
            assert (answer.status, answer.json["detail"]) == (404, f"there is no key {key_id!r}")
        assert theirs.id not in api.get("/v1/keys").text
        assert services.keys.find(theirs.id) == theirs

    @pytest.mark.parametrize("key_id", ["*", "k_", "k_0123456789ABCDEF", "k_0123456789abcdef%0A", "%00"])
    def test_what_no_key_is_called(self, api: ContractClient, key_id: str) -> None:
        """docs/faults.md, 21."""
        assert _pointers(api.get(f"/v1/keys/{key_id}")) == ["/key_id"]


def test_the_first_key_has_every_scope(api: ContractClient) -> None:
    (key,) = api.get("/v1/keys").json["keys"]
    assert key["scopes"] == list(SCOPES)
