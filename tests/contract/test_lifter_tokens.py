"""Tokens of lifters: what they reach, until when, and everything that does not make one more of them."""

import base64
import dataclasses
import json
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain import lifter_tokens as domain
from service.domain.gyms import Gym
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND, Instant, parse
from service.http import auth
from service.http.app import create_app
from service.store import key_names
from service.store import lifter_tokens as store
from service.store.connections import Client
from tests.support.contract import ContractClient, operations

_TOKENS = "/v1/lifters/ann/tokens"
_STATE = "/v1/lifters/ann/state"
_SET = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-11-20T18:03:00+01:00",
    "data": {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5},
}

SCOPE_OF_A_TOKEN: dict[str, str | None] = {
    "list_events": "read",
    "get_state": "read",
    "get_profile": "read",
    "get_statistics": "read",
    "get_next_session": "read",
    "get_prescription": "read",
    "list_exercises": "read",
    "get_exercise": "read",
    "list_schemes": "read",
    "get_scheme": "read",
    "list_programmes": "read",
    "get_programme": "read",
    "append_event": "write",
    "append_session": "write",
    "list_lifters": None,
    "erase_lifter": None,
    "export_lifter": None,
    "import_lifter": None,
    "import_log": None,
    "get_import": None,
    "list_imports": None,
    "take_back_import": None,
    "list_exercise_names": None,
    "map_exercise_name": None,
    "append_events": None,
    "list_recommendations": None,
    "get_derivation": None,
    "get_reasons": None,
    "get_objections": None,
    "get_alternatives": None,
    "get_comparison": None,
    "list_changes": "read",
    "create_ticket": "read",
    "list_webhooks": None,
    "create_webhook": None,
    "get_webhook": None,
    "delete_webhook": None,
    "rotate_webhook": None,
    "resume_webhook": None,
    "list_dead_letters": None,
    "resend_dead_letter": None,
    "get_rule_set": None,
    "simulate_log": None,
    "check_rules": None,
    "run_rule_examples": None,
    "diff_rules": None,
    "publish_programme": None,
    "archive_programme": None,
    "create_rollout": None,
    "get_rollout": None,
    "list_rollout_lifters": None,
    "stop_rollout": None,
    "create_backtest": None,
    "get_backtest": None,
    "stop_backtest": None,
    "list_keys": None,
    "create_key": None,
    "get_key": None,
    "rotate_key": None,
    "revoke_key": None,
    "create_token": None,
    "revoke_all_tokens": None,
    "revoke_token": None,
    "get_clock": None,
    "set_clock": None,
    "reset_sandbox": None,
}
"""The scope that a token needs for each operation, None where no token reaches it; a new one gets its line here."""

_REACHED = [name for name, scope in SCOPE_OF_A_TOKEN.items() if scope is not None]

_OPERATIONS = {
    operation["operationId"]: (method.upper(), path.replace("{lifter}", "ann").replace("{", "").replace("}", ""))
    for path, method, operation in operations()
    if path.startswith("/v1")
}


def _made(api: ContractClient, lifter: str = "ann", **wanted: Any) -> Any:
    answer = api.post(f"/v1/lifters/{lifter}/tokens", {"scopes": ["read", "write"], **wanted})
    assert answer.status == 201, answer.text
    return answer.json


@pytest.fixture
def token(api: ContractClient) -> str:
    """A token of ann's that reads and writes."""
    return str(_made(api)["secret"])


@pytest.fixture
def phone(app: Flask, token: str) -> ContractClient:
    """What ann's phone asks with."""
    return ContractClient(app, token)


class TestReach:
    def test_every_operation_is_listed(self) -> None:
        assert SCOPE_OF_A_TOKEN.keys() == _OPERATIONS.keys()
        assert {*_REACHED} == auth.OF_A_LIFTER

    def test_the_contract_says_the_same(self) -> None:
        for _, _, operation in operations():
            scopes = [need["token"] for need in operation["security"] if "token" in need]
            wanted = SCOPE_OF_A_TOKEN.get(operation["operationId"])
            assert scopes == ([] if wanted is None else [[wanted]]), operation["operationId"]

    @pytest.mark.parametrize("operation", _REACHED)
    def test_these_are_reached(self, phone: ContractClient, operation: str) -> None:
        method, path = _OPERATIONS[operation]
        assert phone.send(method, path, data=b"{}").status not in (401, 403)

    @pytest.mark.parametrize("operation", sorted(SCOPE_OF_A_TOKEN.keys() - {*_REACHED}))
    def test_these_are_not(self, phone: ContractClient, operation: str) -> None:
        method, path = _OPERATIONS[operation]
        answer = phone.send(method, path, data=b"{}")
        assert (answer.status, answer.json["type"]) == (403, "/problems/forbidden")

    @pytest.mark.parametrize("operation", [name for name in _REACHED if "ann" in _OPERATIONS[name][1]])
    def test_another_lifter_is_not_whether_there_is_one_or_not(
        self, api: ContractClient, phone: ContractClient, operation: str
    ) -> None:
        assert api.post("/v1/lifters/bob/events", _SET).status == 201
        method, path = _OPERATIONS[operation]
        refused = [
            phone.send(method, path.replace("ann", lifter), data=json.dumps(_SET))
            for lifter in ("bob", "nobody", "Ann", "an%6E%2E")
        ]
        assert {(answer.status, answer.json["detail"]) for answer in refused} == {
            (403, "this token is another lifter's")
        }
        assert len(api.get("/v1/lifters/bob/events").json["events"]) == 1

    def test_a_days_training(self, api: ContractClient, phone: ContractClient) -> None:
        """Somebody of whom there is no log yet begins one; it names the key."""
        assert phone.get(_STATE).status == 404
        assert phone.post("/v1/lifters/ann/events", _SET).status == 201
        path = "/v1/lifters/ann/prescriptions/deadlift?as_of=2026-11-20T18:00:00Z"
        assert phone.get(path).json == api.get(path).json
        (key,) = api.get("/v1/keys").json["keys"]
        assert [event["actor"] for event in phone.get("/v1/lifters/ann/events").json["events"]] == [key["key_id"]]

    @pytest.mark.parametrize(("scope", "other"), [("read", "write"), ("write", "read")])
    def test_it_does_what_its_scopes_say(self, app: Flask, api: ContractClient, scope: str, other: str) -> None:
        phone = ContractClient(app, _made(api, scopes=[scope])["secret"])
        writing = phone.post("/v1/lifters/ann/events", _SET)
        assert (writing.status == 201) == (scope == "write")
        reading = phone.get(_STATE)
        assert (reading.status == 403) == (scope == "write")
        assert (reading if scope == "write" else writing).json["detail"] == f"this token lacks the scope {other}"


class TestMaking:
    def test_a_token_is_shown_once_and_only_its_hash_is_kept(
        self, api: ContractClient, gym: str, log_server: Client
    ) -> None:
        made = _made(api)
        kept = log_server.execute_command("HGETALL", key_names.tokens(LifterRef(gym, "ann")))
        assert list(kept) == [made["token_id"].encode()]
        assert made["secret"].rpartition(".")[2].encode() not in kept[made["token_id"].encode()]

    @pytest.mark.parametrize(
        ("asked", "seconds"), [({}, 3600), ({"lifetime_s": 60}, 60), ({"lifetime_s": 86400}, 86400)]
    )
    def test_for_how_long(self, api: ContractClient, asked: dict[str, Any], seconds: int) -> None:
        made = _made(api, **asked)
        assert parse(made["expires_at"]) - parse(made["created_at"]) == seconds * SECOND

    def test_not_for_longer_than_its_key(self, app: Flask, services: Services, gym: str) -> None:
        ends = services.clock() + 120 * SECOND
        services.keys.add(gym, f"brief-key-of-{gym}", created_at=0, expires_at=ends)
        assert parse(_made(ContractClient(app, f"brief-key-of-{gym}"))["expires_at"]) == ends

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/scopes"),
            ({"scopes": []}, "/scopes"),
            ({"scopes": ["audit"]}, "/scopes/0"),
            ({"scopes": ["read", "admin"]}, "/scopes/1"),
            ({"scopes": ["read", "read"]}, "/scopes"),
            ({"scopes": ["read"], "lifetime_s": 59}, "/lifetime_s"),
            ({"scopes": ["read"], "lifetime_s": 86401}, "/lifetime_s"),
            ({"scopes": ["read"], "lifter": "bob"}, "/lifter"),
        ],
    )
    def test_what_is_refused(self, api: ContractClient, body: dict[str, Any], pointer: str) -> None:
        answer = api.post(_TOKENS, body)
        assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])

    def test_a_key_gives_no_scope_that_it_has_not(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"display-of-{gym}", created_at=0, scopes=("read",))
        display = ContractClient(app, f"display-of-{gym}")
        refused = display.post(_TOKENS, {"scopes": ["read", "write"]})
        assert (refused.status, refused.json["detail"]) == (403, "this API key lacks the scope write")
        assert display.post(_TOKENS, {"scopes": ["read"]}).status == 201

    def test_beyond_the_most_the_one_that_expires_first_ends(
        self, app: Flask, api: ContractClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "MOST_OF_A_LIFTER", 2)
        made = [_made(api, lifetime_s=seconds)["secret"] for seconds in (600, 300, 900)]
        other = _made(api, "bob")["secret"]
        statuses = [ContractClient(app, secret).get("/v1/exercises").status for secret in (*made, other)]
        assert statuses == [200, 401, 200, 200]


class _Clock:
    def __init__(self, now: Instant) -> None:
        self.now = now

    def __call__(self) -> Instant:
        return self.now


class TestEnding:
    def test_it_expires(self, services: Services, key: str, gym: str, log_server: Client) -> None:
        clock = _Clock(services.clock())
        later = create_app(dataclasses.replace(services, clock=clock))
        phone = ContractClient(later, _made(ContractClient(later, key), lifetime_s=60)["secret"])
        clock.now += 60 * SECOND - 1
        assert phone.get("/v1/exercises").status == 200
        clock.now += 1
        answer = phone.get("/v1/exercises")
        assert answer.status == 401
        assert answer.json["detail"].startswith("this token expired at ")
        _made(ContractClient(later, key))  # the next one takes it away
        assert log_server.execute_command("HLEN", key_names.tokens(LifterRef(gym, "ann"))) == 1

    def test_the_store_forgets_it(self, api: ContractClient, gym: str, log_server: Client) -> None:
        _made(api, lifetime_s=600)
        _made(api, lifetime_s=60)
        left = log_server.execute_command("PTTL", key_names.tokens(LifterRef(gym, "ann")))
        assert 60_000 < left <= 600_001

    def test_when_it_is_revoked(self, app: Flask, api: ContractClient) -> None:
        lost, other = _made(api), _made(api)
        for _ in range(2):
            assert api.send("DELETE", f"{_TOKENS}/{lost['token_id']}").status == 204
        assert ContractClient(app, lost["secret"]).get("/v1/exercises").status == 401
        assert ContractClient(app, other["secret"]).get("/v1/exercises").status == 200

    def test_when_all_of_the_lifter_are(self, app: Flask, api: ContractClient) -> None:
        secrets = [_made(api)["secret"], _made(api)["secret"], _made(api, "bob")["secret"]]
        assert api.send("DELETE", _TOKENS).status == 204
        assert [ContractClient(app, secret).get("/v1/exercises").status for secret in secrets] == [401, 401, 200]
        assert ContractClient(app, _made(api)["secret"]).get("/v1/exercises").status == 200

    def test_not_when_one_of_that_id_is_revoked_elsewhere(
        self, app: Flask, api: ContractClient, services: Services
    ) -> None:
        made = _made(api)
        services.keys.add("elsewhere", "key-of-elsewhere", created_at=0)
        for client, lifter in ((api, "bob"), (ContractClient(app, "key-of-elsewhere"), "ann")):
            assert client.send("DELETE", f"/v1/lifters/{lifter}/tokens/{made['token_id']}").status == 204
        assert ContractClient(app, made["secret"]).get("/v1/exercises").status == 200

    def test_what_is_no_id_of_a_token(self, api: ContractClient) -> None:
        answer = api.send("DELETE", f"{_TOKENS}/k_8254c329a9281c1f")
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/token_id")

    def test_with_the_key_that_made_it(self, app: Flask, api: ContractClient) -> None:
        made = api.post("/v1/keys", {"scopes": ["read", "write"]}).json
        phone = ContractClient(app, _made(ContractClient(app, made["secret"]))["secret"])
        assert phone.get("/v1/exercises").status == 200
        api.send("POST", f"/v1/keys/{made['key']['key_id']}/revocation")
        answer = phone.get("/v1/exercises")
        assert (answer.status, answer.json["type"]) == (401, "/problems/unauthorized")

    def test_with_the_grace_of_a_key_that_was_rotated(self, app: Flask, api: ContractClient) -> None:
        made = api.post("/v1/keys", {"scopes": ["read", "write"]}).json
        phone = ContractClient(app, _made(ContractClient(app, made["secret"]))["secret"])
        api.post(f"/v1/keys/{made['key']['key_id']}/rotation", {})
        assert phone.get("/v1/exercises").status == 200
        other = api.post("/v1/keys", {"scopes": ["read", "write"]}).json
        phone = ContractClient(app, _made(ContractClient(app, other["secret"]))["secret"])
        api.post(f"/v1/keys/{other['key']['key_id']}/rotation", {"grace_s": 0})
        assert phone.get("/v1/exercises").status == 401

    def test_with_its_gym(self, services: Services, phone: ContractClient, gym: str) -> None:
        services.gyms.put(Gym(gym, suspended_at=1_000_000))
        services.keys.forget([])  # also what is believed for five seconds
        answer = phone.get("/v1/exercises")
        assert (answer.status, answer.json["type"]) == (403, "/problems/gym-suspended")

    def test_with_its_lifter(self, api: ContractClient, phone: ContractClient, gym: str, log_server: Client) -> None:
        assert phone.post("/v1/lifters/ann/events", _SET).status == 201
        assert api.send("DELETE", "/v1/lifters/ann").status == 200
        assert phone.get("/v1/exercises").status == 401
        assert phone.get(_STATE).status == 401
        assert log_server.execute_command("EXISTS", key_names.tokens(LifterRef(gym, "ann"))) == 0
        assert api.post(_TOKENS, {"scopes": ["read"]}).status == 410
        assert api.send("DELETE", _TOKENS).status == 410


def _named(gym: str, lifter: str) -> str:
    return base64.urlsafe_b64encode(f"{gym}:{lifter}".encode()).decode().rstrip("=")


class TestForging:
    def test_the_name_in_a_token_cannot_be_another(self, app: Flask, api: ContractClient, token: str, gym: str) -> None:
        """The secret is of this lifter of this gym, whoever it says it is of."""
        assert api.post("/v1/lifters/bob/events", _SET).status == 201
        _made(api, "bob")
        secret = token.partition(".")[2]
        assert token == f"lt_{_named(gym, 'ann')}.{secret}"
        for name in (
            _named(gym, "bob"),
            _named("other", "ann"),
            _named(gym, ""),
            _named("", "ann"),
            _named(gym, "a:n"),
        ):
            forged = ContractClient(app, f"lt_{name}.{secret}")
            assert forged.get("/v1/exercises").status == 401
            assert forged.get("/v1/lifters/bob/state").status == 401

    @pytest.mark.parametrize(
        "spoilt",
        [
            "{short}",
            "{token}A",
            "{short}{other}",
            "LT_{named}.{secret}",
            "lt_{named}=.{secret}",
            "lt_{named}{secret}",
            "lt_.{secret}",
            "{token}\u00e9",
            "{secret}",
            "{token},{token}",
            "{token} {token}",
            "lt_" + "A" * 172 + ".{secret}",
            "lt_\u00e9\u00e9\u00e9\u00e9.{secret}",
        ],
    )
    def test_what_is_no_token(self, app: Flask, token: str, spoilt: str) -> None:
        named, _, secret = token.removeprefix("lt_").partition(".")
        other = "A" if token[-1] != "A" else "B"
        presented = spoilt.format(token=token, short=token[:-1], other=other, named=named, secret=secret)
        assert ContractClient(app, presented).get("/v1/exercises").status == 401

    def test_neither_its_id_nor_its_hash_is_one(self, app: Flask, api: ContractClient) -> None:
        made = _made(api)
        presented = store.presented_token(made["secret"])
        assert presented is not None
        for text in (made["token_id"], presented.sha256, f"lt_{_named('x', 'ann')}.{presented.sha256[:43]}"):
            assert ContractClient(app, text).get("/v1/exercises").status == 401

    @pytest.mark.parametrize(
        "headers",
        [
            {"Cookie": "session={token}; token={token}; Authorization=Bearer {token}"},
            {"X-Authorization": "Bearer {token}"},
            {"Proxy-Authorization": "Bearer {token}"},
            {"Authorization": "Token {token}"},
            {"Authorization": "Basic {token}"},
            {"Authorization": "{token}"},
        ],
    )
    def test_it_goes_into_the_one_header(self, app: Flask, token: str, headers: dict[str, str]) -> None:
        """Cookies, those of pages included, never say who asks."""
        sent = {name: value.format(token=token) for name, value in headers.items()}
        anybody = ContractClient(app, None)
        for path in ("/v1/exercises", f"/v1/exercises?token={token}", f"/v1/exercises?access_token={token}"):
            answer = anybody.get(path, **sent)
            assert answer.status == 401
            assert "Set-Cookie" not in answer.headers

    def test_a_cookie_changes_nothing(self, api: ContractClient, phone: ContractClient) -> None:
        key = _made(api, "bob")["secret"]
        cookie = f"session={key}"
        assert phone.get("/v1/lifters/bob/state", Cookie=cookie).status == 403
        answer = phone.get("/v1/exercises", Cookie=cookie)
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers


def test_a_token_is_in_no_line_of_the_log(app: Flask, api: ContractClient, capfd: pytest.CaptureFixture[str]) -> None:
    made = _made(api)
    phone = ContractClient(app, made["secret"])
    for path in ("/v1/exercises", _STATE, "/v1/lifters/bob/state", f"/v1/exercises?q={made['secret']}", "/v1/nothing"):
        phone.get(path)
    phone.post("/v1/lifters/ann/events", {"token": made["secret"]})
    ContractClient(app, made["secret"] + "x").get("/v1/exercises")
    logged = "".join(capfd.readouterr())
    assert made["secret"].rpartition(".")[2] not in logged
    assert made["secret"][:20] not in logged


class TestRateLimits:
    def test_a_token_has_its_own_and_counts_for_the_key(
        self, app: Flask, services: Services, gym: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "MOST_REQUESTS_OF_A_TOKEN", 3)
        services.keys.add(gym, f"slow-key-of-{gym}", created_at=0, rate_limit=7)
        slow = ContractClient(app, f"slow-key-of-{gym}")
        phones = [ContractClient(app, _made(slow, lifter)["secret"]) for lifter in ("ann", "bob")]
        answers = [phones[0].get("/v1/exercises") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
            f'"token";r={left}' for left in (2, 1, 0, 0)
        ]
        assert answers[0].headers["RateLimit-Policy"] == '"token";q=3;w=60'
        assert answers[3].json["detail"].startswith("this token may make 3 requests")
        assert slow.get("/v1/exercises").headers["RateLimit"].startswith('"key";r=1;')  # 2 made, 3 used, this one
        assert phones[1].get("/v1/exercises").status == 200
        refused = phones[1].get("/v1/exercises")
        assert (refused.status, refused.headers["RateLimit-Policy"]) == (429, '"key";q=7;w=60')

    def test_no_more_than_the_key_may(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"slow-key-of-{gym}", created_at=0, rate_limit=5)
        phone = ContractClient(app, _made(ContractClient(app, f"slow-key-of-{gym}"))["secret"])
        assert phone.get("/v1/exercises").headers["RateLimit-Policy"] == '"token";q=5;w=60'
        assert domain.MOST_REQUESTS_OF_A_TOKEN == 600
