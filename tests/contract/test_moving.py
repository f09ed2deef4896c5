"""Leaving and moving over HTTP: erasure and what is answered afterwards, export and import."""

import json

import pytest
from flask import Flask

from service.bootstrap import Services
from service.usecases.lifter.restore import LONGEST_LINE
from tests.support.contract import ContractClient

_ANN = "/v1/lifters/ann"
_NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def other_gym(services: Services, gym: str) -> str:
    """A key of another gym."""
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    return f"key-of-{gym}-2"


def _wish(event_id: str) -> dict[str, object]:
    return {"event_id": event_id, "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}


def _set(event_id: str) -> dict[str, object]:
    data = {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": "2026-11-20T18:03:00Z", "data": data}


class TestErasure:
    def test_it_says_what_remains(self, api: ContractClient, services: Services, key: str) -> None:
        api.post(f"{_ANN}/events", _wish("a1"))
        head = api.get(f"{_ANN}/state").json["log_head"]
        erased = api.send("DELETE", _ANN)
        assert erased.status == 200
        known = services.keys.verify(key)
        assert known is not None
        assert (erased.json["lifter"], erased.json["events"], erased.json["log_head"]) == ("ann", 1, head)
        assert erased.json["erased_by"] == known.id

    def test_afterwards_everything_is_gone(self, api: ContractClient) -> None:
        api.post(f"{_ANN}/events", _set("a1"))
        (prescription,) = api.get(f"{_ANN}/prescriptions").json["prescriptions"]
        api.send("DELETE", _ANN)
        for path in ("/events", "/state", "/state?at_version=1", "/prescriptions", "/prescriptions/deadlift"):
            answer = api.get(_ANN + path)
            assert (answer.status, answer.json["type"]) == (410, "/problems/erased"), path
        assert api.get(prescription["derivation"]).status == 410
        for event in (_set("a1"), _set("a2")):
            answer = api.post(f"{_ANN}/events", event)
            assert (answer.status, answer.json["type"]) == (410, "/problems/erased")

    def test_again_is_the_same(self, api: ContractClient) -> None:
        api.post(f"{_ANN}/events", _wish("a1"))
        first, second = (api.send("DELETE", _ANN).json for _ in range(2))
        assert {**first, "file_rewrite": ""} == {**second, "file_rewrite": ""}

    def test_nobody_is_404(self, api: ContractClient) -> None:
        assert api.send("DELETE", "/v1/lifters/nobody").status == 404

    def test_another_gyms_lifter_is_404_and_stays(self, api: ContractClient, app: Flask, services: Services) -> None:
        api.post(f"{_ANN}/events", _wish("a1"))
        services.keys.add("elsewhere", "another-gyms-key", created_at=0)
        assert ContractClient(app, "another-gyms-key").send("DELETE", _ANN).status == 404
        assert api.get(f"{_ANN}/state").status == 200

    @pytest.mark.parametrize("scopes", [("read",), ("write",), ("read", "write")])
    def test_it_needs_the_scope_admin(
        self, api: ContractClient, app: Flask, services: Services, gym: str, scopes: tuple[str, ...]
    ) -> None:
        api.post(f"{_ANN}/events", _wish("a1"))
        services.keys.add(gym, f"weak-key-of-{gym}", created_at=0, scopes=scopes)
        assert ContractClient(app, f"weak-key-of-{gym}").send("DELETE", _ANN).status == 403
        assert api.get(f"{_ANN}/state").status == 200

    def test_what_is_no_lifter_and_no_parameter(self, api: ContractClient) -> None:
        assert api.send("DELETE", "/v1/lifters/*").status == 422
        assert api.send("DELETE", f"{_ANN}?force=1").status == 422


class TestMoving:
    def test_an_export_has_the_lines_that_the_contract_says(self, api: ContractClient) -> None:
        assignment = {"programme": "upper-back", "params": {"a/hinge": {"sets": 4}}}
        api.post(f"{_ANN}/events", {**_wish("p1"), "type": "programme_assigned", "data": assignment})
        api.post(f"{_ANN}/events", _set("a1"))
        answer = api.get(f"{_ANN}/export")
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == 'attachment; filename="ann.ndjson"'
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert [line["line"] for line in lines] == ["manifest", "rule_set", "rule_set", "event", "event", "end"]
        assert lines[0]["log_head"] == api.get(f"{_ANN}/state").json["log_head"]

    def test_an_import_elsewhere_answers_the_same(
        self, api: ContractClient, app: Flask, other_gym: str, durability: str
    ) -> None:
        for event in (_set("a1"), _set("a2")):
            api.post(f"{_ANN}/events", event)
        exported = api.get(f"{_ANN}/export").data
        there = ContractClient(app, other_gym)
        answer = there.send("POST", f"{_ANN}/import", data=exported, headers=_NDJSON)
        assert answer.status == 201
        state = api.get(f"{_ANN}/state").json
        expected = {"lifter": "ann", "version": 2, "log_head": state["log_head"], "durability": durability}
        assert answer.json == expected
        assert there.get(f"{_ANN}/state").json == state
        assert there.get(f"{_ANN}/events").json == api.get(f"{_ANN}/events").json
        (prescription,) = api.get(f"{_ANN}/prescriptions").json["prescriptions"]
        assert there.get(prescription["derivation"]).json == api.get(prescription["derivation"]).json

    def test_a_lifter_with_a_log_is_409_and_one_erased_410(self, api: ContractClient) -> None:
        api.post(f"{_ANN}/events", _set("a1"))
        exported = api.get(f"{_ANN}/export").data
        answer = api.send("POST", f"{_ANN}/import", data=exported, headers=_NDJSON)
        assert (answer.status, answer.json["type"], answer.json["version"]) == (409, "/problems/not-empty", 1)
        api.send("DELETE", _ANN)
        assert api.send("POST", f"{_ANN}/import", data=exported, headers=_NDJSON).status == 410
        assert api.get(f"{_ANN}/export").status == 410

    @pytest.mark.parametrize("body", [b"", b"\n", b"{", b"[]", b'{"line":"end"}', b"\xff\n", b"[" * 20_000])
    def test_what_is_no_export_is_refused(self, api: ContractClient, body: bytes) -> None:
        answer = api.send("POST", f"{_ANN}/import", data=body, headers=_NDJSON)
        assert (answer.status, answer.json["type"]) == (422, "/problems/invalid-input")
        assert api.get(f"{_ANN}/state").status == 404

    def test_a_line_that_is_too_long_is_413(self, api: ContractClient) -> None:
        answer = api.send("POST", f"{_ANN}/import", data=b"x" * (LONGEST_LINE + 1), headers=_NDJSON)
        assert answer.status == 413
        assert str(LONGEST_LINE) in answer.json["detail"]

    @pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {**_NDJSON, "Content-Encoding": "br"}])
    def test_another_media_type_is_415(self, api: ContractClient, headers: dict[str, str]) -> None:
        assert api.send("POST", f"{_ANN}/import", data=b"{}", headers=headers).status == 415

    def test_another_gyms_lifter_is_not_exported(self, api: ContractClient, app: Flask, other_gym: str) -> None:
        api.post(f"{_ANN}/events", _set("a1"))
        assert ContractClient(app, other_gym).get(f"{_ANN}/export").status == 404

    def test_an_import_needs_the_scope_admin(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"weak-key-of-{gym}", created_at=0, scopes=("read", "write"))
        answer = ContractClient(app, f"weak-key-of-{gym}").send("POST", f"{_ANN}/import", data=b"", headers=_NDJSON)
        assert answer.status == 403
