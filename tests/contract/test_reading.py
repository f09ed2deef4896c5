"""Reading over HTTP: the log, the state, prescriptions and derivations, the published rules."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain.events import ProfileChanged
from service.domain.identifiers import LifterRef
from service.domain.instants import parse
from service.store import key_names
from service.store.connections import Client
from service.usecases.log import read as log_read
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
from tests.support.contract import ContractClient
from tests.support.sandboxes import sandbox_at

_LIFTER = "/v1/lifters/ann"
_DEADLIFT = f"{_LIFTER}/prescriptions/deadlift"
_READS = ("events", "state", "profile", "statistics", "prescriptions", "prescriptions/deadlift", "derivations/x")


def _log(api: ContractClient, event_id: str, kind: str, minute: int, data: dict[str, Any]) -> None:
    moment = f"2026-11-20T18:{minute:02}:00Z"
    event = {"event_id": event_id, "type": kind, "occurred_at": moment, "data": data}
    assert api.post(f"{_LIFTER}/events", event).status == 201


def _train(api: ContractClient, *sets: tuple[int, int]) -> None:
    """Follow upper-back from 225 lb, with the given loads and reps."""
    _log(api, "programme", "programme_assigned", 0, {"programme": "upper-back"})
    _log(api, "baseline", "baseline_set", 0, {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}})
    for number, (load, reps) in enumerate(sets, 1):
        data = {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": reps}
        _log(api, f"set-{number}", "set_logged", number, data)


def _loads(api: ContractClient, query: str = "") -> list[float]:
    return [each["load"]["value"] for each in api.get(_DEADLIFT + query).json["sets"]]


class TestLog:
    def test_pages_follow_each_other_without_gap(self, api: ContractClient) -> None:
        _train(api, (225, 6), (235, 4), (235, 4))
        path, versions = f"{_LIFTER}/events?limit=2", []
        while path:
            page = api.get(path)
            versions += [event["version"] for event in page.json["events"]]
            assert page.headers.get("Link") == (f'<{page.json["next"]}>; rel="next"' if page.json["next"] else None)
            assert len(versions) <= 5
            path = page.json["next"]
        assert versions == [1, 2, 3, 4, 5]

    def test_a_page_that_ends_with_the_log_is_the_last(self, api: ContractClient) -> None:
        _train(api)
        assert api.get(f"{_LIFTER}/events?limit=2").json["next"] is None

    def test_a_cursor_stays_good_while_the_log_grows(self, api: ContractClient) -> None:
        _train(api, (225, 6))
        following = api.get(f"{_LIFTER}/events?limit=2").json["next"]
        _log(api, "set-2", "set_logged", 2, {"exercise": "deadlift", "load": {"value": 235, "unit": "lb"}, "reps": 4})
        assert [event["version"] for event in api.get(following).json["events"]] == [3, 4]

    @pytest.mark.parametrize(
        "query",
        [
            *("limit=0", "limit=1001", "limit=1_0", "limit=-1", "limit=", "limit=%EF%BC%91", "limit=1&limit=2"),
            *("after=", "after=2", "after=YWJj", "after=Mg%3D%3D", "after=" + "A" * 201),
            "offset=1",
        ],
    )
    def test_parameters_that_are_refused(self, api: ContractClient, query: str) -> None:
        _train(api)
        response = api.get(f"{_LIFTER}/events?{query}")
        assert response.status == 422
        assert [error["pointer"] for error in response.json["errors"]] == ["/" + query.partition("=")[0]]


class TestSought:
    def _log_all(self, api: ContractClient) -> None:
        """A row and two deadlifts, one of them corrected, one voided, the void voided, and a note."""
        _train(api, (225, 6), (235, 4))
        _log(api, "row", "set_logged", 5, {"exercise": "barbell-row", "load": {"value": 135, "unit": "lb"}, "reps": 8})
        _log(api, "fewer", "set_corrected", 6, {"corrects": "set-1", "reps": 5})
        _log(api, "void", "set_voided", 7, {"voids": "set-2"})
        _log(api, "unvoid", "set_voided", 8, {"voids": "void"})
        _log(api, "was-a-squat", "set_corrected", 9, {"corrects": "row", "exercise": "squat"})
        _log(api, "note", "lifter_noted", 10, {"flag": "pain", "exercise": "deadlift"})

    def _found(self, api: ContractClient, query: str) -> list[str]:
        path: str | None = f"{_LIFTER}/events?{query}"
        found: list[str] = []
        while path is not None:
            page = api.get(path).json
            found += [event["event_id"] for event in page["events"]]
            path = page["next"]
        return found

    @pytest.mark.parametrize("limit", [1, 2, 100])
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("exercise=deadlift", ["baseline", "set-1", "set-2", "fewer", "void", "unvoid", "note"]),
            ("exercise=squat", ["was-a-squat"]),
            ("exercise=barbell-row", ["row", "was-a-squat"]),
            ("exercise=plank", []),
            ("type=set_voided", ["void", "unvoid"]),
            ("type=set_logged&exercise=deadlift", ["set-1", "set-2"]),
            ("from=2026-11-20T18:02:00Z&to=2026-11-20T18:06:00Z", ["set-2", "row"]),
            ("from=2026-11-20T19:10:00%2B01:00", ["note"]),
            ("to=2026-11-20T18:01:00Z&type=baseline_set", ["baseline"]),
        ],
    )
    def test_events_are_found_on_pages_of_any_size(
        self, api: ContractClient, query: str, found: list[str], limit: int
    ) -> None:
        self._log_all(api)
        assert self._found(api, f"{query}&limit={limit}") == found

    def test_a_page_ends_after_so_many_events_and_the_next_goes_on(
        self, api: ContractClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._log_all(api)
        monkeypatch.setattr(log_read, "PAGE", 2)
        monkeypatch.setattr(log_read, "MOST_LOOKED_AT", 2)
        first = api.get(f"{_LIFTER}/events?exercise=squat").json
        assert first["events"] == []
        assert first["next"] is not None
        assert self._found(api, "exercise=squat") == ["was-a-squat"]
        assert self._found(api, "exercise=deadlift&limit=2")[-4:] == ["fewer", "void", "unvoid", "note"]

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("exercise=Deadlift", "/exercise"),
            ("type=set", "/type"),
            ("from=today", "/from"),
            ("from=2026-11-20T18:02:00Z&to=2026-11-20T18:02:00Z", "/to"),
            ("since=2026-11-20T18:02:00Z", "/since"),
        ],
    )
    def test_parameters_that_are_refused(self, api: ContractClient, query: str, pointer: str) -> None:
        _train(api)
        response = api.get(f"{_LIFTER}/events?{query}")
        assert response.status == 422
        assert [error["pointer"] for error in response.json["errors"]] == [pointer]

    def test_of_nobody(self, api: ContractClient) -> None:
        assert api.get("/v1/lifters/nobody/events?exercise=deadlift").status == 404


class TestState:
    @pytest.mark.parametrize(("as_of", "is_open", "sessions"), [("22:00:59Z", True, 0), ("22:01:00Z", False, 1)])
    def test_a_session_ends_four_hours_after_its_last_set(
        self,
        api: ContractClient,
        as_of: str,
        is_open: bool,  # noqa: FBT001 - the expected value
        sessions: int,
    ) -> None:
        _train(api, (225, 5))
        state = api.get(f"{_LIFTER}/state?as_of=2026-11-20T{as_of}").json
        assert (state["session"]["open"], state["tracks"][0]["sessions"]) == (is_open, sessions)


class TestPrescription:
    def test_sets_within_the_session_and_the_next_one(self, api: ContractClient) -> None:
        _train(api)
        assert _loads(api, "?as_of=2026-11-20T18:00:30Z") == [225, 225, 225]
        for number, (load, reps) in enumerate(((225, 6), (235, 4), (235, 4)), 1):
            data = {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": reps}
            _log(api, f"set-{number}", "set_logged", number, data)
            assert set(_loads(api, f"?as_of=2026-11-20T18:{number:02}:30Z")) == {235}
        assert api.get(f"{_DEADLIFT}?as_of=2026-11-20T18:02:30Z").json["status"] == "in_session"
        assert api.get(_DEADLIFT).json["status"] == "next_session"

    def test_the_entity_tag_saves_the_body(self, api: ContractClient) -> None:
        _train(api, (225, 6))
        first = api.get(_DEADLIFT)
        assert api.get(_DEADLIFT, If_None_Match=first.headers["ETag"]).status == 304
        assert api.get(_DEADLIFT, If_None_Match=f'"other", W/{first.headers["ETag"]}').status == 304
        assert api.get(_DEADLIFT, If_None_Match='"other"').status == 200
        _log(api, "set-2", "set_logged", 2, {"exercise": "deadlift", "load": {"value": 235, "unit": "lb"}, "reps": 6})
        assert api.get(_DEADLIFT, If_None_Match=first.headers["ETag"]).status == 200

    @pytest.mark.parametrize("path", [_DEADLIFT, f"{_LIFTER}/prescriptions"])
    def test_what_a_screen_shows_is_left_out_of_a_minimal_return(self, api: ContractClient, path: str) -> None:
        _train(api, (225, 6))
        path += "?as_of=2026-11-20T18:01:30Z"
        whole, minimal = api.get(path), api.get(path, Prefer="return=minimal")
        one, bare = (answer.json.get("prescriptions", [answer.json])[0] for answer in (whole, minimal))
        assert (one["display"]["title"], one["display"]["day"]["id"]) == ("Deadlift", "a")
        assert one["reasons"][0]["code"] == "double-progression/top-of-range"
        assert [plate["value"] for plate in one["sets"][0]["plates"]] == [45, 45, 5]
        for name in ("display", "reasons"):
            del one[name]
        for each in one["sets"]:
            del each["position"], each["plates"]
        assert bare == one
        assert (minimal.headers["Preference-Applied"], "Preference-Applied" in whole.headers) == (
            "return=minimal",
            False,
        )
        assert "Prefer" in whole.headers["Vary"].split(", ")
        assert api.get(path, If_None_Match=whole.headers["ETag"], Prefer="return=minimal").status == 200
        assert api.get(path, If_None_Match=minimal.headers["ETag"], Prefer="return=minimal").status == 304

    def test_the_session_has_a_tag_of_its_own(self, api: ContractClient) -> None:
        _train(api, (225, 6))
        first = api.get(f"{_LIFTER}/prescriptions")
        assert len(first.json["prescriptions"]) > 1
        assert api.get(f"{_LIFTER}/prescriptions", If_None_Match=first.headers["ETag"]).status == 304

    def test_earlier_versions_and_times(self, app: Flask, services: Services) -> None:
        gym = sandbox_at(services, "2026-11-21T12:00:00Z")
        services.keys.add(gym, f"key-of-{gym}", created_at=0)
        api = ContractClient(app, f"key-of-{gym}")
        _train(api, (225, 6), (235, 3))
        assert _loads(api)[0] == 230
        assert _loads(api, "?at_version=3")[0] == 235
        assert _loads(api, "?as_of=" + quote("2026-11-20T19:01:30+01:00"))[0] == 235
        assert api.get(f"{_LIFTER}/state?at_version=2").json["version"] == 2

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("at_version=0", "/at_version"),
            ("at_version=4", "/at_version"),
            ("at_version=9999999999", "/at_version"),
            ("at_version=1.0", "/at_version"),
            ("as_of=2026-11-20T18:00:00", "/as_of"),
            ("as_of=yesterday", "/as_of"),
            ("asof=2026-11-20T18:00:00Z", "/asof"),
        ],
    )
    @pytest.mark.parametrize("read", ["state", "profile", "statistics", "prescriptions", "prescriptions/deadlift"])
    def test_parameters_that_are_refused(self, api: ContractClient, read: str, query: str, pointer: str) -> None:
        _train(api, (225, 6))
        response = api.get(f"{_LIFTER}/{read}?{query}")
        assert response.status == 422
        assert [error["pointer"] for error in response.json["errors"]] == [pointer]

    def test_a_plus_that_arrived_as_a_space_is_explained(self, api: ContractClient) -> None:
        _train(api)
        response = api.get(f"{_DEADLIFT}?as_of=2026-11-20T18:00:00+01:00")
        assert response.status == 422
        assert "%2B" in response.json["errors"][0]["message"]

    def test_slots(self, api: ContractClient) -> None:
        _train(api)
        assert api.get(f"{_DEADLIFT}?slot=a/hinge").json["slot"] == "a/hinge"
        assert api.get(f"{_DEADLIFT}?slot=b/hinge").status == 404
        assert api.get(f"{_DEADLIFT}?slot=z/nothing").status == 404
        assert api.get(f"{_DEADLIFT}?slot=hinge").status == 422

    def test_an_exercise_that_nobody_knows(self, api: ContractClient) -> None:
        _train(api)
        assert api.get(f"{_LIFTER}/prescriptions/our-own-machine").status == 404
        assert api.get(f"{_LIFTER}/prescriptions/Deadlift").status == 422
        data = {"exercise": "our-own-machine", "load": {"value": 50, "unit": "kg"}, "reps": 8}
        _log(api, "own", "set_logged", 30, data)
        assert api.get(f"{_LIFTER}/prescriptions/our-own-machine").status == 200


class TestDerivation:
    def test_it_names_the_events_and_hashes_to_its_hash(self, api: ContractClient) -> None:
        _train(api, (225, 6), (235, 3), (230, 5))
        path = api.get(_DEADLIFT).json["derivation"]
        first, again = api.get(path), api.get(path)
        assert first.data == again.data
        document = first.json
        sha256 = document.pop("sha256")
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(canonical).hexdigest() == sha256
        assert {"set-1", "set-2", "set-3"} <= {trigger.get("event_id") for trigger in document["triggers"]}

    @pytest.mark.parametrize("changed", ["x", "A" * 300, "%00", "lb\n", "%C3%A4"])
    def test_ids_that_were_never_given(self, api: ContractClient, changed: str) -> None:
        _train(api)
        assert api.get(f"{_LIFTER}/derivations/{quote(changed, safe='%')}").status == 404

    def test_an_id_resolves_only_for_its_lifter(self, api: ContractClient) -> None:
        _train(api)
        path = api.get(_DEADLIFT).json["derivation"]
        assert api.get(path.replace("/ann/", "/bob/")).status == 404


class TestParked:
    def test_a_lifter_parked_by_a_poison_event_is_marked(
        self, api: ContractClient, log_server: Client, gym: str
    ) -> None:
        _train(api, (225, 6))
        before = api.get(_DEADLIFT)
        name = key_names.log(LifterRef(gym, "ann"))
        log_server.execute_command("XADD", name, "4-0", "event", b'["x",99]', "sha256", bytes(32))
        after = api.get(_DEADLIFT)
        assert after.json["parked"]["version"] == 4
        assert after.json["sets"] == before.json["sets"]
        assert after.headers["ETag"] != before.headers["ETag"], "who has the unparked one must learn of it"
        assert api.get(f"{_LIFTER}/state").json["parked"]["version"] == 4
        assert api.get(f"{_LIFTER}/events?limit=2").status == 200
        unreadable = api.get(f"{_LIFTER}/events")
        assert (unreadable.status, unreadable.json["type"]) == (500, "/problems/unreadable-event")
        assert "version 4" in unreadable.json["detail"]

    def test_a_time_zone_that_only_some_machine_had_parks_until_it_is_voided(
        self, api: ContractClient, services: Services, gym: str
    ) -> None:
        """docs/faults.md, 17: 0.1.0 took such names."""
        _train(api, (225, 6))
        before = api.get(_DEADLIFT).json["sets"]
        taken = Submission("zone", parse("2026-11-20T18:30:00Z"), ProfileChanged(time_zone="localtime"))
        append_event(services, LifterRef(gym, "ann"), taken, actor="k")
        parked = api.get(_DEADLIFT).json
        assert (parked["parked"]["event_id"], parked["sets"]) == ("zone", before)
        _log(api, "mended", "set_voided", 40, {"voids": "zone"})
        assert "parked" not in api.get(_DEADLIFT).json


class TestOthers:
    @pytest.mark.parametrize("read", _READS)
    def test_a_lifter_nobody_wrote_about(self, api: ContractClient, read: str) -> None:
        assert api.get(f"/v1/lifters/nobody/{read}").status == 404

    @pytest.mark.parametrize("read", _READS)
    def test_a_lifter_of_another_gym(self, api: ContractClient, app: Flask, services: Services, read: str) -> None:
        """docs/faults.md, 22."""
        _train(api, (225, 6))
        services.keys.add("another-gym", "key-of-another-gym", created_at=0)
        stranger = ContractClient(app, "key-of-another-gym")
        path = api.get(_DEADLIFT).json["derivation"] if read.startswith("derivations") else f"{_LIFTER}/{read}"
        tag = api.get(path).headers.get("ETag", "*")
        assert stranger.get(path, If_None_Match=tag).status == 404

    @pytest.mark.parametrize("read", _READS)
    def test_ids_that_no_lifter_can_have(self, api: ContractClient, read: str) -> None:
        """docs/faults.md, 21."""
        for lifter in ("*", "a:b", "%00", "ann%0A", "x" * 65):
            response = api.get(f"/v1/lifters/{lifter}/{read}")
            assert response.status == 422
            assert response.json["errors"][0]["pointer"] == "/lifter"


class TestRules:
    @pytest.mark.parametrize("name", ["exercises", "schemes", "programmes"])
    def test_pages_hold_everything_once(self, api: ContractClient, name: str) -> None:
        whole = api.get(f"/v1/{name}?limit=1000").json[name]
        path, found = f"/v1/{name}?limit=2", []
        while path:
            page = api.get(path)
            found += page.json[name]
            assert len(found) <= len(whole)
            path = page.json["next"]
        assert found == whole

    def test_what_is_known_of_the_deadlift(self, api: ContractClient) -> None:
        exercises = {each["exercise"]: each for each in api.get("/v1/exercises?limit=1000").json["exercises"]}
        assert exercises["deadlift"]["increase"] == {"lb": 10, "kg": 5}
        assert exercises["deadlift"]["muscles"]["target"]

    def test_what_is_known_of_upper_back(self, api: ContractClient) -> None:
        programmes = {each["programme"]: each for each in api.get("/v1/programmes").json["programmes"]}
        assert programmes["upper-back"]["days"][0]["slots"][0]["exercise"] == "deadlift"

    def test_parameters_of_a_scheme(self, api: ContractClient) -> None:
        schemes = {each["scheme"]: each for each in api.get("/v1/schemes").json["schemes"]}
        params = {each["name"]: each for each in schemes["double-progression"]["params"]}
        assert params["increase"]["default"] == {"lb": 10, "kg": 5}
