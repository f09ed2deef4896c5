"""Who is asking: every request under ``/v1`` carries an API key, which says the gym and what may be done."""

from __future__ import annotations

from flask import g, request

from service.domain.errors import InvalidInput, Problem, SpotterError
from service.domain.identifiers import GYM_OR_LIFTER, LifterRef
from service.store.api_keys import ApiKey, ApiKeys

_READING = frozenset({"GET", "HEAD"})
_ADMINISTERING = frozenset({"erase_lifter", "import_lifter"})


class Unauthorized(SpotterError):
    """A request without a key that is known (HTTP 401)."""


class Forbidden(SpotterError):
    """A request with a key that may not do this (HTTP 403)."""


def authenticate(keys: ApiKeys) -> None:
    """Let the request pass or raise, before anything else of it is looked at; afterwards `caller` says who asks."""
    if request.path != "/v1" and not request.path.startswith("/v1/"):
        return
    scheme, _, presented = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise Unauthorized("send an API key: Authorization: Bearer <key>")
    key = keys.verify(presented.strip())
    if key is None:
        raise Unauthorized("this API key is not known")
    scope = "admin" if request.endpoint in _ADMINISTERING else "read" if request.method in _READING else "write"
    if scope not in key.scopes:
        raise Forbidden(f"this API key may not {scope}")
    g.caller = key


def caller() -> ApiKey:
    """The key that the request came with."""
    key: ApiKey = g.caller
    return key


def lifter_of(name: str) -> LifterRef:
    """A lifter of the caller's gym; raises `InvalidInput` for what no lifter can be called."""
    if not GYM_OR_LIFTER.fullmatch(name):
        message = "must be a letter or digit, then at most 63 letters, digits, dots, underscores and hyphens"
        raise InvalidInput(Problem("/lifter", message))
    return LifterRef(caller().gym, name)
