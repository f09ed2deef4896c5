"""Numbers over time over HTTP: series, records, stretches of time, versions, bounds."""

from typing import Any

import pytest

from service.engine.statistics import series
from tests.support.contract import ContractClient

_LIFTER = "/v1/lifters/ann"
_STATISTICS = f"{_LIFTER}/statistics"


def _log(api: ContractClient, event_id: str, at: str, of: str = "set_logged", **data: Any) -> None:
    event = {"event_id": event_id, "type": of, "occurred_at": f"2026-11-{at}:00Z", "data": data}
    assert api.post(f"{_LIFTER}/events", event).status == 201


def _lift(api: ContractClient, event_id: str, at: str, load: float, reps: int, **more: Any) -> None:
    data = {"exercise": "squat", "load": {"value": load, "unit": "kg"}, "reps": reps, **more}
    _log(api, event_id, at, **data)


def _kg(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "kg"}


@pytest.fixture
def trained(api: ContractClient) -> ContractClient:
    """Ann squats in two weeks, with a warm-up that nobody labelled; in the second week she also holds a plank."""
    _lift(api, "w1", "09T18:00", 40, 5)
    _lift(api, "a1", "09T18:05", 100, 5)
    _lift(api, "a2", "09T18:10", 100, 5)
    _lift(api, "b1", "16T18:00", 105, 5)
    _lift(api, "b2", "16T18:05", 60, 8, kind="drop")
    _log(api, "p1", "16T18:10", exercise="plank", load=_kg(0), seconds=60)
    return api


class TestSeries:
    def test_sessions_weeks_and_points(self, trained: ContractClient) -> None:
        shown = trained.get(_STATISTICS).json
        assert [(each["day"], each["sets"], each["tonnage"]) for each in shown["sessions"]] == [
            ("2026-11-09", 2, _kg(1000)),
            ("2026-11-16", 2, _kg(1005)),
        ]
        assert [(each["monday"], each["sessions"], each["sets"]) for each in shown["weeks"]] == [
            ("2026-11-09", 1, 2),
            ("2026-11-16", 1, 2),
        ]
        assert shown["weeks"][0]["sets_by_muscle"]["quadriceps"] == 2
        plank, squat = shown["exercises"]
        assert (plank["exercise"], squat["exercise"]) == ("plank", "squat")
        first, second = squat["points"]
        assert first["top_set"] == {"event_id": "a1", "load": _kg(100), "reps": 5, "seconds": None, "rir": None}
        assert (first["e1rm"], second["e1rm"]) == (_kg(116.6667), _kg(122.5))
        assert plank["points"][0]["top_set"]["seconds"] == 60
        assert (plank["points"][0]["e1rm"], plank["points"][0]["tonnage"]) == (None, _kg(0))

    def test_records_as_they_fell(self, trained: ContractClient) -> None:
        records = trained.get(f"{_STATISTICS}?exercise=squat").json["records"]
        assert [(each["event_id"], each["load"], each["before"]) for each in records] == [
            ("a1", _kg(100), None),
            ("b1", _kg(105), _kg(100)),
        ]
        assert [(each["e1rm"], each["e1rm_before"]) for each in records] == [
            (_kg(116.6667), None),
            (_kg(122.5), _kg(116.6667)),
        ]

    def test_a_late_set_and_a_void_change_what_was_a_record(self, trained: ContractClient) -> None:
        _lift(trained, "late", "09T18:15", 110, 5)
        squats = f"{_STATISTICS}?exercise=squat"
        assert [each["event_id"] for each in trained.get(squats).json["records"]] == ["a1", "late"]
        assert [each["event_id"] for each in trained.get(f"{squats}&at_version=6").json["records"]] == ["a1", "b1"]
        _log(trained, "v", "16T19:00", "set_voided", voids="late")
        assert [each["event_id"] for each in trained.get(squats).json["records"]] == ["a1", "b1"]

    def test_another_unit(self, trained: ContractClient) -> None:
        _log(trained, "u", "17T18:00", "profile_changed", unit="lb")
        shown = trained.get(f"{_STATISTICS}?exercise=squat").json
        assert shown["unit"] == "lb"
        assert shown["exercises"][0]["points"][0]["top_set"]["load"] == {"value": 220.4623, "unit": "lb"}
        assert {each["load"]["unit"] for each in shown["records"]} == {"lb"}

    def test_what_waits_in_an_open_session_is_left_out_until_it_is_read(self, trained: ContractClient) -> None:
        _lift(trained, "c1", "18T18:00", 50, 5)
        within = trained.get(f"{_STATISTICS}?exercise=squat&as_of=2026-11-18T18:30:00Z").json["exercises"][0]["points"]
        after = trained.get(f"{_STATISTICS}?exercise=squat&as_of=2026-11-18T23:00:00Z").json["exercises"][0]["points"]
        assert (within[-1]["sets"], after[-1]["sets"]) == (0, 1)


class TestWanted:
    def test_stretches_of_time(self, trained: ContractClient) -> None:
        for query, days in (
            ("from=2026-11-10T00:00:00Z", ["2026-11-16"]),
            ("to=2026-11-16T18:00:00Z", ["2026-11-09"]),
            ("from=2026-11-09T18:00:00Z&to=2026-11-16T18:00:01Z", ["2026-11-09", "2026-11-16"]),
            ("as_of=2026-11-10T00:00:00Z", ["2026-11-09"]),
            ("at_version=1", ["2026-11-09"]),
        ):
            shown = trained.get(f"{_STATISTICS}?{query}").json
            assert [each["day"] for each in shown["sessions"]] == days, query

    def test_one_exercise(self, trained: ContractClient) -> None:
        shown = trained.get(f"{_STATISTICS}?exercise=plank").json
        assert [each["exercise"] for each in shown["exercises"]] == ["plank"]
        assert [each["number"] for each in shown["sessions"]] == [2]
        assert "quadriceps" not in shown["weeks"][0]["sets_by_muscle"]

    def test_an_exercise_that_was_never_done_and_one_that_nobody_knows(self, trained: ContractClient) -> None:
        assert trained.get(f"{_STATISTICS}?exercise=deadlift").json["exercises"] == []
        assert trained.get(f"{_STATISTICS}?exercise=our-own-machine").status == 404

    def test_a_lifter_who_has_not_trained(self, api: ContractClient) -> None:
        _log(api, "n", "09T18:00", "lifter_noted", note="hello")
        shown = api.get(_STATISTICS).json
        assert (shown["sessions"], shown["weeks"], shown["exercises"], shown["records"]) == ([], [], [], [])

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [("exercise=Squat", "/exercise"), ("from=x", "/from"), ("at_version=7", "/at_version"), ("limit=1", "/limit")],
    )
    def test_parameters_that_are_refused(self, trained: ContractClient, query: str, pointer: str) -> None:
        response = trained.get(f"{_STATISTICS}?{query}")
        assert response.status == 422
        assert [error["pointer"] for error in response.json["errors"]] == [pointer]


class TestBounds:
    @pytest.mark.parametrize(("bound", "most"), [("MOST_SESSIONS", 1), ("MOST_POINTS", 1)])
    def test_what_does_not_fit_is_earlier(
        self, trained: ContractClient, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
    ) -> None:
        """A session is never cut: of two exercises it has two points."""
        whole = trained.get(_STATISTICS).json
        monkeypatch.setattr(series, bound, most)
        newest = trained.get(_STATISTICS).json
        earlier = trained.get(newest["earlier"]).json
        assert newest["sessions"] == whole["sessions"][1:]
        assert earlier["sessions"] == whole["sessions"][:1]
        assert earlier["records"] + newest["records"] == whole["records"]
        assert (whole["earlier"], earlier["earlier"]) == (None, None)

    def test_the_entity_tag_saves_the_body_until_something_is_logged(self, trained: ContractClient) -> None:
        first = trained.get(_STATISTICS)
        assert trained.get(_STATISTICS, If_None_Match=first.headers["ETag"]).status == 304
        _lift(trained, "c1", "18T18:00", 110, 5)
        assert trained.get(_STATISTICS, If_None_Match=first.headers["ETag"]).status == 200
