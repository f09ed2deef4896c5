"""Appending over HTTP: what is taken, what is answered, and everything that is refused."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY
from service.http.app import create_app
from service.http.bodies import LARGEST_BODY
from tests.support.contract import Answer, ContractClient

_EVENTS = "/v1/lifters/ann/events"
_A_SET: dict[str, Any] = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-11-20T18:03:00+01:00",
    "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6, "rir": 1},
}


def _set(event_id: str = "a1", **data: Any) -> dict[str, Any]:
    return {**_A_SET, "event_id": event_id, "data": {**_A_SET["data"], **data}}


def _event(kind: str, data: dict[str, Any], event_id: str = "b1") -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "occurred_at": "2026-11-20T18:30:00Z", "data": data}


def _raw(text: str) -> str:
    """The set's JSON with its reps written as ``text``."""
    return json.dumps(_set(reps="REPS")).replace('"REPS"', text)


def _pointers(response: Answer) -> list[str]:
    assert response.status == 422, response.text
    return [error["pointer"] for error in response.json["errors"]]


def _logged(api: ContractClient) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = api.get(_EVENTS).json["events"]
    return events


class TestTaken:
    def test_an_event_is_appended_and_can_be_read_back(self, api: ContractClient, durability: str) -> None:
        response = api.post(_EVENTS, _A_SET)
        assert response.status == 201
        assert response.json == {"event_id": "a1", "version": 1, "outcome": "appended", "durability": durability}
        (logged,) = _logged(api)
        assert logged["occurred_at"] == "2026-11-20T17:03:00Z"
        assert logged["data"] == _A_SET["data"]

    def test_the_same_event_again_is_200_and_one_event(self, api: ContractClient) -> None:
        api.post(_EVENTS, _A_SET)
        response = api.post(_EVENTS, _A_SET)
        assert response.status == 200
        assert (response.json["outcome"], response.json["version"]) == ("already_appended", 1)
        assert len(_logged(api)) == 1

    @pytest.mark.parametrize(
        "meaning_the_same",
        [
            _raw("6").replace("225", "225.0"),
            _raw("6").replace("225", "2.25e2"),
            _raw("6").replace("+01:00", "Z").replace("T18", "T17"),
            _raw("6").replace('"rir": 1', '"rpe": 9'),
            _raw("6").replace('"rir": 1', '"rpe": 9.0, "rir": 1'),
        ],
    )
    def test_content_that_means_the_same_is_the_same_event(self, api: ContractClient, meaning_the_same: str) -> None:
        api.post(_EVENTS, _A_SET)
        response = api.send("POST", _EVENTS, data=meaning_the_same, headers={"Content-Type": "application/json"})
        assert response.json["outcome"] == "already_appended"

    def test_what_the_log_shows_can_be_posted_again(self, api: ContractClient) -> None:
        examples = [
            _set(note="Zoë ✓", body_weight={"value": 82.45, "unit": "kg"}, kind="amrap", side="left", slot="a/hinge"),
            _event("set_corrected", {"corrects": "a1", "occurred_at": "2026-11-20T17:00:00Z", "reps": 5}, "a2"),
            _event("set_voided", {"voids": "a2", "reason": "no"}, "a3"),
            _event("session_completed", {"session_id": "s 1".replace(" ", "_")}, "a4"),
            _event("programme_assigned", {"programme": "upper-back", "params": {"a/hinge": {"sets": 4}}}, "a5"),
            _event("programme_ended", {"programme": "upper-back"}, "a6"),
            _event("baseline_set", {"exercise": "pull-up", "load": {"value": -20, "unit": "kg"}}, "a7"),
            _event(
                "profile_changed",
                {
                    "time_zone": "Europe/Berlin",
                    "equipment": {
                        "plates": [{"load": {"value": 20, "unit": "kg"}, "count": 4}],
                        "dumbbells": [{"value": 12.5, "unit": "kg"}],
                        "rounding": "down",
                    },
                    "counting": {
                        "kettlebell": {"unit": "lb"},
                        "barbell-row": {"uncounted": {"value": 20, "unit": "kg"}},
                    },
                },
                "a8",
            ),
            _event("deload_requested", {}, "a9"),
            _event("lifter_noted", {"flag": "pain"}, "a10"),
            _event("lifter_noted", {"flag": "pain", "muscle": "triceps"}, "a11"),
            _event("lifter_noted", {"note": "the left one", "exercise": "dumbbell-row"}, "a12"),
        ]
        for event in examples:
            assert api.post(_EVENTS, event).status == 201
        for event in _logged(api):
            if event["type"] != "programme_assigned":  # it shows the digest that was resolved
                again = {name: event[name] for name in ("event_id", "type", "occurred_at", "data")}
                assert api.post(_EVENTS, again).json["outcome"] == "already_appended", event

    def test_numbers_of_parameters_are_kept_as_text(self, api: ContractClient) -> None:
        params = {"a/hinge": {"sets": 4, "increase": {"lb": 5.0, "kg": 2.50}, "reps": [3, 5]}}
        api.post(_EVENTS, _event("programme_assigned", {"programme": "upper-back", "params": params}))
        kept = {"sets": "4", "increase": {"lb": "5", "kg": "2.5"}, "reps": ["3", "5"]}
        assert _logged(api)[0]["data"]["params"] == {"a/hinge": kept}

    @pytest.mark.parametrize("zero", ["-0.0", "-0", "0e-999999999", "0e999999999"])
    def test_every_zero_is_zero(self, api: ContractClient, zero: str) -> None:
        """docs/faults.md, 14."""
        body = _raw("6").replace("225", zero)
        assert api.send("POST", _EVENTS, data=body, headers={"Content-Type": "application/json"}).status == 201
        assert '"load":{"value":0,"unit":"lb"}' in api.get(_EVENTS).text

    def test_text_is_composed_once(self, api: ContractClient) -> None:
        api.post(_EVENTS, _set(note="Zoe\u0308"))
        assert _logged(api)[0]["data"]["note"] == "Zo\u00eb"
        assert api.post(_EVENTS, _set(note="Zo\u00eb")).json["outcome"] == "already_appended"

    @pytest.mark.parametrize(
        ("moment", "stored"),
        [
            ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
            ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"),
            ("2026-11-20t18:03:00.5z", "2026-11-20T18:03:00.500000Z"),
        ],
    )
    def test_leap_days_and_both_sides_of_a_fold(self, api: ContractClient, moment: str, stored: str) -> None:
        assert api.post(_EVENTS, {**_A_SET, "occurred_at": moment}).status == 201
        assert _logged(api)[0]["occurred_at"] == stored

    def test_assistance_is_a_negative_load(self, api: ContractClient) -> None:
        less = {"value": -20, "unit": "kg"}
        assert api.post(_EVENTS, _set(exercise="assisted-pull-up", load=less)).status == 201
        assert api.post(_EVENTS, _set("a2", exercise="our-own-machine", load=less)).status == 201
        assert _pointers(api.post(_EVENTS, _set("a3", load=less))) == ["/data/load/value"]
        assert _pointers(api.post(_EVENTS, _event("baseline_set", {"exercise": "deadlift", "one_rep_max": less}))) == [
            "/data/one_rep_max/value"
        ]
        correction = _event("set_corrected", {"corrects": "a1", "load": less})
        assert api.post(_EVENTS, correction).status == 201
        api.post(_EVENTS, _set("a4"))
        assert _pointers(api.post(_EVENTS, _event("set_corrected", {"corrects": "a4", "load": less}, "b2"))) == [
            "/data/load/value"
        ]

    def test_a_correction_is_judged_by_the_set_as_it_will_stand(self, api: ContractClient) -> None:
        """docs/faults.md, 29."""
        less, more = ({"value": value, "unit": "kg"} for value in (-20, 20))

        def correct(event_id: str, **data: Any) -> Answer:
            return api.post(_EVENTS, _event("set_corrected", {"corrects": "a1", **data}, event_id))

        def void(event_id: str, target: str) -> Answer:
            return api.post(_EVENTS, _event("set_voided", {"voids": target}, event_id))

        api.post(_EVENTS, _set("a1", load=more))
        assert correct("c1", exercise="assisted-pull-up").status == 201
        assert correct("c2", load=less).status == 201, "by then it is an exercise that can be assisted"
        assert _pointers(correct("c3", exercise="deadlift")) == ["/data/exercise"]
        assert _pointers(correct("c3", exercise="deadlift", load=less)) == ["/data/load/value"]
        assert correct("c3", exercise="our-own-machine").status == 201
        assert correct("c4", exercise="deadlift", load=more).status == 201
        assert _pointers(correct("c5", load=less)) == ["/data/load/value"]
        assert void("v1", "c4").status == 201, "the gym's own machine again"
        assert void("v2", "c3").status == 201, "the assisted one again"

    def test_a_void_is_judged_by_the_set_as_it_will_stand(self, api: ContractClient) -> None:
        """docs/faults.md, 29: what made the load right is taken back, or what was voided counts again."""
        less, more = ({"value": value, "unit": "kg"} for value in (-20, 20))
        api.post(_EVENTS, _set("a1", load=more))
        for event_id, data in (("c1", {"exercise": "assisted-pull-up"}), ("c2", {"load": less})):
            assert api.post(_EVENTS, _event("set_corrected", {"corrects": "a1", **data}, event_id)).status == 201
        refused = api.post(_EVENTS, _event("set_voided", {"voids": "c1"}, "v1"))
        assert _pointers(refused) == ["/data/voids"]
        for event_id, target in (("v1", "c2"), ("v2", "c1")):
            assert api.post(_EVENTS, _event("set_voided", {"voids": target}, event_id)).status == 201
        assert _pointers(api.post(_EVENTS, _event("set_voided", {"voids": "v1"}, "v3"))) == ["/data/voids"]
        assert api.post(_EVENTS, _event("set_voided", {"voids": "a1"}, "v4")).status == 201
        assert api.post(_EVENTS, _event("set_voided", {"voids": "v1"}, "v5")).status == 201, "the set counts no more"

    def test_a_late_event_tells_what_it_changes(self, api: ContractClient) -> None:
        """docs/faults.md, 10."""
        for number in (1, 2):
            api.post(_EVENTS, _set(f"a{number}", reps=5))
        late = {**_set("a0", reps=6, load={"value": 300, "unit": "lb"}), "occurred_at": "2026-11-20T17:00:00Z"}
        response = api.post(_EVENTS, late)
        assert response.status == 201
        (change,) = response.json["changes"]
        assert change["exercise"] == "deadlift"
        assert change["before"]["sets"] != change["after"]["sets"]

    def test_who_may_not_read_is_told_of_slots_only(
        self, app: Flask, services: Services, api: ContractClient, gym: str
    ) -> None:
        """docs/faults.md, 30."""
        services.keys.add(gym, f"writes-to-{gym}", created_at=0, scopes=("write",))
        writes = ContractClient(app, f"writes-to-{gym}")
        assert writes.post(_EVENTS, _set("a1", reps=5)).status == 201
        late = {**_set("a0", reps=6, load={"value": 300, "unit": "lb"}), "occurred_at": "2026-11-20T17:00:00Z"}
        told = writes.post(_EVENTS, late)
        assert (told.status, told.json["changes"]) == (201, [{"slot": "default/deadlift"}])
        assert api.post(_EVENTS, {**late, "event_id": "a00"}).status == 201


class TestConflict:
    def test_same_id_other_content(self, api: ContractClient) -> None:
        """docs/faults.md, 9."""
        api.post(_EVENTS, _A_SET)
        response = api.post(_EVENTS, _set(reps=5))
        assert response.status == 409
        assert response.json["type"] == "/problems/idempotency-conflict"
        assert response.json["version"] == 1
        assert [event["data"]["reps"] for event in _logged(api)] == [6]

    def test_wrong_expected_version(self, api: ContractClient) -> None:
        assert api.post(_EVENTS, {**_A_SET, "expected_version": 0}).status == 201
        response = api.post(_EVENTS, {**_set("a2"), "expected_version": 0})
        assert response.status == 409
        assert response.json["type"] == "/problems/wrong-expected-version"
        assert response.json["actual_version"] == 1
        assert len(_logged(api)) == 1


class TestNumbers:
    @pytest.mark.parametrize(
        ("number", "reps"),
        [("6", 6), ("6.0", 6), ("6e0", 6), ("60e-1", 6), ("0.0", 0), ("-0.0", 0), ("1000.000", 1000)],
    )
    def test_a_whole_number_however_it_is_written(self, api: ContractClient, number: str, reps: int) -> None:
        """docs/faults.md, 14."""
        headers = {"Content-Type": "application/json"}
        assert api.send("POST", _EVENTS, data=_raw(number), headers=headers).status == 201
        assert api.send("POST", _EVENTS, data=_raw(str(reps)), headers=headers).json["outcome"] == "already_appended"
        assert [event["data"]["reps"] for event in _logged(api)] == [reps]

    @pytest.mark.parametrize(
        ("number", "value"),
        [
            ("82.30000000000001", "82.3"),
            ("82.29999999999998", "82.3"),
            ("0.30000000000000004", "0.3"),
            ("142.50005", "142.5"),
            ("142.50015", "142.5002"),
            ("1e-300", "0"),
        ],
    )
    def test_what_is_finer_than_four_places_is_rounded(self, api: ContractClient, number: str, value: str) -> None:
        """82.30000000000001 is what JavaScript makes of 82.3 now and then; the same event again is the same event."""
        headers = {"Content-Type": "application/json"}
        assert api.send("POST", _EVENTS, data=_raw("6").replace("225", number), headers=headers).status == 201
        again = api.send("POST", _EVENTS, data=_raw("6").replace("225", value), headers=headers)
        assert again.json["outcome"] == "already_appended"
        (event,) = _logged(api)
        assert str(event["data"]["load"]["value"]) == str(json.loads(value))


class TestRefusedFields:
    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1e999999999999999999", "9" * 5000])
    def test_numbers_that_are_none_or_too_large(self, api: ContractClient, number: str) -> None:
        """docs/faults.md, 14."""
        headers = {"Content-Type": "application/json"}
        assert _pointers(api.send("POST", _EVENTS, data=_raw(number), headers=headers)) == ["/data/reps"]
        in_load = _raw("6").replace("225", number)
        assert _pointers(api.send("POST", _EVENTS, data=in_load, headers=headers)) == ["/data/load/value"]

    @pytest.mark.parametrize(
        "number", ["29.5", "6.0000001", '"6"', "true", "-1", "-1.0", "1001", "1001.0", "null", "[6]"]
    )
    def test_what_is_no_whole_number(self, api: ContractClient, number: str) -> None:
        """docs/faults.md, 14."""
        response = api.send("POST", _EVENTS, data=_raw(number), headers={"Content-Type": "application/json"})
        assert _pointers(response) == ["/data/reps"]

    @pytest.mark.parametrize(
        ("load", "pointer"),
        [
            ({"value": "142.5", "unit": "kg"}, "/value"),
            ({"value": 2000.00001, "unit": "kg"}, "/value"),
            ({"value": 2000.5, "unit": "kg"}, "/value"),
            ({"value": 5001, "unit": "lb"}, "/value"),
            ({"value": True, "unit": "kg"}, "/value"),
            ({"value": 100}, "/unit"),
            ({"value": 100, "unit": "stone"}, "/unit"),
            ({"value": 100, "unit": ["kg"]}, "/unit"),
            ({"unit": "kg"}, "/value"),
            ({"value": 100, "unit": "kg", "uint": "kg"}, "/uint"),
            (100, ""),
            ([100, "kg"], ""),
        ],
    )
    def test_loads(self, api: ContractClient, load: Any, pointer: str) -> None:
        """docs/faults.md, 14 and 25."""
        assert _pointers(api.post(_EVENTS, _set(load=load))) == [f"/data/load{pointer}"]

    @pytest.mark.parametrize(
        ("data", "pointers"),
        [
            ({"rir": 11}, ["/data/rir"]),
            ({"rir": 1, "rpe": 8}, ["/data/rir"]),
            ({"seconds": 30}, ["/data/seconds"]),
            ({"exercise": "Deadlift"}, ["/data/exercise"]),
            ({"exercise": "deadlift\n"}, ["/data/exercise"]),
            ({"exercise": "de\u0430dlift"}, ["/data/exercise"]),
            ({"exercise": "a" * 65}, ["/data/exercise"]),
            ({"slot": "hinge"}, ["/data/slot"]),
            ({"session_id": "two words"}, ["/data/session_id"]),
            ({"kind": "Work"}, ["/data/kind"]),
            ({"side": None}, ["/data/side"]),
            ({"body_weight": {"value": 0.00001, "unit": "kg"}}, ["/data/body_weight/value"]),
            ({"note": ""}, ["/data/note"]),
            ({"note": "x" * 2001}, ["/data/note"]),
            ({"note": "nul \x00"}, ["/data/note"]),
            ({"note": "escape \x1b[2J"}, ["/data/note"]),
            ({"body_weight": {"value": 0, "unit": "kg"}}, ["/data/body_weight/value"]),
            ({"Reps": 5, "a/b~c": 1}, ["/data/Reps", "/data/a~1b~0c"]),
        ],
    )
    def test_fields_of_a_set(self, api: ContractClient, data: dict[str, Any], pointers: list[str]) -> None:
        """docs/faults.md, 16, 18, 25 among others."""
        assert sorted(_pointers(api.post(_EVENTS, _set(**data)))) == pointers

    @pytest.mark.parametrize(
        ("kind", "data", "pointers"),
        [
            ("set_logged", {}, ["/data/exercise", "/data/load"]),
            ("set_corrected", {"corrects": "a1"}, ["/data"]),
            ("set_corrected", {"corrects": "unknown", "reps": 1}, ["/data/corrects"]),
            ("set_voided", {"voids": "unknown"}, ["/data/voids"]),
            ("programme_assigned", {"programme": "unheard-of"}, ["/data/programme"]),
            ("programme_assigned", {"programme": "upper-back", "digest": "0" * 64}, ["/data/digest"]),
            ("programme_assigned", {"programme": "p", "params": {"a/b": {"X": 1}}}, ["/data/params/a~1b/X"]),
            ("programme_assigned", {"programme": "p", "params": {"a/b": {"x": {"lb": 1}}}}, ["/data/params/a~1b/x"]),
            ("programme_assigned", {"programme": "p", "params": {"a/b": {"x": [[1]]}}}, ["/data/params/a~1b/x"]),
            ("programme_assigned", {"programme": "p", "params": {"b": {}}}, ["/data/params/b"]),
            ("baseline_set", {"exercise": "deadlift"}, ["/data"]),
            ("profile_changed", {}, ["/data"]),
            ("profile_changed", {"time_zone": "Europe"}, ["/data/time_zone"]),
            ("profile_changed", {"time_zone": "Europe/Atlantis"}, ["/data/time_zone"]),
            ("profile_changed", {"time_zone": "../../etc/passwd"}, ["/data/time_zone"]),
            ("profile_changed", {"equipment": {"dumbbells": []}}, ["/data/equipment/dumbbells"]),
            ("profile_changed", {"counting": []}, ["/data/counting"]),
            ("profile_changed", {"counting": {"Row": {"unit": "kg"}}}, ["/data/counting/Row"]),
            ("profile_changed", {"counting": {"barbell": {}}}, ["/data/counting/barbell"]),
            ("profile_changed", {"counting": {"barbell": {"unit": "st"}}}, ["/data/counting/barbell/unit"]),
            (
                "profile_changed",
                {"counting": {"barbell-row": {"uncounted": {"value": -20, "unit": "kg"}}}},
                ["/data/counting/barbell-row/uncounted/value"],
            ),
            ("profile_changed", {"equipment": {"plates": {}}}, ["/data/equipment/plates"]),
            (
                "profile_changed",
                {"equipment": {"plates": [{"load": {"value": n, "unit": "kg"}, "count": 100} for n in (1, 2, 3)]}},
                ["/data/equipment/plates"],
            ),
            (
                "profile_changed",
                {"equipment": {"plates": [{"load": {"value": 1, "unit": "kg"}, "count": 2}, {"count": 2}]}},
                ["/data/equipment/plates/1/load"],
            ),
            ("lifter_noted", {}, ["/data"]),
            ("lifter_noted", {"muscle": "triceps"}, ["/data"]),
            ("lifter_noted", {"flag": "pain", "muscle": "triceps", "exercise": "dumbbell-row"}, ["/data"]),
            ("lifter_noted", {"flag": "In Pain"}, ["/data/flag"]),
        ],
    )
    def test_fields_of_other_events(
        self, api: ContractClient, kind: str, data: dict[str, Any], pointers: list[str]
    ) -> None:
        assert _pointers(api.post(_EVENTS, _event(kind, data))) == pointers

    @pytest.mark.parametrize(
        ("change", "pointers"),
        [
            ({"event_id": "a1\n"}, ["/event_id"]),
            ({"event_id": "a" * 65}, ["/event_id"]),
            ({"event_id": 1}, ["/event_id"]),
            ({"type": "set"}, ["/type"]),
            ({"type": ["set_logged"]}, ["/type"]),
            ({"schema_version": 1}, ["/schema_version"]),
            ({"expected_version": -1}, ["/expected_version"]),
            ({"data": []}, ["/data"]),
            ({"data": None}, ["/data"]),
            ({"occurred_at": "2026-11-20T18:03:00"}, ["/occurred_at"]),
            ({"occurred_at": "2026-11-20"}, ["/occurred_at"]),
            ({"occurred_at": "0001-01-01T00:00:00+14:00"}, ["/occurred_at"]),
            ({"occurred_at": "9999-12-31T23:59:59-14:00"}, ["/occurred_at"]),
            ({"occurred_at": "2026-02-29T12:00:00Z"}, ["/occurred_at"]),
            ({"occurred_at": "2026-11-20T24:00:00Z"}, ["/occurred_at"]),
            ({"occurred_at": 1763658180}, ["/occurred_at"]),
        ],
    )
    def test_the_envelope(self, api: ContractClient, change: dict[str, Any], pointers: list[str]) -> None:
        """docs/faults.md, 17 and 18 among others."""
        assert _pointers(api.post(_EVENTS, {**_A_SET, **change})) == pointers

    def test_everything_is_told_at_once(self, api: ContractClient) -> None:
        wrong = {"type": "set_logged", "occurred_at": "now", "data": {"load": {"value": 1}, "reps": -1}}
        assert sorted(_pointers(api.post(_EVENTS, wrong))) == [
            "/data/exercise",
            "/data/load/unit",
            "/data/reps",
            "/event_id",
            "/occurred_at",
        ]

    def test_mistakes_without_end_get_an_answer_that_ends(self, api: ContractClient) -> None:
        assert len(_pointers(api.post(_EVENTS, _set("a1", **dict.fromkeys(map(str, range(2000)), 1))))) == 50

    def test_the_future(self, api: ContractClient) -> None:
        """docs/faults.md, 12."""
        now = datetime.now(UTC)
        soon = {**_A_SET, "occurred_at": (now + timedelta(minutes=4)).isoformat()}
        later = {**_set("a2"), "occurred_at": (now + timedelta(minutes=6)).isoformat()}
        assert api.post(_EVENTS, soon).status == 201
        assert _pointers(api.post(_EVENTS, later)) == ["/occurred_at"]

    def test_a_clock_that_jumps_back(self, api: ContractClient, services: Services, key: str) -> None:
        """docs/faults.md, 12."""
        api.post(_EVENTS, _A_SET)
        before = dataclasses.replace(services, clock=lambda: services.clock() - 5 * DAY)
        back = ContractClient(create_app(before), key)
        long_ago = {**_set("a2"), "occurred_at": "2025-11-20T18:03:00Z"}
        assert back.post(_EVENTS, long_ago).json["version"] == 2
        assert api.post(_EVENTS, _set("a3")).json["version"] == 3
        first, second, third = _logged(api)
        assert second["recorded_at"] < first["recorded_at"] < third["recorded_at"]

    def test_nothing_of_what_is_refused_is_written(self, api: ContractClient) -> None:
        api.post(_EVENTS, _set(reps=-1))
        assert api.get(_EVENTS).status == 404

    def test_a_misspelt_field_is_told_what_was_probably_meant(self, api: ContractClient) -> None:
        load = {"valeu": 225, "unit": "lb"}
        event = {**_event("set_logged", {"exercise": "deadlift", "load": load, "rep": 6, "mood": 1}), "occured_at": 1}
        response = api.post(_EVENTS, event)
        said = {error["pointer"]: error["message"] for error in response.json["errors"]}
        assert said["/occured_at"] == "unknown field. Did you mean occurred_at?"
        assert said["/data/rep"] == "unknown field. Did you mean reps?"
        assert said["/data/mood"] == (
            "unknown field: there are reps, seconds, rir, rpe, kind, session_id, slot, side, body_weight, note, "
            "exercise, load"
        )
        assert said["/data/load/valeu"] == "unknown field. Did you mean value?"


class TestRefusedBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[" * 20_000,
            b'{"a":' * 13_000,
            b'{"note": "\xff"}',
            b'{"note": "\\ud800"}',
            b'{"\\udc00": 1}',
            b'{"note": "\x00"}',
            b'{"a": 1, "a": 1}',
            b'{"data": {"reps": 5, "reps": 6}}',
            b"\xef\xbb\xbf{}",
            b"event_id=a1",
        ],
    )
    def test_what_is_not_json(self, api: ContractClient, body: bytes) -> None:
        """docs/faults.md, 15, 16 and 18."""
        response = api.send("POST", _EVENTS, data=body, headers={"Content-Type": "application/json"})
        assert response.status == 400
        assert response.json["type"] == "/problems/not-json"

    @pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null", b"NaN"])
    def test_json_that_is_no_object(self, api: ContractClient, body: bytes) -> None:
        assert _pointers(api.send("POST", _EVENTS, data=body, headers={"Content-Type": "application/json"})) == [""]

    @pytest.mark.parametrize("length", [LARGEST_BODY + 1, 10_000_000])
    def test_a_body_that_is_too_large(self, api: ContractClient, length: int) -> None:
        """docs/faults.md, 19."""
        response = api.send("POST", _EVENTS, data=b" " * length, headers={"Content-Type": "application/json"})
        assert response.status == 413

    def test_the_largest_body(self, api: ContractClient) -> None:
        body = json.dumps(_A_SET).ljust(LARGEST_BODY)
        assert api.send("POST", _EVENTS, data=body, headers={"Content-Type": "application/json"}).status == 201

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json", "Content-Encoding": "br"},
            {"Content-Type": "application/json", "Content-Encoding": "gzip, gzip"},
        ],
    )
    def test_other_media_types(self, api: ContractClient, headers: dict[str, str]) -> None:
        response = api.send("POST", _EVENTS, data=json.dumps(_A_SET), headers=headers)
        assert response.status == 415

    def test_a_charset_is_allowed(self, api: ContractClient) -> None:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        assert api.send("POST", _EVENTS, data=json.dumps(_A_SET), headers=headers).status == 201


class TestLifters:
    @pytest.mark.parametrize(
        "lifter", ["%00", "*", "other:lifter", "-ann", "ann%0a", "a" * 65, "%C3%A4nn", "ann%20", "{ann}", ".."]
    )
    def test_ids_that_no_lifter_can_have(self, api: ContractClient, services: Services, gym: str, lifter: str) -> None:
        """docs/faults.md, 21."""
        assert _pointers(api.post(f"/v1/lifters/{lifter}/events", _A_SET)) == ["/lifter"]
        assert all(known.gym != gym for known in services.log.lifters())

    def test_a_path_in_place_of_an_id(self, api: ContractClient) -> None:
        assert api.post("/v1/lifters/a%2Fb/events", _A_SET).status == 404
        assert api.post("/v1/lifters//events", _A_SET).status == 404

    def test_the_event_goes_to_the_gym_of_the_key(self, api: ContractClient, services: Services, gym: str) -> None:
        api.post(_EVENTS, _A_SET)
        (entry,) = services.log.read(LifterRef(gym, "ann"))
        assert entry.event.event_id == "a1"

    def test_query_parameters_are_unknown_here(self, api: ContractClient) -> None:
        assert _pointers(api.post(f"{_EVENTS}?dry_run=1", _A_SET)) == ["/dry_run"]
