"""Who is asking: every request under ``/v1`` carries an API key, which says the gym and what may be done."""

from __future__ import annotations

from typing import Final

from flask import g, request

from service.domain.api_keys import ApiKey
from service.domain.errors import InvalidInput, KeyEnded, Problem, SpotterError
from service.domain.identifiers import LifterRef
from service.domain.rate_limits import WINDOW_S, Allowance
from service.http.schemas.identifiers import LIFTER
from service.usecases.services import Services

_POLICY: Final = "key"
"""The name of the one policy that there is."""

CALLER: Final = "spotter.caller"
"""Where the environment of a request that a web process has let pass holds its key; no client can set it."""

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SCOPES: Final = {
    "get_derivation": "audit",
    "get_reasons": "audit",
    "get_objections": "audit",
    "get_alternatives": "audit",
    "get_comparison": "audit",
    "list_recommendations": "audit",
    "export_lifter": "audit",
    "list_keys": "admin",
    "create_key": "admin",
    "get_key": "admin",
    "revoke_key": "admin",
    "rotate_key": "admin",
    "erase_lifter": "admin",
    "list_webhooks": "admin",
    "create_webhook": "admin",
    "get_webhook": "admin",
    "delete_webhook": "admin",
    "rotate_webhook": "admin",
    "resume_webhook": "admin",
    "list_dead_letters": "admin",
    "resend_dead_letter": "admin",
    "import_lifter": "admin",
    "simulate_log": "read",  # it is posted, and yet writes nothing
}
"""The scope of each operation that does not follow the rule: reading needs ``read``, everything else ``write``."""


class Unauthorized(SpotterError):
    """A request without a key that is known and valid (HTTP 401)."""


class RateLimitExceeded(SpotterError):
    """A request beyond those that its key may make (HTTP 429). ``retry_after`` is in seconds."""

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(
            f"this API key may make {limit} requests in {WINDOW_S} seconds, and made them; wait {retry_after} seconds"
        )
        self.retry_after = retry_after


class Forbidden(SpotterError):
    """A request with a key that may not do this (HTTP 403)."""


def scope_of(operation: str | None, method: str) -> str:
    """The scope that a key needs for an operation of the contract (None: for what is none) asked for by a method."""
    return _SCOPES.get(operation or "", "read" if method in _READING else "write")


def needs_key(path: str) -> bool:
    """Whether what is at a path is answered to whoever has a key only, and to each what is theirs."""
    return path == "/v1" or path.startswith("/v1/")


def authenticate(services: Services) -> None:
    """Let the request pass or raise, before anything else of it is looked at; afterwards `caller` says who asks."""
    if not needs_key(request.path):
        return
    if CALLER in request.environ:
        g.caller = request.environ[CALLER]
        return
    scheme, _, presented = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise Unauthorized("send an API key: Authorization: Bearer <key>")
    try:
        key = services.keys.verify(presented.strip())
    except KeyEnded as error:
        raise Unauthorized(str(error)) from None
    if key is None:
        raise Unauthorized("this API key is not known; `spotter keys add` makes one")
    g.caller = key
    g.standing = services.rate_limits.spend(key.gym, key.id, key.rate_limit or services.settings.rate_limit)
    if not g.standing.allowed:
        raise RateLimitExceeded(g.standing.limit, g.standing.reset_s)
    scope = scope_of(request.endpoint, request.method)
    if scope not in key.scopes:
        raise Forbidden(f"this API key lacks the scope {scope}")


def rate_limit_headers() -> dict[str, str]:
    """Where the caller's key stands, by the IETF's draft-ietf-httpapi-ratelimit-headers-11; none without a caller."""
    standing: Allowance | None = g.get("standing")
    if standing is None:
        return {}
    _, limit, left, reset_s = standing
    return {
        "RateLimit-Policy": f'"{_POLICY}";q={limit};w={WINDOW_S}',
        "RateLimit": f'"{_POLICY}";r={left};t={reset_s}',
    }


def caller() -> ApiKey:
    """The key that the request came with."""
    key: ApiKey = g.caller
    return key


def lifter_of(name: str) -> LifterRef:
    """A lifter of the caller's gym; raises `InvalidInput` for what no lifter can be called."""
    pattern, shape = LIFTER
    if not pattern.fullmatch(name):
        raise InvalidInput(Problem("/lifter", f"must be {shape}"))
    return LifterRef(caller().gym, name)
