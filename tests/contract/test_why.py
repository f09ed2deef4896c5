"""Arguing about a prescription over HTTP."""

from typing import Any

import pytest

from service.usecases.services import Services
from tests.support.contract import ContractClient
from tests.support.sandboxes import sandbox_at

_LIFTER = "/v1/lifters/ann"
_VIEWS = ("why", "why-not?outcome=raise", "what-if", "diff?against=x")


def _log(api: ContractClient, event_id: str, kind: str, minute: int, data: dict[str, Any]) -> None:
    moment = f"2026-11-20T18:{minute:02}:00Z"
    event = {"event_id": event_id, "type": kind, "occurred_at": moment, "data": data}
    assert api.post(f"{_LIFTER}/events", event).status == 201


@pytest.fixture
def gym(services: Services) -> str:
    """A gym where it is the day after."""
    return sandbox_at(services, "2026-11-21T12:00:00Z")


@pytest.fixture
def trained(api: ContractClient) -> ContractClient:
    """A client whose lifter has done the article's example."""
    _log(api, "programme", "programme_assigned", 0, {"programme": "upper-back"})
    _log(api, "baseline", "baseline_set", 0, {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}})
    for number, (load, reps) in enumerate(((225, 6), (235, 3), (230, 5)), 1):
        data = {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": reps}
        _log(api, f"set-{number}", "set_logged", number, data)
    return api


def _derivation(api: ContractClient, query: str = "") -> str:
    return str(api.get(f"{_LIFTER}/prescriptions/deadlift{query}").json["derivation"])


def test_why(trained: ContractClient) -> None:
    answer = trained.get(f"{_derivation(trained)}/why").json
    assert len(answer["why"]) == 5
    assert "From 235 lb to 230 lb (rule new-load-too-heavy" in answer["why"][2]


def test_why_not_an_outcome_or_a_rule(trained: ContractClient) -> None:
    path = _derivation(trained)
    answer = trained.get(f"{path}/why-not?outcome=raise").json
    assert [each["result"] for each in answer["considered"]][:3] == ["fired", "shadowed", "not fired"]
    answer = trained.get(f"{path}/why-not?rule=new-load-too-heavy").json
    assert answer["considered"][-1]["conditions"][0]["expression"] == "set.reps < reps.min"
    assert answer["considered"][-1]["conditions"][0]["operands"]["set.reps"] == 5


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/outcome"),
        ("?outcome=raise&rule=layoff", "/outcome"),
        ("?outcome=more", "/outcome"),
        ("?rule=No rule", "/rule"),
        ("?rule=no-such-rule", "/rule"),
        ("?what=raise", "/what"),
    ],
)
def test_a_question_that_is_none(trained: ContractClient, query: str, pointer: str) -> None:
    answer = trained.get(f"{_derivation(trained)}/why-not{query}")
    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_what_would_have_changed_it(trained: ContractClient) -> None:
    path = _derivation(trained)
    answer = trained.get(f"{path}/what-if?outcome=hold").json
    assert (answer["distance"], answer["searched"]) == (2, 1)
    fewer_reps = {"event_id": "set-3", "version": 5, "field": "reps", "steps": -2, "from": 5, "to": 3}
    assert [fewer_reps] in [way["changes"] for way in answer["ways"]]
    assert trained.get(f"{path}/what-if").json["distance"] == 1
    assert trained.get(f"{path}/what-if?outcome=deload").json["distance"] is None
    assert trained.get(f"{path}/what-if?outcome=wonder").status == 422


def test_what_differs(trained: ContractClient) -> None:
    now, before = _derivation(trained), _derivation(trained, "?at_version=3")
    answer = trained.get(f"{before}/diff?against={now.rpartition('/')[2]}").json
    assert {(each["event_id"], each["in"]) for each in answer["triggers"]} >= {("set-2", "after"), ("set-3", "after")}
    assert {each["path"] for each in answer["sets"]} >= {"/2/load"}
    assert trained.get(f"{now}/diff").status == 422
    assert trained.get(f"{now}/diff?against={now.rpartition('/')[2]}").json["same"]
    assert trained.get(f"{now}/diff?against=x").status == 404


@pytest.mark.parametrize("view", _VIEWS)
def test_what_was_never_given_is_not_argued_about(trained: ContractClient, view: str) -> None:
    assert trained.get(f"{_LIFTER}/derivations/x/{view}").status == 404
    assert trained.get(f"{_derivation(trained)}/{view}".replace("/ann/", "/bob/")).status == 404


class TestRecommended:
    path = f"{_LIFTER}/prescriptions/deadlift/history"

    def test_what_was_recommended_and_what_was_done(self, trained: ContractClient) -> None:
        given = trained.get(self.path).json["recommendations"]
        assert [each["verdict"] for each in given] == ["changed", "followed", "missed", "followed", None]
        assert [done["event_ids"] for each in given for done in each["performed"]] == [["set-1"], ["set-2"], ["set-3"]]
        assert [each["replaced_by"] for each in given[:-1]] == [each["prescription_id"] for each in given[1:]]
        assert trained.get(given[2]["derivation"]).json["prescription"]["sets"][0]["load"]["value"] == "235"

    def test_the_current_one_is_what_is_prescribed(self, trained: ContractClient) -> None:
        newest = trained.get(self.path).json["recommendations"][-1]
        current = trained.get(f"{_LIFTER}/prescriptions/deadlift", Prefer="return=minimal").json
        assert newest["sets"] == current["sets"]

    def test_pages_follow_each_other_and_stay_good_while_the_log_grows(self, trained: ContractClient) -> None:
        whole = trained.get(self.path).json["recommendations"]
        page = trained.get(f"{self.path}?limit=2")
        assert page.headers["Link"] == f'<{page.json["next"]}>; rel="next"'
        _log(trained, "later", "baseline_set", 9, {"exercise": "deadlift", "load": {"value": 300, "unit": "lb"}})
        found = page.json["recommendations"]
        path = page.json["next"]
        while path:
            page = trained.get(path)
            found += page.json["recommendations"]
            path = page.json["next"]
        assert [each["prescription_id"] for each in found][:-1] == [each["prescription_id"] for each in whole]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/v1/lifters/nobody/prescriptions/deadlift/history", 404),
            (f"{_LIFTER}/prescriptions/our-own-machine/history", 404),
            (f"{_LIFTER}/prescriptions/Deadlift/history", 422),
            (f"{path}?limit=0", 422),
            (f"{path}?after=x", 422),
            (f"{path}?as_of=2026-11-20T18:00:00Z", 422),
        ],
    )
    def test_what_is_refused(self, trained: ContractClient, path: str, status: int) -> None:
        assert trained.get(path).status == status
