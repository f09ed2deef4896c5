"""The application: every request gets an id, is timed, must say who it is, and is answered in JSON, errors included."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import Final, TypeVar

from flask import Flask, Response

from service.http import auth, host_header, pages, problems, request_log
from service.http.bodies import MOST_READ
from service.http.bulkhead import Bulkhead
from service.http.cors import Cors
from service.http.costly import CostlyRequests
from service.http.current import kept, this_request
from service.http.mcp import door
from service.http.metrics import Metrics
from service.http.replies import vary
from service.http.resources import (
    bulk,
    changes,
    documents,
    drafts,
    erasure_and_transfer,
    explanations,
    gym_programmes,
    health,
    imports,
    keys,
    library,
    lifters,
    long_tasks,
    overviews,
    prescriptions,
    sandbox,
    sessions,
    simulations,
    tickets,
    tokens,
    webhooks,
)
from service.usecases.services import Services

_T = TypeVar("_T")

VERSION: Final = version("spotter")
"""That of the contract, too."""

_OTHERS: Final = (
    overviews,
    prescriptions,
    explanations,
    changes,
    webhooks,
    erasure_and_transfer,
    imports,
    library,
    gym_programmes,
    simulations,
    drafts,
    long_tasks,
    keys,
    tokens,
    tickets,
    sandbox,
)
"""The resources that need the services alone."""


class _Application(Flask):
    """An application of plain functions: what is not asynchronous need not be looked at for it, six times a request."""

    def ensure_sync(self, func: _T) -> _T:
        """The function itself."""
        return func


def create_app(services: Services, *, metrics_directory: str | None = None, bulkhead: Bulkhead | None = None) -> Flask:
    """The WSGI application over ``services``.

    ``metrics_directory`` is where the processes of one server share their counters (see `Metrics`). Costly requests are
    answered behind the ``bulkhead``, or without one here.
    """
    app = _Application("service.http", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MOST_READ, PROVIDE_AUTOMATIC_OPTIONS=False)
    # A path is what it says: no redirect, which would be HTML, from one with two slashes to another.
    app.url_map.merge_slashes = False
    metrics = Metrics(services, metrics_directory)
    costly = CostlyRequests(bulkhead)
    costly.register(app)
    services = replace(services, most_replayed=costly.most_replayed)
    browsers = pages.register(app, services, costly)
    cors = Cors(services.settings.cors_origins)

    @app.before_request
    def begin() -> Response | None:
        request_log.begin()
        host_header.check()
        if auth.needs_key(this_request().path):
            if (preflight := cors.preflight()) is not None:
                return preflight
            auth.authenticate(services)
        browsers.let_in()
        request_log.admitted()
        return costly.answered()

    @app.after_request
    def end(response: Response) -> Response:
        request = this_request()
        headers = response.headers
        if auth.needs_key(request.path):  # a cache must never give one gym what another was answered
            headers["Cache-Control"] = "private, no-cache"
            vary(response, "Authorization")
            cors.describe(response)
        if auth.CALLER not in request.environ:  # else the process that forwarded the request says so
            headers.extend(
                {
                    "X-Request-Id": kept().request_id,
                    "Spotter-Version": VERSION,
                    "X-Content-Type-Options": "nosniff",
                    **auth.rate_limit_headers(),
                }
            )
        costly.ended(response)
        metrics.observe_request(request.endpoint or "unknown", response.status_code, request_log.answered(response))
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        request_log.close()

    problems.register(app)
    lifters.register(app, services, metrics, costly)
    sessions.register(app, services, metrics, costly)
    bulk.register(app, services, metrics)
    for resource in _OTHERS:
        resource.register(app, services)
    health.register(app, services, metrics)
    documents.register(app)
    door.register(app, services)
    return app
