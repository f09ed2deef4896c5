"""The API as its clients meet it: the real web server in its processes, over TCP."""

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.running.slow_clients import FIRST_PART
from tests.support.running import RunningSpotter, eventually

_KEY = "a-key-for-tests"


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@pytest.fixture(scope="module", params=["no", "yes"], ids=["behind the front", "behind a proxy"])
def spotter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    """One Spotter for all tests here; each writes about lifters of its own."""
    folder = tmp_path_factory.mktemp("spotter")
    with RunningSpotter(folder, SPOTTER_API_KEY=_KEY, SPOTTER_BEHIND_PROXY=request.param, several=True) as running:
        yield running


def _send(
    spotter: RunningSpotter, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """Send a request on a connection of its own, so that either web process may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=30)
    all_headers = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/json", **(headers or {})}
    try:
        with suppress(BrokenPipeError):  # what is refused may be answered before all of it was sent
            connection.request(method, path, body, all_headers)
        response = connection.getresponse()
        return Reply(response.status, dict(response.headers), response.read())
    finally:
        connection.close()


def _answer(spotter: RunningSpotter, raw: bytes) -> bytes:
    """Send bytes as they are, and give everything that comes back."""
    with socket.create_connection(("127.0.0.1", spotter.port), timeout=30) as connection:
        connection.sendall(raw)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def _post(spotter: RunningSpotter, lifter: str, event_id: str, kind: str, **data: Any) -> Reply:
    event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-20T18:00:00Z", "data": data}
    return _send(spotter, "POST", f"/v1/lifters/{lifter}/events", json.dumps(event))


def _loads(spotter: RunningSpotter, lifter: str, as_of: str) -> list[float]:
    reply = _send(spotter, "GET", f"/v1/lifters/{lifter}/prescriptions/deadlift{as_of}")
    assert reply.status == 200, reply.body
    return [each["load"]["value"] for each in reply.json["sets"]]


@pytest.mark.parametrize(
    ("lifter", "reps", "prescribed"),
    [("rising", (6, 4, 4), [225, 235, 235, 235]), ("too-heavy", (6, 3, 5), [225, 235, 230, 230])],
)
@pytest.mark.parametrize("order", [("programme", "baseline"), ("baseline", "programme")], ids=" then ".join)
def test_a_session_of_the_source_article(
    spotter: RunningSpotter, lifter: str, reps: tuple[int, ...], prescribed: list[int], order: tuple[str, str]
) -> None:
    lifter = f"{lifter}-{order[0]}"
    for what in order:
        if what == "programme":
            assert _post(spotter, lifter, "p", "programme_assigned", programme="upper-back").status == 201
        else:
            load = {"value": 225, "unit": "lb"}
            assert _post(spotter, lifter, "b", "baseline_set", exercise="deadlift", load=load).status == 201
    shown = []
    for number, count in enumerate(reps, 1):
        shown.append(_loads(spotter, lifter, f"?as_of=2026-11-20T18:0{number - 1}:30Z")[0])
        load = {"value": shown[-1], "unit": "lb"}
        event = {
            "event_id": f"set-{number}",
            "type": "set_logged",
            "occurred_at": f"2026-11-20T18:0{number}:00Z",
            "data": {"exercise": "deadlift", "load": load, "reps": count},
        }
        assert _send(spotter, "POST", f"/v1/lifters/{lifter}/events", json.dumps(event)).status == 201
    shown.append(_loads(spotter, lifter, "?as_of=2026-11-21T08:00:00Z")[0])
    assert shown == prescribed
    last = _send(spotter, "GET", f"/v1/lifters/{lifter}/prescriptions/deadlift?as_of=2026-11-21T08:00:00Z").json
    derivation = _send(spotter, "GET", last["derivation"]).json
    assert {"set-1", "set-2", "set-3"} <= {trigger.get("event_id") for trigger in derivation["triggers"]}
    considered = {
        rule["rule"]
        for trigger in derivation["triggers"]
        for scheme in trigger["schemes"]
        for rule in scheme["rules"]
        if rule["file"] and rule["line"]
    }
    assert {"top-of-range", "new-load-too-heavy", "in-range"} <= considered


def test_metrics_are_those_of_all_processes(spotter: RunningSpotter) -> None:
    def appended() -> float:
        page = _send(spotter, "GET", "/metrics").body.decode()
        return sum(
            sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.name == "spotter_appends_total" and sample.labels["outcome"] == "appended"
        )

    before = appended()
    for number in range(20):
        assert _post(spotter, "counted", f"a{number}", "deload_requested").status == 201
    assert {appended() for _ in range(10)} == {before + 20}


def test_replay_catches_up_by_itself(spotter: RunningSpotter) -> None:
    assert _post(spotter, "replayed", "a1", "deload_requested").status == 201
    eventually(lambda: b"\nspotter_dirty_lifters 0.0" in _send(spotter, "GET", "/metrics").body, "nothing is dirty")


def test_ready_and_documented(spotter: RunningSpotter) -> None:
    assert _send(spotter, "GET", "/readyz").json["parts"]["log"]["durability"] == "fsync"
    contract = Path(__file__).parents[2] / "openapi.yaml"
    assert _send(spotter, "GET", "/openapi.yaml").body == contract.read_bytes()
    assert b"swagger-ui-bundle.js" in _send(spotter, "GET", "/docs").body


def test_a_body_in_chunks(spotter: RunningSpotter) -> None:
    """docs/faults.md, 19."""
    event = {"event_id": "c", "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}
    text = json.dumps(event).encode()
    assert _send(spotter, "POST", "/v1/lifters/chunked/events", iter([text[:20], text[20:]])).status == 201
    endless = iter([b" " * 10_000] * 20)
    reply = _send(spotter, "POST", "/v1/lifters/chunked/events", endless)
    assert reply.status == 413
    assert reply.json["type"] == "/problems/too-large"


def test_a_large_body(spotter: RunningSpotter) -> None:
    """docs/faults.md, 19: it is refused by what its head says, once its first part has come."""
    head = (
        "POST /v1/lifters/large/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {_KEY}\r\nContent-Length: 10000000\r\nConnection: close\r\n\r\n"
    )
    assert _answer(spotter, head.encode() + bytes(FIRST_PART)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_line_feeds_and_nothing_else(spotter: RunningSpotter, encoding: str) -> None:
    """docs/faults.md, 19: a hundred million of them fit into 94 KB."""
    if encoding == "gzip":
        headers, body = {"Content-Encoding": "gzip"}, gzip.compress(b"\n" * 100_000_000)
    else:
        headers, body = {}, b"\n" * 1_000_000
    reply = _send(spotter, "POST", "/v1/events", body, {"Content-Type": "application/x-ndjson", **headers})
    assert (reply.status, reply.json["type"]) == (413, "/problems/too-large")
    assert "lines" in reply.json["detail"]


@pytest.mark.long
def test_forty_thousand_lines_at_once(spotter: RunningSpotter) -> None:
    """docs/faults.md, 19: far more than the server's processes may grow by."""
    lines, note = 40_000, "x" * 1900
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: Bearer {_KEY}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    processes = spotter.processes("service.running.web") + spotter.processes("multiprocessing", "spawn")
    before = {process: _memory(process, "VmRSS") for process in processes}
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5")  # from here on VmHWM is the most that it has

    def send(connection: socket.socket) -> None:
        connection.sendall(head.encode())
        for number in range(lines):
            event = {"event_id": f"a{number}", "type": "lifter_noted", "occurred_at": "2026-11-20T18:00:00Z"}
            line = json.dumps({"lifter": f"bulk-{number % 200}", **event, "data": {"note": note}}).encode() + b"\n"
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        connection.sendall(b"0\r\n\r\n")

    with socket.create_connection(("127.0.0.1", spotter.port), timeout=30) as connection:
        sender = threading.Thread(target=send, args=(connection,))
        sender.start()
        response = http.client.HTTPResponse(connection)
        response.begin()
        answers = [json.loads(line) for line in response]
        sender.join()
    assert [answer["line"] for answer in answers] == list(range(1, lines + 1))
    assert {answer["outcome"] for answer in answers} == {"appended"}
    assert [answer["version"] for answer in answers] == [1 + number // 200 for number in range(lines)]
    grown = {process: _memory(process, "VmHWM") - before[process] for process in processes}
    assert max(grown.values()) < lines * len(note) / 2, grown


def _memory(process: int, what: str) -> int:
    """A process' memory in bytes, as Linux counts it."""
    status = Path(f"/proc/{process}/status").read_text()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith(what)).split()[1])


@pytest.mark.parametrize("path", ["/v1/lifters/%00/events", "/v1/lifters/*/state", "/v1/lifters/a%0d%0ab/state"])
def test_paths_that_reach_no_key(spotter: RunningSpotter, path: str) -> None:
    """docs/faults.md, 21."""
    reply = _send(spotter, "GET", path)
    assert reply.status in (400, 422)
    assert "X-Injected" not in reply.headers


@pytest.mark.parametrize(
    "head",
    [
        b"Authorization: Bearer k\xe9y\r\n",
        b"Authorization: Bearer \xff\xfe\r\n",
        b"X-Request-Id: a\xe9\r\n",
    ],
)
def test_header_bytes_beyond_ascii(spotter: RunningSpotter, head: bytes) -> None:
    """docs/faults.md, 23."""
    answer = _answer(spotter, b"GET /v1/exercises HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head + b"\r\n")
    assert answer.split(b" ", 2)[1] in (b"400", b"401"), answer[:200]


@pytest.mark.parametrize(
    "hosts",
    [b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nHost: a\r\n", b"Host:\r\n", b"Host: a, b\r\n", b"Host: a/b\r\n"],
)
def test_a_request_names_one_host(spotter: RunningSpotter, hosts: bytes) -> None:
    """docs/faults.md, 28."""
    answer = _answer(spotter, b"GET /livez HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"/problems/bad-request" in answer


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1\r\nHost: a_b.example:8080", b"HTTP/1.1\r\nHost: [::1]:80", b"HTTP/1.1\r\nHost: 10.0.0.1", b"HTTP/1.0"],
)
def test_hosts_that_are_served(spotter: RunningSpotter, head: bytes) -> None:
    answer = _answer(spotter, b"GET /livez " + head + b"\r\nConnection: close\r\n\r\n")
    assert answer.split(b" ", 2)[1] == b"200"


def test_a_header_with_a_bare_carriage_return(spotter: RunningSpotter) -> None:
    """docs/faults.md, 28."""
    answer = _answer(spotter, b"GET /livez HTTP/1.1\r\nHost: a\rX: b\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
