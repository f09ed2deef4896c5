"""Lines of many lifters, acknowledged: requests of 20,000 lines over two connections, workers draining."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from bench.client import Target
from bench.logs import START
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, SECOND, render
from service.http.schemas.submissions import LINE, posted
from service.http.strict_json import read
from service.usecases.log.append_bulk import MOST_LINES, Line, append_lines
from service.usecases.log.batch import Submission
from service.usecases.services import Services

_LINES: Final = 20_000
_CONNECTIONS: Final = 2
_ROUNDS: Final = 2
_LIFTERS: Final = 500

EVENTS: Final = _LINES * _ROUNDS * _CONNECTIONS


def bulk(target: Target, services: Services) -> dict[str, Any]:
    """Events acknowledged a second; the floor appends such events through the use case, read and checked before."""
    lines = [
        Line(LifterRef("bench", event.lifter), Submission(event.event_id, event.occurred_at, event.data), None)
        for event in (posted(read(line), LINE) for line in _lines("floor"))
    ]
    begun = time.perf_counter()
    for start in range(0, len(lines), MOST_LINES):
        append_lines(services, lines[start : start + MOST_LINES], actor="bench")
    floor = len(lines) / (time.perf_counter() - begun)
    value = post_lines(target)
    return {"value": round(value), "unit": "events/s", "floor": round(floor), "ratio": round(value / floor, 3)}


def post_lines(target: Target) -> float:
    """Post `EVENTS` lines; how many were acknowledged a second."""
    requests = [
        [_request(target, f"bulk-{connection}-{number}") for number in range(_ROUNDS)]
        for connection in range(_CONNECTIONS)
    ]
    threads = [threading.Thread(target=_send_all, args=(target, own)) for own in requests]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return EVENTS / (time.perf_counter() - begun)


def _lines(name: str) -> Iterator[bytes]:
    """Sets of several lifters in turn, each training every second day, 3 sets a session."""
    for number in range(_LINES):
        turn, lifter = divmod(number, _LIFTERS)
        session, place = divmod(turn, 3)
        event = {
            "lifter": f"{name}-{lifter}",
            "event_id": f"{name}-{number}",
            "type": "set_logged",
            "occurred_at": render(START + session * 2 * DAY + place * 180 * SECOND),
            "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 5, "rir": 1},
        }
        yield json.dumps(event).encode()


def _request(target: Target, name: str) -> bytes:
    body = b"\n".join(_lines(name))
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: {target.host}\r\nAuthorization: Bearer {target.key}\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _send_all(target: Target, requests: list[bytes]) -> None:
    """One request after the other over one connection, each answered in full: every line appended."""
    with target.connect() as connection:
        for request in requests:
            sending = threading.Thread(target=connection.sendall, args=(request,))
            sending.start()
            answer = _answer(connection)
            sending.join()
            if answer.count(b'"outcome":"appended"') != _LINES:
                raise SystemExit(f"not every line was appended: {answer[:500]!r}")


def _answer(connection: socket.socket) -> bytes:
    received = bytearray()
    while not received.endswith(b"0\r\n\r\n"):
        piece = connection.recv(1 << 18)
        if not piece:
            raise ConnectionError(received[-500:].decode(errors="replace"))
        received += piece
    return bytes(received)
