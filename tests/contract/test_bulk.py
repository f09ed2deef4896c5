"""Many lifters' events in one request: a line for each line, whatever is wrong with some of them."""

import dataclasses
import gzip
import json
import zlib
from collections.abc import Iterable
from typing import Any, NoReturn

import pytest
from flask import Flask
from structlog.testing import capture_logs

from service.bootstrap import Services
from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.http.app import create_app
from service.http.bodies import LARGEST_BODY
from service.store import key_names
from service.store.idempotency_keys import LARGEST_ANSWER, Begun
from service.store.log import EventLog
from tests.support.contract import Answer, ContractClient
from tests.support.waking import await_wake_ups

_NDJSON = {"Content-Type": "application/x-ndjson"}


def _line(lifter: str, event_id: str, **data: Any) -> dict[str, Any]:
    return {
        "lifter": lifter,
        "event_id": event_id,
        "type": "set_logged",
        "occurred_at": "2026-11-20T18:03:00+01:00",
        "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6, **data},
    }


def _acting(lifter: str, event_id: str, kind: str, **data: Any) -> dict[str, Any]:
    return {**_line(lifter, event_id), "type": kind, "data": data}


def _send(api: ContractClient, lines: Iterable[dict[str, Any] | bytes] | bytes, **headers: str) -> Answer:
    body = lines if isinstance(lines, bytes) else b"\n".join(_bytes(line) for line in lines)
    return api.send("POST", "/v1/events", data=body, headers={**_NDJSON, **headers})


def _bytes(line: dict[str, Any] | bytes) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line).encode()


def _answers(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def _outcomes(answer: Answer) -> list[Any]:
    """Of each line, its version or the status of its problem."""
    return [each["version"] if "version" in each else each["problem"]["status"] for each in _answers(answer)]


def _log(api: ContractClient, lifter: str) -> list[str]:
    answer = api.get(f"/v1/lifters/{lifter}/events")
    return [] if answer.status == 404 else [event["event_id"] for event in answer.json["events"]]


class TestLines:
    def test_each_line_is_answered_in_its_place(self, api: ContractClient, durability: str) -> None:
        answer = _send(api, [_line("ann", "a1"), _line("bob", "b1"), _line("ann", "a2")])
        safe = {"outcome": "appended", "durability": durability}
        assert _answers(answer) == [
            {"line": 1, "event_id": "a1", "version": 1, **safe},
            {"line": 2, "event_id": "b1", "version": 1, **safe},
            {"line": 3, "event_id": "a2", "version": 2, **safe},
        ]
        assert answer.media_type == "application/x-ndjson"
        assert (_log(api, "ann"), _log(api, "bob")) == (["a1", "a2"], ["b1"])

    def test_a_line_is_logged_as_the_same_event_posted_alone(self, api: ContractClient) -> None:
        line = _line("ann", "a1", rpe=8.50, note="Zoe\u0308", body_weight={"value": 80.0, "unit": "kg"})
        _send(api, [line, {**line, "lifter": "bob"}])
        del line["lifter"]
        assert api.post("/v1/lifters/ann/events", line).json["outcome"] == "already_appended"
        assert api.post("/v1/lifters/cy/events", line).json["version"] == 1
        shown = [api.get(f"/v1/lifters/{lifter}/events").json["events"][0] for lifter in ("bob", "cy")]
        assert shown[0] | {"recorded_at": ""} == shown[1] | {"recorded_at": ""}

    def test_whatever_is_wrong_with_a_line_is_nothing_to_the_others(self, api: ContractClient) -> None:
        """docs/faults.md, 9, 11, 12 and 14 to 18."""
        _send(api, [_line("ann", "taken")])
        wrong: list[tuple[int, dict[str, Any] | bytes]] = [
            (400, b"{"),
            (400, b"[" * 20_000),
            (400, b'{"lifter": "ann", "lifter": "ann"}'),
            (400, b'{"lifter": "\xff"}'),
            (400, b'{"lifter": "\\ud800"}'),
            (413, b'{"lifter": "' + b"a" * LARGEST_BODY + b'"}'),
            (422, b"[]"),
            (422, b"NaN"),
            (422, {**_line("ann", "x"), "lifter": "ann\n"}),
            (422, {**_line("ann", "x"), "lifter": "other:ann"}),
            (422, {name: value for name, value in _line("ann", "x").items() if name != "lifter"}),
            (422, _line("ann", "x", reps=-1)),
            (422, json.dumps(_line("ann", "x")).replace("225", "1e999").encode()),
            (422, {**_line("ann", "x"), "occurred_at": "2190-01-01T00:00:00Z"}),
            (422, _acting("ann", "x", "set_voided", voids="nothing")),
            (409, _line("ann", "taken", reps=1)),
        ]
        lines = [line for number, (_, bad) in enumerate(wrong) for line in (bad, _line("ann", f"a{number}"))]
        answers = _answers(_send(api, lines))
        assert [each["line"] for each in answers] == list(range(1, len(lines) + 1))
        assert [each["problem"]["status"] for each in answers[::2]] == [status for status, _ in wrong]
        assert [each["outcome"] for each in answers[1::2]] == ["appended"] * len(wrong)
        assert _log(api, "ann") == ["taken", *(f"a{number}" for number in range(len(wrong)))]

    def test_a_refused_line_is_told_what_is_wrong_where(self, api: ContractClient) -> None:
        (answer,) = _answers(_send(api, [_line("-", "a1", reps=6.5)]))
        assert {error["pointer"] for error in answer["problem"]["errors"]} == {"/lifter", "/data/reps"}
        assert answer["problem"]["type"] == "/problems/invalid-input"

    def test_blank_lines_count_and_are_not_answered(self, api: ContractClient) -> None:
        first, second = _bytes(_line("ann", "a1")), _bytes(_line("ann", "a2"))
        answers = _answers(_send(api, b"\n" + first + b"\r\n \n\n" + second + b"\n\n"))
        assert [(each["line"], each["event_id"]) for each in answers] == [(2, "a1"), (5, "a2")]

    def test_nothing_is_answered_with_nothing(self, api: ContractClient) -> None:
        assert _answers(_send(api, b"")) == []

    def test_lines_are_whole_wherever_the_body_is_cut(self, api: ContractClient) -> None:
        lines = [_line(f"lifter-{number % 7}", f"a{number}", note="x" * 1997) for number in range(300)]
        assert [each["event_id"] for each in _answers(_send(api, lines))] == [line["event_id"] for line in lines]

    def test_the_same_event_twice_in_a_request(self, api: ContractClient) -> None:
        answers = _answers(_send(api, [_line("ann", "a1"), _line("ann", "a1"), _line("ann", "a1", reps=5)]))
        assert [each["outcome"] for each in answers] == ["appended", "already_appended", "refused"]
        assert (answers[2]["problem"]["status"], answers[2]["problem"]["version"]) == (409, 1)

    def test_a_line_may_act_on_an_earlier_one(self, api: ContractClient) -> None:
        lines = [
            _line("ann", "a1"),
            _acting("ann", "a2", "set_corrected", corrects="a1", reps=5),
            _acting("bob", "b1", "set_corrected", corrects="a1", reps=5),
        ]
        assert _outcomes(_send(api, lines)) == [1, 2, 422]

    def test_a_version_may_be_expected_of_any_line(self, api: ContractClient) -> None:
        expecting = [
            {**_line("ann", "a1"), "expected_version": 0},
            _line("ann", "a2"),
            {**_line("ann", "a3"), "expected_version": 1},
            {**_line("ann", "a4"), "expected_version": 2},
            _acting("ann", "a5", "set_voided", voids="a3"),
            _acting("ann", "a6", "set_voided", voids="a4"),
            {**_line("bob", "b1"), "expected_version": 1},
            _line("bob", "b2"),
        ]
        answers = _send(api, expecting)
        assert _outcomes(answers) == [1, 2, 409, 3, 422, 4, 409, 1]
        assert _answers(answers)[2]["problem"]["actual_version"] == 2
        assert _log(api, "ann") == ["a1", "a2", "a4", "a6"]

    def test_an_erased_lifter_is_gone_and_nobody_else(self, api: ContractClient) -> None:
        _send(api, [_line("ann", "a1")])
        api.send("DELETE", "/v1/lifters/ann")
        lines = [_line("ann", "a2"), _line("bob", "b1"), _line("ann", "a3", reps=-1)]
        assert _outcomes(_send(api, lines)) == [410, 1, 422]

    def test_a_log_that_is_broken_is_that_lifters_trouble(
        self, api: ContractClient, services: Services, gym: str
    ) -> None:
        _send(api, [_line("ann", "a1")])
        name = key_names.log(LifterRef(gym, "ann"))
        services.log._client.execute_command("XADD", name, "7-0", "event", "{}")
        with capture_logs() as logged:
            assert _outcomes(_send(api, [_line("ann", "a2"), _line("bob", "b1")])) == [500, 1]
            assert _outcomes(_send(api, [_line("ann", "a2")])) == [500]
        problems = [entry["problem"] for entry in logged if entry["log_level"] == "error"]
        assert problems == ["/problems/internal-error"] * 2

    def test_workers_are_woken(self, api: ContractClient, services: Services) -> None:
        services.wake._client.flushall()
        _send(api, [_line(f"lifter-{number}", "a1") for number in range(20)])
        await_wake_ups()
        assert services.wake._queue.count > 1


class TestEncoding:
    def test_gzip(self, api: ContractClient) -> None:
        body = gzip.compress(_bytes(_line("ann", "a1")))
        assert _outcomes(_send(api, body, Content_Encoding="gzip")) == [1]

    def test_gzip_of_a_single_event(self, api: ContractClient) -> None:
        event = {name: value for name, value in _line("ann", "a1").items() if name != "lifter"}
        headers = {"Content-Type": "application/json", "Content-Encoding": "GZIP"}
        answer = api.send(
            "POST", "/v1/lifters/ann/events", data=gzip.compress(json.dumps(event).encode()), headers=headers
        )
        assert answer.status == 201

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            _bytes(_line("ann", "a1")),
            gzip.compress(b"{}")[:-1],
            gzip.compress(b"{}")[:-8] + b"\0" * 8,
            gzip.compress(b"{}") * 2,
            zlib.compress(b"{}"),
        ],
        ids=["empty", "plain", "cut off", "false sum", "two members", "deflate"],
    )
    @pytest.mark.parametrize("path", ["/v1/events", "/v1/lifters/ann/events"])
    def test_what_is_no_gzip(self, api: ContractClient, path: str, body: bytes) -> None:
        media = "application/x-ndjson" if path == "/v1/events" else "application/json"
        headers = {"Content-Type": media, "Content-Encoding": "gzip"}
        answer = api.send("POST", path, data=body, headers=headers)
        assert (answer.status, answer.json["type"]) == (400, "/problems/bad-encoding")

    @pytest.mark.parametrize("path", ["/v1/events", "/v1/lifters/ann/events"])
    def test_a_bomb(self, api: ContractClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
        """docs/faults.md, 19."""
        monkeypatch.setattr("service.http.bodies.LARGEST_STREAM", 8 * 1024 * 1024)
        bomb = gzip.compress(bytes(9 * 1024 * 1024))
        assert len(bomb) < LARGEST_BODY
        media = "application/x-ndjson" if path == "/v1/events" else "application/json"
        answer = api.send("POST", path, data=bomb, headers={"Content-Type": media, "Content-Encoding": "gzip"})
        assert (answer.status, answer.json["type"]) == (413, "/problems/too-large")

    def test_what_is_cut_off_later_stops_there(self, api: ContractClient) -> None:
        lines = [_line("ann", f"a{number}", note=f"{number}" * 400) for number in range(700)]
        whole = gzip.compress(b"\n".join(map(_bytes, lines)))
        answers = _answers(_send(api, whole[: len(whole) - 20], Content_Encoding="gzip"))
        last = answers.pop()
        assert (last["outcome"], last["line"]) == ("stopped", len(answers) + 1)
        assert last["problem"]["type"] == "/problems/bad-encoding"
        assert _log(api, "ann")[:3] == ["a0", "a1", "a2"]

    def test_other_media_types(self, api: ContractClient) -> None:
        for headers in ({"Content-Type": "application/json"}, {**_NDJSON, "Content-Encoding": "zstd"}, {}):
            assert api.send("POST", "/v1/events", data=b"", headers=headers).status == 415


class TestMinimal:
    def test_only_what_was_refused_and_how_many(self, api: ContractClient) -> None:
        lines = [_line("ann", "a1"), _line("ann", "a1"), _line("ann", "a2", reps=-1)]
        answer = _send(api, lines, Prefer="handling=lenient, return=minimal")
        assert answer.headers["Preference-Applied"] == "return=minimal"
        refused, counts = _answers(answer)
        assert (refused["line"], refused["problem"]["status"]) == (3, 422)
        assert counts == {"lines": 3, "appended": 1, "already_appended": 1, "refused": 1}

    def test_of_a_late_event(self, api: ContractClient, durability: str) -> None:
        event = {name: value for name, value in _line("ann", "a1").items() if name != "lifter"}
        late = {**event, "event_id": "a0", "occurred_at": "2026-11-19T18:00:00Z"}
        api.post("/v1/lifters/ann/events", event)
        headers = {"Content-Type": "application/json", "Prefer": 'return="minimal"; x=1'}
        answer = api.send("POST", "/v1/lifters/ann/events", data=json.dumps(late), headers=headers)
        assert answer.headers["Preference-Applied"] == "return=minimal"
        assert answer.json == {"event_id": "a0", "version": 2, "outcome": "appended", "durability": durability}

    def test_other_preferences_are_passed_over(self, api: ContractClient) -> None:
        answer = _send(api, [_line("ann", "a1")], Prefer="return=representation")
        assert "Preference-Applied" not in answer.headers
        assert _outcomes(answer) == [1]


class _Gone:
    """A client of a database that does not answer."""

    def execute_command(self, *_: object) -> NoReturn:
        raise Unavailable("the database does not answer")

    def pipeline(self, *, transaction: bool) -> NoReturn:
        del transaction
        self.execute_command()


class TestIdempotencyKey:
    LINES = (_line("ann", "a1"), _line("ann", "a2", reps=-1), _line("bob", "b1"))

    def test_the_same_again_is_answered_the_same(self, api: ContractClient) -> None:
        first = _send(api, self.LINES, Idempotency_Key="k1")
        again = _send(api, self.LINES, Idempotency_Key="k1")
        assert again.data == first.data
        assert [each["outcome"] for each in _answers(again)] == ["appended", "refused", "appended"]
        assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
        assert [each["outcome"] for each in _answers(_send(api, self.LINES))][::2] == ["already_appended"] * 2

    def test_another_body_is_refused(self, api: ContractClient) -> None:
        _send(api, self.LINES, Idempotency_Key="k1")
        for answer in (
            _send(api, self.LINES[:1], Idempotency_Key="k1"),
            _send(api, self.LINES, Idempotency_Key="k1", Prefer="return=minimal"),
        ):
            assert (answer.status, answer.json["type"]) == (422, "/problems/idempotency-key-reused")

    def test_one_that_is_under_way_is_not_begun_twice(self, api: ContractClient, services: Services, gym: str) -> None:
        assert isinstance(services.answers.begin(gym, "k1"), Begun)
        answer = _send(api, self.LINES, Idempotency_Key="k1")
        assert (answer.status, answer.json["type"]) == (409, "/problems/request-under-way")
        assert answer.headers["Retry-After"] == "1"
        assert _log(api, "ann") == []

    def test_a_key_is_its_gyms_own(self, app: Flask, api: ContractClient, services: Services, gym: str) -> None:
        """docs/faults.md, 22."""
        _send(api, self.LINES, Idempotency_Key="k1")
        services.keys.add(f"{gym}-b", f"key-of-{gym}-b", created_at=0)
        other = ContractClient(app, f"key-of-{gym}-b")
        answer = _send(other, self.LINES[:1], Idempotency_Key="k1")
        assert _outcomes(answer) == [1]
        assert "Idempotent-Replayed" not in answer.headers

    @pytest.mark.parametrize("offered", ["", "two words", "k" * 256, "caf\u00e9"])
    def test_what_is_no_key(self, api: ContractClient, offered: str) -> None:
        answer = _send(api, self.LINES, Idempotency_Key=offered)
        assert [error["pointer"] for error in answer.json["errors"]] == ["/Idempotency-Key"]

    def test_what_failed_for_a_fault_of_ours_is_tried_again(
        self, api: ContractClient, services: Services, key: str
    ) -> None:
        """docs/faults.md, 4 and 5."""
        broken = ContractClient(create_app(dataclasses.replace(services, log=EventLog(_Gone()))), key)
        lines: list[dict[str, Any] | bytes] = [*self.LINES, b"{"]
        assert _outcomes(_send(broken, lines, Idempotency_Key="k1")) == [503, 422, 503, 400]
        assert _outcomes(_send(api, lines, Idempotency_Key="k1")) == [1, 422, 1, 400]

    def test_what_did_not_come_whole_is_tried_again(self, api: ContractClient) -> None:
        whole = gzip.compress(_bytes(_line("ann", "a1")))
        headers = {"Idempotency_Key": "k1", "Content_Encoding": "gzip"}
        assert _send(api, whole[:-1], **headers).status == 400
        assert _outcomes(_send(api, whole, **headers)) == [1]

    def test_an_answer_that_is_too_long_is_not_kept(self, services: Services, gym: str) -> None:
        begun = services.answers.begin(gym, "k1")
        assert isinstance(begun, Begun)
        services.answers.answered(gym, "k1", begun, b"f" * 32, b"x" * (LARGEST_ANSWER + 1))
        assert isinstance(services.answers.begin(gym, "k1"), Begun)

    def test_nothing_is_kept_that_may_be_about_somebody_erased(self, api: ContractClient) -> None:
        lines = [_line("ann", "a1"), _line("bob", "b1")]
        assert _outcomes(_send(api, lines, Idempotency_Key="k1")) == [1, 1]
        assert api.send("DELETE", "/v1/lifters/ann").status == 200
        for _ in range(2):
            again = _send(api, lines, Idempotency_Key="k1")
            assert _outcomes(again) == [410, 1]
            assert "Idempotency-Replayed" not in again.headers
