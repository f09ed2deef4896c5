"""Costly requests: those whose work grows with a log or a body are answered on the other side of a bulkhead.

Some operations always are. Others are, where more would have to be replayed for them than this process does itself,
which is known before any of it is done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from typing import Final

import msgspec
from flask import Flask, Response, request

from service import logs
from service.domain.errors import TooMuchToReplay
from service.domain.identifiers import LifterRef
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.bulkhead import Answer, Bulkhead, Patience, Task, TooCostly
from service.http.places import Busy
from service.http.replies import reply
from service.http.resources.simulations import LARGEST_SIMULATION
from service.usecases.log.append import Receipt
from service.usecases.log.late_event_changes import Change, changes_between
from service.usecases.services import Services

MOST_REPLAYED: Final = 250
"""Events that a web process replays itself for a request, some 20 milliseconds."""

_COSTLY: Final = {
    "get_derivation": 0,
    "get_reasons": 0,
    "get_objections": 0,
    "get_alternatives": 0,
    "get_comparison": 0,
    "list_recommendations": 0,
    "get_statistics": 0,
    "export_lifter": 0,
    "simulate_log": LARGEST_SIMULATION,
}
"""The operations that always are, and how many bytes their bodies have at most."""

_LATE_CHANGES: Final = Patience(2.0, 2.0, 3.0)
"""How long the answer to an event that was appended waits for what else it could say."""

_ENCODING: Final = frozenset({"CONTENT_LENGTH", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING"})
"""What is said of a body that a task no longer has in that form."""

_decode_changes: Final = msgspec.json.Decoder(tuple[Change, ...]).decode


class CostlyRequests:
    """What this process does with costly requests: without a bulkhead, it answers them itself."""

    def __init__(self, bulkhead: Bulkhead | None) -> None:
        self._bulkhead = bulkhead
        self.most_replayed = math.inf if bulkhead is None else MOST_REPLAYED

    def register(self, app: Flask) -> None:
        """Have ``app`` answer those elsewhere of which it turns out that they are costly."""
        app.register_error_handler(TooMuchToReplay, lambda _: self._forwarded(b""))

    def answered(self) -> Response | None:
        """The answer to this request, where its operation is one of those that are always costly."""
        looks_ahead = request.endpoint == "get_next_session" and "ahead" in request.args
        largest = None if self._bulkhead is None else 0 if looks_ahead else _COSTLY.get(request.endpoint or "")
        return None if largest is None else self._forwarded(json_body(largest) if largest else b"")

    def completed(self, receipt: Receipt, lifter: LifterRef) -> Receipt:
        """A receipt with what a late event changed; without where that cannot be said in time."""
        if receipt.changes is not None:
            return receipt
        path = f"/v1/lifters/{lifter.lifter}/late-changes/{receipt.version}"
        environ = _forwardable() | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
        try:
            answer = self._asked(Task(environ, b"", caller()), _LATE_CHANGES)
            with closing(answer):
                body = b"".join(answer.pieces())
        except (Busy, TooCostly) as error:
            logs.note(changes_untold=str(error))
            return receipt
        return receipt._replace(changes=_decode_changes(body)) if answer.head.status == 200 else receipt

    def _forwarded(self, body: bytes) -> Response:
        answer = self._asked(Task(_forwardable() | {"CONTENT_LENGTH": str(len(body))}, body, caller()), Patience())
        head = answer.head
        if head.status in (204, 304) or any(name.lower() == "content-length" for name, _ in head.headers):
            with closing(answer):
                return Response(b"".join(answer.pieces()), head.status, head.headers)
        response = Response(answer.pieces(), head.status, head.headers)
        response.call_on_close(answer.close)
        return response

    def _asked(self, task: Task, patience: Patience) -> Answer:
        if self._bulkhead is None:
            raise RuntimeError("nothing is too much for a process without a bulkhead")
        is_gone: Callable[[], bool] = request.environ.get("spotter.is_gone", lambda: False)
        return self._bulkhead.answer(task, patience, is_gone)


def _forwardable() -> dict[str, str]:
    """What the request said beside its body, under the id that it has here."""
    return {name: value for name, value in request.environ.items() if type(value) is str and name not in _ENCODING}


def register_late_changes(app: Flask, services: Services) -> None:
    """Add to ``app`` what `CostlyRequests.completed` asks of it, which is no operation of the contract."""

    @app.get("/v1/lifters/<lifter>/late-changes/<int:version>")
    def list_late_changes(lifter: str, version: int) -> Response:
        return reply(changes_between(services, LifterRef(caller().gym, lifter), version - 1, version))
