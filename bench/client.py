"""A load generator that costs little beside the server it measures: one thread, raw sockets, kept alive."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

_READ: Final = 65536
_NOT_MODIFIED: Final = b"HTTP/1.1 304"


@dataclass(slots=True)
class Timings:
    """How long each answer took, in seconds, and how long all of them did together."""

    answers: list[float] = field(default_factory=list)
    total: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.answers) / self.total

    def percentile(self, percent: float) -> float:
        """That percentile of the answers' times, in milliseconds."""
        ordered = sorted(self.answers)
        return 1000 * ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class Target:
    """A running Spotter and a key for it."""

    host: str
    port: int
    key: str

    def get(self, path: str, tag: str | None = None) -> bytes:
        """A GET, as it goes over the wire; with an entity tag, of a client that has that answer already."""
        known = "" if tag is None else f'If-None-Match: "{tag}"\r\n'
        head = f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n{known}\r\n"
        return head.encode()

    def post(self, path: str, body: str) -> bytes:
        """A POST of JSON, as it goes over the wire."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()

    def connect(self) -> socket.socket:
        """A connection that sends at once."""
        connection = socket.create_connection((self.host, self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    @contextmanager
    def connections(self, count: int) -> Iterator[list[socket.socket]]:
        """So many connections. The kernel shares them out among the web processes: what is compared uses the same."""
        with ExitStack() as opened:
            yield [opened.enter_context(self.connect()) for _ in range(count)]


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Send a request and wait for the whole answer; its body. Raises for anything but success."""
    connection.sendall(request)
    received = b""
    while not _complete(received):
        received += _more(connection)
    return _body(received)


def load(connections: Iterable[socket.socket], requests: Iterator[bytes], *, seconds: float) -> Timings:
    """Keep ``connections`` busy for ``seconds``, each with one request at a time."""
    timings = Timings()
    selector = selectors.DefaultSelector()
    sent: dict[socket.socket, float] = {}
    received: dict[socket.socket, bytes] = {}

    def send(connection: socket.socket) -> None:
        received[connection] = b""
        sent[connection] = time.perf_counter()
        connection.sendall(next(requests))

    started = time.perf_counter()
    for connection in connections:
        selector.register(connection, selectors.EVENT_READ, connection)
        send(connection)
    while sent:
        for key, _ in selector.select():
            connection = key.data
            received[connection] += _more(connection)
            if not _complete(received[connection]):
                continue
            now = time.perf_counter()
            _body(received[connection])
            timings.answers.append(now - sent.pop(connection))
            if now - started < seconds:
                send(connection)
            else:
                selector.unregister(connection)
    timings.total = time.perf_counter() - started
    return timings


def in_turn(target: Target, one: Callable[[socket.socket], None], *, times: int) -> Timings:
    """Do one thing ``times`` times over one connection, timing each."""
    timings = Timings()
    with target.connect() as connection:
        started = time.perf_counter()
        for _ in range(times):
            before = time.perf_counter()
            one(connection)
            timings.answers.append(time.perf_counter() - before)
        timings.total = time.perf_counter() - started
    return timings


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(_READ)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def _complete(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    return bool(found) and (head.startswith(_NOT_MODIFIED) or len(body) >= _length(head))


def _length(head: bytes) -> int:
    name = b"content-length:"
    place = head.lower().find(name)
    if place < 0:
        raise ConnectionError(f"an answer without a length: {head!r}")
    return int(head[place + len(name) :].split(b"\r\n", 1)[0])


def _body(received: bytes) -> bytes:
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 2", _NOT_MODIFIED)):
        raise ConnectionError(received.decode(errors="replace"))
    return body
