"""Pages of other origins: what a browser is told of them (https://fetch.spec.whatwg.org/#http-cors-protocol).

A browser lets a page of a configured origin read what is answered under ``/v1`` and ``/mcp``, whatever its status. It
asks first (a preflight), without a key, which is answered before anybody is asked who they are. Cookies are never let
in.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from flask import Response, request

from service.http.auth import Forbidden

_METHODS: Final = "GET, HEAD, POST, DELETE"
_HEADERS: Final = (
    "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-None-Match, Last-Event-ID, "
    "MCP-Protocol-Version, Mcp-Method, Mcp-Name, Prefer, X-Request-Id, traceparent, tracestate"
)
_EXPOSED: Final = (
    "ETag, Idempotent-Replayed, Link, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
    "Spotter-Version, X-Request-Id"
)
_REMEMBERED_S: Final = 7200
"""How long a browser need not ask again; none remembers it longer than two hours."""


class Cors:
    """What pages of these origins, written as browsers send them, may do; of no origins, nothing is said of any."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def preflight(self) -> Response | None:
        """The answer to a preflight of one of the origins; None where the request is none."""
        if request.method != "OPTIONS" or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in request.environ:
            return None
        if not self._origins or request.environ.get("HTTP_ORIGIN") not in self._origins:
            return None
        response = Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _HEADERS
        response.headers["Access-Control-Max-Age"] = str(_REMEMBERED_S)
        return response

    def check(self) -> None:
        """Raise `Forbidden` for a page of another origin: one that was led here by a name of its own, say."""
        origin = request.environ.get("HTTP_ORIGIN")
        if origin is not None and origin not in self._origins:
            raise Forbidden("pages of this origin may not ask here: SPOTTER_CORS_ORIGINS names those that may")

    def describe(self, response: Response) -> None:
        """Say in a response whether the page that asked may read it."""
        if not self._origins:
            return
        response.vary.add("Origin")  # also where none is named: a cache must not give that to one who names one
        origin = request.environ.get("HTTP_ORIGIN")
        if origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
