"""The id of each request, its trace, and the line that is logged when it is answered."""

from __future__ import annotations

import re
import secrets
import time
from typing import Final

from flask import Response, g, request

from service import logs, traces
from service.domain.identifiers import GYM_OR_LIFTER, LifterRef
from service.http.current import kept, this_request

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_BRACES: Final = str.maketrans("<>", "{}")

_log = logs.logger("spotter.http")


def begin() -> None:
    """Take the id that the client gave the request, or make one; whatever is logged until its end names it."""
    here = kept()
    here.begun = time.perf_counter()
    offered = request.environ.get("HTTP_X_REQUEST_ID", "")
    here.request_id = offered if _REQUEST_ID.fullmatch(offered) else secrets.token_hex(8)
    logs.begin(request_id=here.request_id)
    if traces.are_sent() and request.path.startswith("/v1"):
        _open_span()


def admitted() -> None:
    """Whoever asks is known: have the lines of the log name the gym, the key's id and the lifter."""
    here = kept()
    if "caller" not in here:
        return
    fields = {"gym": here.caller.gym}
    lifter = (request.view_args or {}).get("lifter", "")
    if GYM_OR_LIFTER.fullmatch(lifter):  # what cannot be an id might be anything
        fields["lifter"] = LifterRef(here.caller.gym, lifter).log_name
    if here.token is not None:
        logs.note(token=here.token.id)
    logs.note(key=here.caller.id, **fields)
    if "span" in here:
        for name, value in fields.items():
            here.span.set_attribute(f"spotter.{name}", value)


def answered(response: Response) -> float:
    """Log how the request was answered; the seconds that took, until the head of the reply was ready."""
    request, here = this_request(), kept()
    seconds: float = time.perf_counter() - here.begun
    # What is asked every few seconds only to see whether it is answered would bury the rest.
    log = _log.info if "caller" in here or response.status_code >= 400 else _log.debug
    log(
        "answered",
        method=request.method,
        operation=request.endpoint,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    if "span" in here:
        here.span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:
            traces.failed(str(response.status_code))
    return seconds


def close() -> None:
    """End what `begin` began."""
    if "open_span" in g:
        g.open_span.__exit__(None, None, None)


def _open_span() -> None:
    """Trace the request, on from where its client traces it."""
    route = request.url_rule.rule.translate(_BRACES) if request.url_rule is not None else None
    g.open_span = traces.span(
        f"{request.method} {route}" if route else request.method,
        "server",
        {name: request.headers.get(name, "") for name in ("traceparent", "tracestate")},
        http__request__method=request.method,
        http__route=route,
        spotter__request_id=g.request_id,
    )
    g.span = g.open_span.__enter__()
    if (trace_id := traces.trace_id()) is not None:
        logs.note(trace_id=trace_id)
