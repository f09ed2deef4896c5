"""What others notice of clients that drip: 200 their headers and 200 their bodies, a byte a second."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.client import Target, Timings, load

_DRIPPERS: Final = 200
_SECONDS: Final = 5.0


def with_drippers(target: Target, requests: Iterator[bytes]) -> tuple[Timings, Timings]:
    """The timings of requests from 4 connections without clients that drip, and with them."""
    with target.connections(4) as connections:
        alone = load(connections, requests, seconds=_SECONDS)
        with _dripping(target):
            beside = load(connections, requests, seconds=_SECONDS)
    return alone, beside


@contextmanager
def _dripping(target: Target) -> Iterator[None]:
    """Have as many clients drip for as long as the server lets them, and then others in their place."""
    stop = threading.Event()
    drip = threading.Thread(target=_drip, args=(target, stop))
    drip.start()
    try:
        yield
    finally:
        stop.set()
        drip.join()


def _drip(target: Target, stop: threading.Event) -> None:
    request = target.post("/v1/lifters/dripping/events", "x" * 60_000)
    head = request.index(b"\r\n\r\n")
    begun = {"header": request[:head], "body": request[: head + 4]}
    connections: list[tuple[str, socket.socket]] = []
    while not stop.is_set():
        for kind, first in begun.items():
            for _ in range(_DRIPPERS - sum(each == kind for each, _ in connections)):
                connection = target.connect()
                connection.sendall(first)
                connections.append((kind, connection))
        connections = [each for each in connections if _goes_on(each[1])]
        stop.wait(1)
    for _, connection in connections:
        connection.close()


def _goes_on(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"x")
    except OSError:
        connection.close()
        return False
    return True
