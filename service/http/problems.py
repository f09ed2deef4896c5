"""Everything that is refused, as RFC 9457 problem details: one table from errors to problems, and one renderer."""

from __future__ import annotations

import http
import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service.domain.errors import (
    Erased,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Poisoned,
    Problem,
    SpotterError,
    Unavailable,
    WrongExpectedVersion,
)
from service.http.auth import Forbidden, Unauthorized
from service.http.bodies import LARGEST_BODY
from service.http.replies import encode
from service.http.strict_json import NotJson
from service.store.gyms import GymSuspended
from service.store.moves import NotEmpty

MEDIA_TYPE: Final = "application/problem+json"

_MOST_PROBLEMS: Final = 50
"""A body of nothing but mistakes gets no longer answer than this."""

_log = structlog.get_logger("spotter.http")


class Kind(NamedTuple):
    """A kind of problem; its ``type`` is ``/problems/<slug>``."""

    slug: str
    status: int
    title: str


KINDS: Final[dict[type[Exception], Kind]] = {
    NotJson: Kind("not-json", 400, "The body is not JSON"),
    Unauthorized: Kind("unauthorized", 401, "A valid API key is needed"),
    Forbidden: Kind("forbidden", 403, "The API key lacks the scope"),
    GymSuspended: Kind("gym-suspended", 403, "The gym is suspended"),
    NotFound: Kind("not-found", 404, "Not found"),
    Erased: Kind("erased", 410, "The lifter was erased"),
    IdempotencyConflict: Kind("idempotency-conflict", 409, "The event id was used with other content"),
    WrongExpectedVersion: Kind("wrong-expected-version", 409, "The log is at another version"),
    InvalidInput: Kind("invalid-input", 422, "The input is not valid"),
    NotEmpty: Kind("not-empty", 409, "The lifter has a log already"),
    Poisoned: Kind("unreadable-event", 500, "An event of the log cannot be read"),
    Unavailable: Kind("unavailable", 503, "Not available just now"),
}

_INTERNAL: Final = Kind("internal-error", 500, "Something went wrong on our side")

_OF_STATUS: Final = {
    400: (Kind("bad-request", 400, "The request cannot be understood"), None),
    404: (KINDS[NotFound], "there is nothing at this path; /openapi.yaml says what there is"),
    405: (Kind("method-not-allowed", 405, "The method is not allowed here"), "see Allow for the methods of this path"),
    413: (Kind("too-large", 413, "The body is too large"), f"an event has at most {LARGEST_BODY} bytes"),
    415: (Kind("unsupported-media-type", 415, "The body has the wrong media type"), None),
}
"""Kinds of what the framework refuses, and what to say where its own words would not help."""


def register(app: Flask) -> None:
    """Answer every error of ``app`` with a problem."""
    app.register_error_handler(SpotterError, _refused)
    app.register_error_handler(HTTPException, _not_served)
    app.register_error_handler(Exception, _failed)


def _refused(error: SpotterError) -> Response:
    kind = next((KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS), None)
    if kind is None:
        return _failed(error)
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    detail = str(error)
    match error:
        case InvalidInput():
            detail = "see errors for what is wrong where"
            members["errors"] = _shown(error.problems)
        case NotEmpty():
            members["version"] = error.version
        case WrongExpectedVersion():
            members["actual_version"] = error.actual
        case IdempotencyConflict():
            members["version"] = error.version
        case Unauthorized():
            headers["WWW-Authenticate"] = 'Bearer realm="spotter"'
        case Unavailable():
            headers["Retry-After"] = str(error.retry_after)
    return problem(kind, detail, headers, **members)


def _not_served(error: HTTPException) -> Response:
    status = http.HTTPStatus(error.code or 500)
    unnamed = Kind(status.phrase.lower().replace(" ", "-"), status.value, status.phrase)
    kind, detail = _OF_STATUS.get(status.value, (unnamed, None))
    headers = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    said = error.description if error.description != type(error).description else None
    return problem(kind, said or detail or error.description or kind.title, headers)


def _failed(error: Exception) -> Response:
    return problem(_INTERNAL, "the request id leads to the server's log", {}, cause=error)


def problem(
    kind: Kind, detail: str, headers: dict[str, str], *, cause: Exception | None = None, **members: Any
) -> Response:
    """A reply that tells what the problem is, where, and under which request id to find it in the log."""
    _log.log(
        logging.ERROR if kind.status == _INTERNAL.status else logging.INFO,
        "refused",
        request_id=g.request_id,
        operation=request.endpoint,
        gym=g.caller.gym if "caller" in g else None,
        problem=kind.slug,
        exc_info=cause,
    )
    document = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "request_id": g.request_id,
        **members,
    }
    return Response(encode(document), kind.status, headers, content_type=MEDIA_TYPE)


def _shown(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"pointer": pointer, "message": message} for pointer, message in problems[:_MOST_PROBLEMS]]
