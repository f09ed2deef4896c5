"""Costly requests over HTTP, held up by stopping their processes for as long as a test likes: who waits for whom.

docs/faults.md, 39.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPMessage
from select import select
from typing import Any, NamedTuple

import pytest

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.identifiers import LifterRef
from service.http.places import MOST_OF_A_KEY
from service.usecases.projection.drain import replay_lag
from tests.support.running import RunningSpotter, eventually, standing_of

_KEY = "a-key-for-tests"
_AT_ONCE = 2
_EVENTS = 600
"""More than a web process replays itself."""

_HEAD = f"Host: x\r\nAuthorization: Bearer {_KEY}\r\nContent-Type: application/json\r\n"
_SIMULATION = json.dumps({"rule_set": {"files": {}, "programme": "upper-back"}, "events": []})


class _Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    document: dict[str, Any]


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    with RunningSpotter(
        tmp_path_factory.mktemp("spotter"),
        SPOTTER_API_KEY=_KEY,
        SPOTTER_COSTLY_AT_ONCE=str(_AT_ONCE),
    ) as running:
        eventually(lambda: _simulate(running).status == 200, "what answers it is there")
        yield running


def _ask(spotter: RunningSpotter, method: str, path: str, body: str | None = None, **headers: str) -> _Answer:
    connection = HTTPConnection("127.0.0.1", spotter.port, timeout=120)
    media = "application/x-ndjson" if path == "/v1/events" else "application/json"
    connection.request(method, path, body, {"Authorization": f"Bearer {_KEY}", "Content-Type": media, **headers})
    response = connection.getresponse()
    answer = _Answer(response.status, response.headers, json.loads(response.read().splitlines()[0]))
    connection.close()
    return answer


def _simulate(spotter: RunningSpotter) -> _Answer:
    return _ask(spotter, "POST", "/v1/simulations", _SIMULATION)


def _set(event_id: str, day: int = 0) -> dict[str, object]:
    at = f"{2000 + day // 336}-{1 + day // 28 % 12:02}-{1 + day % 28:02}T18:00:00Z"
    data = {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 5}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": at, "data": data}


def _log(spotter: RunningSpotter, lifter: str, event: dict[str, object]) -> _Answer:
    return _ask(spotter, "POST", f"/v1/lifters/{lifter}/events", json.dumps(event))


def _starters(spotter: RunningSpotter) -> list[int]:
    """The process that starts those which answer, and no other."""
    served = spotter.web_workers()
    return [
        each for each in spotter.processes("costly_requests") if (is_ := standing_of(each)) and is_.parent in served
    ]


@contextmanager
def _held_up(spotter: RunningSpotter) -> Iterator[None]:
    """Nothing that is costly is answered meanwhile."""
    (starter,) = _starters(spotter)
    os.kill(starter, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(starter, signal.SIGCONT)


def test_others_are_answered_while_costly_requests_are_under_way(spotter: RunningSpotter) -> None:
    with ThreadPoolExecutor() as threads, _held_up(spotter):
        asked = [threads.submit(_simulate, spotter) for _ in range(MOST_OF_A_KEY + 1)]
        eventually(lambda: any(each.done() for each in asked), "one is too many")
        for number in range(5):
            assert _log(spotter, "other", _set(f"a{number}")).status == 201
            assert _ask(spotter, "GET", "/v1/lifters/other/prescriptions").status == 200
        refused = [each.result() for each in asked if each.done()]
    assert len(refused) < len(asked)
    for answer in refused:
        assert (answer.status, answer.document["type"]) == (503, "/problems/busy")
        assert int(answer.headers["Retry-After"]) > 0
    assert {each.result().status for each in asked} <= {200, 503}
    assert _simulate(spotter).status == 200


def test_whoever_leaves_gives_up_the_place(spotter: RunningSpotter) -> None:
    head = f"POST /v1/simulations HTTP/1.1\r\n{_HEAD}Content-Length: {len(_SIMULATION)}\r\n\r\n"
    with ThreadPoolExecutor() as threads, _held_up(spotter):
        for _ in range(2 * MOST_OF_A_KEY):  # more than may be under way, were they not gone
            with socket.create_connection(("127.0.0.1", spotter.port)) as connection:
                connection.sendall((head + _SIMULATION).encode())
        asked = threads.submit(_until_admitted, spotter)
    assert asked.result().status == 200
    (starter,) = _starters(spotter)
    eventually(lambda: spotter.processes("costly_requests") == [starter], "nothing is left that works for them")


def _until_admitted(spotter: RunningSpotter) -> _Answer:
    answers: list[_Answer] = []

    def is_admitted() -> bool:
        answers.append(_simulate(spotter))
        return answers[-1].status != 503

    eventually(is_admitted, "there is a place again")
    return answers[-1]


def test_whatever_replays_much_of_a_log_is_costly(spotter: RunningSpotter) -> None:
    lines = "".join(json.dumps({"lifter": "old", **_set(f"a{day}", day)}) + "\n" for day in range(_EVENTS))
    assert _ask(spotter, "POST", "/v1/events", lines).status == 200
    state = f"/v1/lifters/old/state?at_version={_EVENTS}"
    replayed = _ask(spotter, "GET", state)
    services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir)}))
    eventually(lambda: replay_lag(services).lifters == 0, "all is replayed")
    services.projections.delete(LifterRef("default", "old"))
    with ThreadPoolExecutor() as threads, _held_up(spotter):
        asked = threads.submit(_ask, spotter, "GET", state)
        assert _ask(spotter, "GET", "/v1/lifters/other/prescriptions").status == 200
        late = _log(spotter, "old", _set("late"))
        assert (late.status, "changes" in late.document) == (201, False)
        assert not asked.done()
    answer = asked.result()
    assert (answer.status, answer.document) == (200, replayed.document)
    told = _log(spotter, "old", _set("later"))
    assert (told.status, type(told.document.get("changes"))) == (201, list)
    workout = json.dumps({"events": [_set("latest"), _set("last")]})
    told = _ask(spotter, "POST", "/v1/lifters/old/sessions", workout)
    assert (told.status, type(told.document.get("changes"))) == (201, list)


def test_whether_a_long_log_warns_of_an_event_is_told_there_too(spotter: RunningSpotter) -> None:
    lines = "".join(json.dumps({"lifter": "strict", **_set(f"a{day}", day)}) + "\n" for day in range(_EVENTS))
    assert _ask(spotter, "POST", "/v1/events", lines).status == 200
    for load, status in ((2250, 422), (225, 201)):
        event = _set(f"of {load}".replace(" ", "-"), _EVENTS)
        event["data"] = {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": 5}
        answer = _ask(spotter, "POST", "/v1/lifters/strict/events", json.dumps(event), Prefer="handling=strict")
        assert (answer.status, answer.headers["Preference-Applied"]) == (status, "handling=strict")
        for atomic in (True, False):
            workout = json.dumps({"events": [event], "atomic": atomic})
            told = _ask(spotter, "POST", "/v1/lifters/strict/sessions", workout, Prefer="handling=strict")
            assert told.status == (422 if atomic and status == 422 else 200)
            if status == 422:
                problem = told.document if atomic else told.document["receipts"][0]["problem"]
                assert problem["type"] == ("/problems/warned" if atomic else "/problems/too-costly")
        line = json.dumps({"lifter": "strict", **event}) + "\n"
        said = _ask(spotter, "POST", "/v1/events", line, Prefer="handling=strict").document
        assert said["outcome"] == ("refused" if status == 422 else "already_appended")
        if status == 422:
            assert answer.document["warnings"][0]["code"] == "outlier"
            assert said["problem"]["type"] == "/problems/too-costly"


def test_only_so_many_long_bodies_are_worked_on_at_once(spotter: RunningSpotter) -> None:
    line = json.dumps({"lifter": "bulk", **_set("a1")}) + "\n"
    head = f"POST /v1/events HTTP/1.1\r\n{_HEAD.replace('json', 'x-ndjson')}Content-Length: 1000000\r\n\r\n"
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", spotter.port))) for _ in range(MOST_OF_A_KEY + 1)
        ]
        for connection in connections:
            connection.sendall((head + line * (100_000 // len(line))).encode())
        # An answer may begin before its body has ended, so those that were let in may speak first.
        said: list[bytes] = []

        def is_one_refused() -> bool:
            said.extend(each.recv(65_536) for each in select(connections, [], [], 0)[0])
            return any(each.startswith(b"HTTP/1.1 503 ") for each in said)

        eventually(is_one_refused, "one is too many")
        assert _ask(spotter, "POST", "/v1/events", line).status == 200
    (refused,) = [each for each in said if each.startswith(b"HTTP/1.1 503 ")]
    assert b"/problems/busy" in refused
    eventually(lambda: _ask(spotter, "POST", "/v1/events", line * 1000).status == 200, "there is a place again")


def test_a_spotter_stops_while_what_answers_is_being_started(spotter: RunningSpotter) -> None:
    """The last test: it leaves no Spotter to the others."""
    (starter,) = _starters(spotter)
    os.kill(starter, signal.SIGKILL)
    with ThreadPoolExecutor() as threads:
        threads.submit(_until_admitted, spotter)
        eventually(lambda: spotter.processes("costly_requests") not in ([], [starter]), "another is begun")
        assert spotter.stop() == 0
    eventually(lambda: spotter.processes() == [], "nothing is left of it")
