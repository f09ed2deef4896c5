"""A receiver of webhooks on this machine, which answers as the test says and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.bootstrap import Services
from service.domain.events import SetLogged
from service.domain.feed import Place, place_in_feed
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.http.replies import place_of
from service.store import key_names
from service.usecases.log.append import append_events
from service.usecases.log.batch import Submission
from service.usecases.projection.drain import drain


def place_named(change_id: str) -> Place:
    """The place in the feed that a change's id tells of."""
    place = place_in_feed(place_of(change_id))
    assert place is not None
    return place


@dataclass(frozen=True)
class Received:
    """A request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes in it."""
        document: dict[str, Any] = json.loads(self.body)
        found: list[dict[str, Any]] = document["data"]["changes"]
        return found

    @property
    def message_id(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What came, and how to answer: ``answer`` gives a status for each."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            status = receiver.answer(got)
            receiver.received.append(got)
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # that many may connect at once

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook?from=spotter"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def train(services: Services, gym: str, *lifters: str) -> None:
    """Each does a first set; a change of each."""
    for name in lifters:
        lifter = LifterRef(gym, name)
        data = SetLogged("deadlift", Load(Decimal(100), "kg"), reps=5)
        append_events(services, lifter, [Submission("s1", services.clock(), data)], actor="k_test")
        drain(services, key_names.group(lifter))


def told(received: list[Received]) -> list[str]:
    """The lifters of the changes that came, in order."""
    return [change["lifter"] for each in received for change in each.changes]
