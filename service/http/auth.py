"""Who is asking: every request under ``/v1`` carries an API key, which says the gym and what may be done.

Or it carries a token made with one, which may do less: what `OF_A_LIFTER` names, of its own lifter.
"""

from __future__ import annotations

from typing import Final

from flask import Request, g, request

from service.domain.api_keys import ApiKey
from service.domain.errors import InvalidInput, KeyEnded, Problem, SpotterError
from service.domain.identifiers import LifterRef
from service.domain.lifter_tokens import MOST_REQUESTS_OF_A_TOKEN, LifterToken
from service.domain.rate_limits import WINDOW_S, Allowance
from service.http.current import kept, this_request
from service.http.schemas.identifiers import LIFTER
from service.usecases.gym.lifter_tokens import Bearer, find_bearer
from service.usecases.gym.tickets import use_ticket
from service.usecases.services import Services

CALLER: Final = "spotter.caller"
"""Where the environment of a request that a web process has let pass holds its key; no client can set it."""

ADMITTED: Final = "spotter.admitted"
"""Where that of a request, made to answer another, holds who that one came from: known, and counted."""

ASSISTANTS: Final = "mcp.exchange"
"""What takes the messages of assistants."""

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
    "set_clock": "admin",
    "reset_sandbox": "admin",
    "list_webhooks": "admin",
    "create_webhook": "admin",
    "get_webhook": "admin",
    "delete_webhook": "admin",
    "rotate_webhook": "admin",
    "resume_webhook": "admin",
    "list_dead_letters": "admin",
    "resend_dead_letter": "admin",
    "import_lifter": "admin",
    "check_rules": "rules",
    "run_rule_examples": "rules",
    "diff_rules": "rules",
    "publish_programme": "rules",
    "archive_programme": "rules",
    "create_rollout": "rules",
    "get_rollout": "rules",
    "list_rollout_lifters": "rules",
    "stop_rollout": "rules",
    "create_backtest": "rules",
    "get_backtest": "rules",
    "stop_backtest": "rules",
    "simulate_log": "read",  # it is posted, and yet writes nothing
    "create_ticket": "read",
    "create_token": "read",  # and for each scope of the token that scope
    ASSISTANTS: "read",  # and each tool needs the scope of its operation
}
"""The scope of each operation that does not follow the rule: reading needs ``read``, everything else ``write``."""

_CALLED: Final = {"key": "API key", "token": "token"}
"""What is counted, by the name of its policy."""

OF_A_LIFTER: Final = frozenset(
    {
        "append_event",
        "append_session",
        "list_events",
        "get_state",
        "get_profile",
        "get_statistics",
        "get_next_session",
        "get_prescription",
        "list_exercises",
        "get_exercise",
        "list_schemes",
        "get_scheme",
        "list_programmes",
        "get_programme",
        "list_changes",
        "create_ticket",
    }
)
"""The operations that take a token of a lifter, where it has the scope: those of its own lifter, and the library's."""


class Unauthorized(SpotterError):
    """A request without a key or token that is known and valid (HTTP 401)."""


class RateLimitExceeded(SpotterError):
    """A request beyond those that its key or token may make (HTTP 429). ``retry_after`` is in seconds."""

    def __init__(self, policy: str, limit: int, retry_after: int) -> None:
        super().__init__(
            f"this {_CALLED[policy]} may make {limit} requests in {WINDOW_S} seconds, and made them; "
            f"wait {retry_after} seconds"
        )
        self.retry_after = retry_after


class Forbidden(SpotterError):
    """A request with a key or token that may not do this (HTTP 403)."""


def scope_of(operation: str | None, method: str) -> str:
    """The scope that a key needs for an operation of the contract (None: for what is none) asked for by a method."""
    return _SCOPES.get(operation or "", "read" if method in _READING else "write")


def needs_key(path: str) -> bool:
    """Whether what is at a path is answered to whoever has a key only, and to each what is theirs."""
    return path in ("/v1", "/mcp") or path.startswith("/v1/")


def authenticate(services: Services) -> None:
    """Let a request that `needs_key` pass or raise, before anything else of it is looked at.

    Afterwards `caller` says who asks.
    """
    request, here = this_request(), kept()
    environ = request.environ
    if CALLER in environ:
        here.caller, here.token, here.has_ticket = environ[CALLER], None, False
        return
    if ADMITTED in environ:
        (here.caller, here.token), here.has_ticket = environ[ADMITTED], False
    else:
        here.has_ticket = _has_ticket(request)
        here.caller, here.token = _by_ticket(services) if here.has_ticket else _by_header(services)
        count_request(services)
    if here.token is not None:
        _check_reach(here.token)
    needs_scope(scope_of(request.endpoint, request.method))


def needs_scope(scope: str) -> None:
    """Raise `Forbidden` unless whoever asks has a scope."""
    if scope not in caller().scopes:
        raise Forbidden(f"this {_CALLED['key' if g.token is None else 'token']} lacks the scope {scope}")


def reaches(operation: str, method: str) -> bool:
    """Whether whoever asks may ask for an operation, by their scopes and by what a token reaches."""
    return scope_of(operation, method) in g.caller.scopes and (g.token is None or operation in OF_A_LIFTER)


def bound_to() -> str | None:
    """The lifter whose token the request came with, and of whom alone it is to be answered; None with a key."""
    return None if g.token is None else g.token.lifter.lifter


def has_ticket() -> bool:
    """Whether the request came with a ticket."""
    return bool(g.has_ticket)


def bearer() -> Bearer:
    """Who the request came from."""
    return Bearer(g.caller, g.token)


def _has_ticket(request: Request) -> bool:
    """Whether the request is for a stream, and says by a ticket and nothing else who it comes from."""
    is_stream = request.endpoint == "list_changes" and request.method == "GET"
    return is_stream and "HTTP_AUTHORIZATION" not in request.environ and "ticket" in request.args


def _by_ticket(services: Services) -> Bearer:
    try:
        found = use_ticket(services, request.args["ticket"])
    except KeyEnded as error:
        raise Unauthorized(str(error)) from None
    if found is None:
        raise Unauthorized("this ticket is not known: it may have been used, or be older than a minute")
    return found


def _by_header(services: Services) -> Bearer:
    scheme, _, presented = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise Unauthorized("send an API key: Authorization: Bearer <key>")
    try:
        found = find_bearer(services, presented.strip())
    except KeyEnded as error:
        raise Unauthorized(str(error)) from None
    if found is None:
        known = "this API key is not known, or this token, which may have expired or been revoked"
        raise Unauthorized(f"{known}; `spotter keys add` makes a key")
    return found


def count_request(services: Services) -> None:
    """Count the request of the caller; what a token does counts for the key that made it, too.

    Raises `RateLimitExceeded` for one too many.
    """
    here = kept()
    key: ApiKey = here.caller
    limit = key.rate_limit or services.settings.rate_limit
    if here.token is not None:
        _spend(services, "token", here.token.id, min(limit, MOST_REQUESTS_OF_A_TOKEN))
        of_token = here.standing, here.policy
    _spend(services, "key", key.id, limit)
    if here.token is not None:
        here.standing, here.policy = of_token


def _spend(services: Services, policy: str, name: str, limit: int) -> None:
    here = kept()
    here.policy = policy
    here.standing = standing = services.rate_limits.spend(here.caller.gym, name, limit)
    if not standing.allowed:
        raise RateLimitExceeded(policy, standing.limit, standing.reset_s)


def _check_reach(token: LifterToken) -> None:
    """Raise `Forbidden` for what no token reaches, and for another lifter, whether there is one or not."""
    operation = request.endpoint
    # Where there is no operation there is nothing to reach, and what an assistant asks for is looked at by itself.
    if operation not in (None, ASSISTANTS) and operation not in OF_A_LIFTER:
        raise Forbidden("a lifter's token is for what that lifter does next and has done, and for the library")
    if (request.view_args or {}).get("lifter", token.lifter.lifter) != token.lifter.lifter:
        raise Forbidden("this token is another lifter's")


def rate_limit_headers() -> dict[str, str]:
    """Where the caller's key or token stands, by the IETF's draft-ietf-httpapi-ratelimit-headers-11; none without."""
    here = kept()
    standing: Allowance | None = here.get("standing")
    if standing is None:
        return {}
    _, limit, left, reset_s = standing
    return {
        "RateLimit-Policy": f'"{here.policy}";q={limit};w={WINDOW_S}',
        "RateLimit": f'"{here.policy}";r={left};t={reset_s}',
    }


def caller() -> ApiKey:
    """The key that the request came with; of a token, the one that made it, with the token's scopes."""
    key: ApiKey = g.caller
    return key


def lifter_of(name: str) -> LifterRef:
    """A lifter of the caller's gym; raises `InvalidInput` for what no lifter can be called."""
    pattern, shape = LIFTER
    if not pattern.fullmatch(name):
        raise InvalidInput(Problem("/lifter", f"must be {shape}"))
    return LifterRef(caller().gym, name)
