"""Everything that is refused, as RFC 9457 problem details: one renderer over the table of kinds."""

from __future__ import annotations

import http
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from service import logs
from service.domain.errors import (
    ClockGoesForward,
    IdempotencyConflict,
    InvalidInput,
    LogNotEmpty,
    NotFound,
    Problem,
    RequestUnderWay,
    Unavailable,
    WrongExpectedVersion,
)
from service.http.addresses import meant_by
from service.http.auth import RateLimitExceeded, Unauthorized, needs_key
from service.http.bodies import LARGEST_BODY, TooSlow
from service.http.places import Busy
from service.http.prefer_header import Preferences
from service.http.problem_kinds import (
    BAD_REQUEST,
    INTERNAL_ERROR,
    KINDS,
    METHOD_NOT_ALLOWED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    Kind,
)
from service.http.replies import encode
from service.http.streams import TooManyStreams
from service.usecases.log.warnings import Warned

MEDIA_TYPE: Final = "application/problem+json"

_MOST_PROBLEMS: Final = 50
"""A body of nothing but mistakes gets no longer answer than this."""

_OF_STATUS: Final = {
    400: (BAD_REQUEST, None),
    413: (TOO_LARGE, f"an event has at most {LARGEST_BODY} bytes"),
    415: (UNSUPPORTED_MEDIA_TYPE, None),
}
"""Kinds of what the framework refuses, and what to say where its own words would not help."""

_NOTHING_HERE: Final = "there is nothing at this path; /docs shows what there is, as /openapi.yaml says it"

_DETAILS: Final = {
    InvalidInput: "see errors for what is wrong where",
    Warned: "see warnings for what is probably not as it was meant; nothing was written",
}
"""What to say of errors that have more to say than a sentence."""

_log = logs.logger("spotter.http")


def register(app: Flask) -> None:
    """Answer every error of ``app`` with a problem."""
    app.register_error_handler(HTTPException, not_served)
    app.register_error_handler(Exception, _refused)


class Refusal(NamedTuple):
    """What to say of an error: the kind of problem, in a sentence, with further members and headers."""

    kind: Kind
    detail: str
    members: dict[str, Any]
    headers: dict[str, str]

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem, as RFC 9457 writes it."""
        return {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "request_id": request_id,
            **self.members,
        }


def refusal(error: Exception) -> Refusal:
    """What to say of an error; a mistake of ours shows nothing but its kind."""
    kind = next((KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS), INTERNAL_ERROR)
    if kind is INTERNAL_ERROR:
        return Refusal(kind, "the request id leads to the server's log", {}, {})
    if isinstance(error, Unavailable):
        logs.note(why=error.in_full)
    return Refusal(kind, _DETAILS.get(type(error), str(error)), _members(error), _headers(error))


def _members(error: Exception) -> dict[str, Any]:
    """What a problem says of an error beside what all problems say."""
    match error:
        case InvalidInput():
            return {"errors": _problems_json(error.problems)}
        case Warned():
            return {"warnings": error.warnings}
        case NotFound() if error.did_you_mean:
            return {"did_you_mean": error.did_you_mean}
        case WrongExpectedVersion():
            return {"actual_version": error.actual}
        case IdempotencyConflict() | LogNotEmpty():
            return {"version": error.version}
        case _:
            return {"now": error.shows} if isinstance(error, ClockGoesForward) else {}


def _headers(error: Exception) -> dict[str, str]:
    match error:
        case Unauthorized():
            return {"WWW-Authenticate": 'Bearer realm="spotter"'}
        case TooSlow():
            return {"Connection": "close"}
        case Warned():
            return {"Preference-Applied": str(Preferences(strict=True))}
        case Unavailable() | RateLimitExceeded() | TooManyStreams() | RequestUnderWay() | Busy():
            return {"Retry-After": str(error.retry_after)}
        case _:
            return {}


def _refused(error: Exception) -> Response:
    kind, detail, members, headers = refusal(error)
    return problem(kind, detail, headers, cause=error if kind is INTERNAL_ERROR else None, **members)


def not_served(error: HTTPException) -> Response:
    """The reply to what the framework refuses."""
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted({*(error.valid_methods or ()), "OPTIONS"}))
        if request.method == "OPTIONS":
            return Response(status=204, headers={"Allow": methods})
        return problem(METHOD_NOT_ALLOWED, f"this path takes {methods}", {"Allow": methods})
    status = http.HTTPStatus(error.code or 500)
    if status is http.HTTPStatus.NOT_FOUND:
        return _nothing_here()
    kind, detail = _OF_STATUS.get(status.value, (_unnamed(status), None))
    said = error.description if error.description != type(error).description else None
    return problem(kind, said or detail or error.description or kind.title, {})


def _nothing_here() -> Response:
    """There is nothing at this path; a page for people is shown where only a slash is too many."""
    near = meant_by(request.path)
    if near and near == request.path.rstrip("/") and not needs_key(near):
        return Response(status=308, headers={"Location": near})
    return _refused(NotFound(_NOTHING_HERE if not near else "there is nothing at this path", near))


def _unnamed(status: http.HTTPStatus) -> Kind:
    """The kind of what has no meaning beyond its status."""
    return Kind("", status.value, status.phrase, "", "")


def problem(
    kind: Kind, detail: str, headers: dict[str, str], *, cause: Exception | None = None, **members: Any
) -> Response:
    """A reply that tells what the problem is, where, and under which request id to find it in the log."""
    logs.note(problem=kind.slug)
    if cause is not None:
        _log.error("failed", operation=request.endpoint, exc_info=cause)
    document = Refusal(kind, detail, members, headers).document(g.request_id)
    return Response(encode(document), kind.status, headers, content_type=MEDIA_TYPE)


def _problems_json(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [
        {name: value for name, value in problem._asdict().items() if value or name != "did_you_mean"}
        for problem in problems[:_MOST_PROBLEMS]
    ]
