"""Clients that take their time, over real sockets: they are cut off, and cost nobody else anything meanwhile."""

import json
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from service.running.slow_clients import FIRST_PART
from tests.support.running import RunningSpotter, eventually

pytestmark = pytest.mark.faults

_KEY = "a-key-for-tests"
_HEAD = f"Host: x\r\nAuthorization: Bearer {_KEY}\r\nContent-Type: application/json\r\n"
_DRIPPERS = 200


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=_KEY) as running:
        yield running


def _connect(spotter: RunningSpotter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", spotter.port), timeout=30)


def _post(spotter: RunningSpotter, lifter: str, event_id: str) -> int:
    """Log an event on a connection of its own; the status of the answer."""
    event = {"event_id": event_id, "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}}
    body = json.dumps(event)
    head = f"POST /v1/lifters/{lifter}/events HTTP/1.1\r\n{_HEAD}Connection: close\r\n"
    with _connect(spotter) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return _status(_all(connection))


def _all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


class _Drippers:
    """Connections that send a byte every now and then, and what each was answered before it was closed."""

    def __init__(self, connections: list[socket.socket]) -> None:
        self.answers: dict[socket.socket, bytes] = dict.fromkeys(connections, b"")
        self.open = set(connections)

    def drip(self) -> None:
        for connection in list(self.open):
            try:
                connection.send(b"x")
            except OSError:
                self.open.discard(connection)

    def look(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in self.open:
                selector.register(each, selectors.EVENT_READ, each)
            for key, _ in selector.select(0):
                connection: socket.socket = key.data
                try:
                    received = connection.recv(65_536)
                except OSError:
                    received = b""
                self.answers[connection] += received
                if not received:
                    self.open.discard(connection)


def test_clients_that_drip_are_cut_off_and_others_served_meanwhile(spotter: RunningSpotter) -> None:
    """docs/faults.md, 20: 200 drip their headers and 200 their bodies."""
    head = f"POST /v1/lifters/dripping/events HTTP/1.1\r\n{_HEAD}"
    with ExitStack() as stack:
        headers = _Drippers([stack.enter_context(_connect(spotter)) for _ in range(_DRIPPERS)])
        bodies = _Drippers([stack.enter_context(_connect(spotter)) for _ in range(_DRIPPERS)])
        for connection in headers.open:
            connection.sendall(f"{head}X-Slow: ".encode())
        for connection in bodies.open:
            connection.sendall(f"{head}Content-Length: 60000\r\n\r\n ".encode())
        served = 0

        def all_are_cut_off() -> bool:
            nonlocal served
            for drippers in (headers, bodies):
                drippers.drip()
                drippers.look()
            if len(headers.open) == len(bodies.open) == _DRIPPERS:
                assert _post(spotter, "served", f"a{served}") == 201
                served += 1
            time.sleep(0.2)
            return not headers.open and not bodies.open

        eventually(all_are_cut_off, "all who drip are cut off")
        assert served > 10
        answered = [answer for answer in bodies.answers.values() if answer]
        assert {_status(answer) for answer in answered} == {408}
        assert b'"/problems/too-slow"' in answered[0]
    assert _post(spotter, "dripping", "a1") == 201  # and nothing of the dripped bodies was taken


@pytest.mark.parametrize(
    ("line", "sent"),
    [(b'{"lifter": "apace"}\n', FIRST_PART), (b'{"lifter": "%b"}\n' % (b"x" * 60_000), 4_000_000)],
    ids=["slowly from the start", "with a pause after a quick start"],
)
def test_a_large_body_must_go_on_apace(spotter: RunningSpotter, line: bytes, sent: int) -> None:
    """docs/faults.md, 19 and 20."""
    head = f"POST /v1/events HTTP/1.1\r\n{_HEAD.replace('json', 'x-ndjson')}Content-Length: 10000000\r\n\r\n"
    with _connect(spotter) as connection:
        connection.sendall(head.encode() + line * (sent // len(line) + 1))
        answer = _all(connection)
    assert _status(answer) == 200
    assert b'"outcome":"stopped"' in answer
    assert b'"/problems/too-slow"' in answer


def test_whoever_leaves_in_the_middle_of_a_body_leaves_nothing_behind(spotter: RunningSpotter) -> None:
    body = json.dumps({"event_id": "x", "type": "deload_requested", "occurred_at": "2026-11-20T18:00:00Z", "data": {}})
    head = f"POST /v1/lifters/leaving/events HTTP/1.1\r\n{_HEAD}"
    for more in (
        f"Content-Length: {len(body) + 1}\r\n\r\n{body}",
        f"Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n{body}\r\n",
    ):
        with _connect(spotter) as connection:
            connection.sendall((head + more).encode())
            connection.shutdown(socket.SHUT_WR)
            _all(connection)
    assert _post(spotter, "leaving", "x") == 201


def test_an_answer_that_nobody_takes_is_given_up(spotter: RunningSpotter) -> None:
    """docs/faults.md, 20: an export of several megabytes, more than the systems on the way take off the service."""
    events = b"".join(
        json.dumps(
            {
                "lifter": "untaken",
                "event_id": f"a{number}",
                "type": "lifter_noted",
                "occurred_at": "2026-11-20T18:00:00Z",
                "data": {"note": "x" * 1500},
            }
        ).encode()
        + b"\n"
        for number in range(10_000)
    )
    head = f"POST /v1/events HTTP/1.1\r\n{_HEAD.replace('json', 'x-ndjson')}Connection: close\r\n"
    with _connect(spotter) as connection:
        connection.sendall(f"{head}Content-Length: {len(events)}\r\n\r\n".encode() + events)
        assert _all(connection).count(b'"outcome":"appended"') == 10_000
    # Whoever has not read for long enough finds the rest missing; how long is enough, a slow machine says.
    assert any(not _taken_after(spotter, seconds).endswith(b"0\r\n\r\n") for seconds in (12, 24, 48))


def _taken_after(spotter: RunningSpotter, seconds: int) -> bytes:
    """An answer that its client takes no part of for so long, and then all that there is."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", spotter.port))
        head = f"GET /v1/lifters/untaken/export HTTP/1.1\r\n{_HEAD}Connection: close\r\n\r\n"
        connection.sendall(head.encode())
        time.sleep(seconds)
        answer = _all(connection)
    assert _status(answer) == 200
    return answer
