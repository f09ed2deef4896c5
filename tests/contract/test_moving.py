"""Leaving over HTTP: erasure, and what is answered afterwards."""

import pytest
from flask import Flask

from service.bootstrap import Services
from tests.support.contract import ContractClient

_ANN = "/v1/lifters/ann"


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
