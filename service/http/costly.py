"""Costly requests: those whose work grows with a log or a body are answered on the other side of a bulkhead.

Some operations always are. Others are, where more would have to be replayed for them than this process does itself,
which is known before any of it is done.
"""

from __future__ import annotations

import http
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Final

import msgspec
from flask import Flask, Request, Response, g, request

from service import logs
from service.domain.errors import TooMuchToReplay
from service.domain.identifiers import LifterRef
from service.http.auth import caller
from service.http.bodies import file_body, form_body, json_body
from service.http.bulkhead import Answer, Bulkhead, Patience, Task, TooCostly
from service.http.current import this_request
from service.http.places import Busy, Places
from service.http.replies import reply
from service.http.resources.drafts import LARGEST_DRAFT
from service.http.resources.imports import LARGEST_FILE
from service.http.resources.simulations import LARGEST_SIMULATION
from service.usecases.log.batch import Receipt
from service.usecases.log.complete_receipt import Unsaid, unsaid
from service.usecases.log.late_event_changes import Change
from service.usecases.services import Services

MOST_REPLAYED: Final = 250
"""Events that a web process replays itself for a request, some 20 milliseconds."""

_COSTLY: Final = frozenset(
    {
        "get_derivation",
        "get_reasons",
        "get_objections",
        "get_alternatives",
        "get_comparison",
        "list_recommendations",
        "get_statistics",
        "export_lifter",
        "simulate_log",
        "import_log",
        "list_imports",
        "get_import",
        "take_back_import",
        "map_exercise_name",
        "check_rules",
        "run_rule_examples",
        "diff_rules",
        "publish_programme",
        "create_backtest",
        "pages.show_proof",
        "pages.find_proof",
        "pages.get_bundle",
        "pages.change_proof_links",
        "pages.show_linked_proof",
        "pages.get_linked_bundle",
        "pages.show_track",
        "pages.show_loads",
        "pages.list_overrides",
        "pages.show_imports",
        "pages.change_imports",
        "pages.try_rules",
    }
)
"""The operations and pages that always are."""

_SEARCHED: Final = frozenset({"exercise", "type", "from", "to"})
"""What a log is searched by, which may take looking at many events."""


_BODIES: Final[Mapping[str, Callable[[], bytes]]] = {
    "import_log": partial(file_body, LARGEST_FILE),
    "map_exercise_name": json_body,
    "pages.change_imports": form_body,
    "simulate_log": partial(json_body, LARGEST_SIMULATION),
    "check_rules": partial(json_body, LARGEST_DRAFT),
    "run_rule_examples": partial(json_body, LARGEST_DRAFT),
    "diff_rules": partial(json_body, 2 * LARGEST_DRAFT),
    "publish_programme": partial(json_body, LARGEST_DRAFT),
    "create_backtest": partial(json_body, LARGEST_DRAFT),
    "pages.change_proof_links": form_body,
    "pages.try_rules": form_body,
}
"""What takes the body of those that have one."""

_STREAMS: Final = frozenset({"append_events", "import_lifter"})
"""The operations whose bodies are worked on here, while they come."""

_SHORT_BODY: Final = 32 * 1024
"""Bytes of a body that is one of few events: some hundred."""

_BODIES_AT_ONCE: Final = 2
"""Longer bodies that a web process works on at once."""

_RECEIPT: Final = Patience(2.0, 2.0, 3.0)
"""How long the receipt of an event that was appended waits for what else it could say."""

_ENCODING: Final = frozenset({"CONTENT_LENGTH", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING"})
"""What is said of a body that a task no longer has in that form."""

_decode_unsaid: Final = msgspec.json.Decoder(Unsaid).decode


class CostlyRequests:
    """What this process does with costly requests: without a bulkhead, it answers them itself."""

    def __init__(self, bulkhead: Bulkhead | None) -> None:
        self._bulkhead = bulkhead
        self._bodies = None if bulkhead is None else Places(_BODIES_AT_ONCE)
        self.most_replayed = math.inf if bulkhead is None else MOST_REPLAYED

    def register(self, app: Flask) -> None:
        """Have ``app`` answer those elsewhere of which it turns out that they are costly."""
        app.register_error_handler(TooMuchToReplay, self.elsewhere)

    def elsewhere(self, _error: TooMuchToReplay) -> Response:
        """The answer to a request of which it turned out that it is costly."""
        return self.forwarded(b"")

    def answered(self) -> Response | None:
        """The answer to this request, where its operation is one of those that are always costly."""
        request = this_request()
        if self._bodies is not None and _has_long_body(request):
            g.leave_body = self._bodies.take(caller(), Patience().turn_s, _is_gone())
        if self._bulkhead is None or not _is_costly(request):
            return None
        body = _BODIES.get(request.endpoint or "")
        return self.forwarded(b"" if body is None else body())

    def ended(self, response: Response) -> None:
        """Have a place that this request took given up once all of its answer is sent."""
        if "leave_body" in g:
            response.call_on_close(g.pop("leave_body"))

    def completed(self, receipt: Receipt, lifter: LifterRef, *, with_changes: bool) -> Receipt:
        """A receipt with all that it should say; without what cannot be said in time."""
        late = with_changes and receipt.changes is None
        if receipt.warnings is not None and not late:
            return receipt
        rest = self._unsaid(lifter, receipt.version, receipt.version - 1 if late else None)
        if rest is None:
            return receipt
        return receipt._replace(warnings=rest.warnings, changes=rest.changes if late else receipt.changes)

    def changes(self, lifter: LifterRef, before: int, after: int) -> Sequence[Change] | None:
        """What late events changed between two versions of a log; None where it cannot be said in time."""
        rest = self._unsaid(lifter, after, before)
        return None if rest is None else rest.changes

    def _unsaid(self, lifter: LifterRef, version: int, since: int | None) -> Unsaid | None:
        path = f"/v1/lifters/{lifter.lifter}/receipts/{version}{'' if since is None else f'/since/{since}'}"
        environ = _forwardable() | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
        try:
            with closing(self._asked(Task(environ, b"", caller()), _RECEIPT)) as answer:
                body = b"".join(answer.pieces())
        except (Busy, TooCostly) as error:
            logs.note(unsaid=str(error))
            return None
        return _decode_unsaid(body) if answer.head.status == http.HTTPStatus.OK else None

    def forwarded(self, body: bytes) -> Response:
        """The answer to this request, whose body was read already, from the other side of the bulkhead."""
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
        return self._bulkhead.answer(task, patience, _is_gone())


def _is_costly(request: Request) -> bool:
    """Whether a request is, by its operation, and by how much of a log it lists, searches or looks ahead of."""
    operation = request.endpoint
    if operation == "list_events":
        return request.args.get("limit", 0, type=int) > MOST_REPLAYED or not _SEARCHED.isdisjoint(request.args)
    if operation == "get_next_session":
        return "ahead" in request.args
    if operation in ("list_lifters", "pages.list_lifters"):
        return "only" in request.args
    return operation in _COSTLY


def _has_long_body(request: Request) -> bool:
    """Whether a request comes with many events, which are taken as they come."""
    return request.endpoint in _STREAMS and not 0 <= (request.content_length or -1) <= _SHORT_BODY


def _is_gone() -> Callable[[], bool]:
    """What tells whether the client has left, as far as whoever serves the application says so."""
    is_gone: Callable[[], bool] = request.environ.get("spotter.is_gone", lambda: False)
    return is_gone


def _forwardable() -> dict[str, str]:
    """What the request said beside its body, under the id that it has here."""
    return {name: value for name, value in request.environ.items() if type(value) is str and name not in _ENCODING}


def register_receipts(app: Flask, services: Services) -> None:
    """Add to ``app`` what `CostlyRequests.completed` asks of it, which is no operation of the contract."""

    def complete_receipt(lifter: str, version: int, since: int | None = None) -> Response:
        return reply(unsaid(services, LifterRef(caller().gym, lifter), version, since))

    rule = "/v1/lifters/<lifter>/receipts/<int:version>"
    for each in (rule, f"{rule}/since/<int:since>"):
        app.add_url_rule(each, view_func=complete_receipt)
