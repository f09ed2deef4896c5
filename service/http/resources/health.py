"""What operators and their tools look at: liveness, readiness and metrics. None of it needs a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from service.domain.errors import SpotterError
from service.http.metrics import CONTENT_TYPE, Metrics
from service.http.problem_kinds import NOT_READY
from service.http.problems import problem
from service.http.replies import reply
from service.usecases.services import Services


def register(app: Flask, services: Services, metrics: Metrics) -> None:
    """Add the operations to ``app``."""

    @app.get("/livez")
    def get_liveness() -> Response:
        """The process is up."""
        return reply({"status": "ok"})

    @app.get("/readyz")
    def get_readiness() -> Response:
        """Every part that serving needs is up; 503 where one is not. Of the others it is said how they are."""
        parts = {
            "log": _log(services),
            "queue": _queue(services),
            "rules": _rules(services),
            "workers": _workers(services),
            "sweeper": _sweeper(services),
        }
        unwell = [name for name, part in parts.items() if part["status"] == "unwell"]
        if unwell:
            return problem(NOT_READY, f"not well: {', '.join(unwell)}", {"Retry-After": "5"}, parts=parts)
        degraded = any(part["status"] == "degraded" for part in parts.values())
        return reply({"status": "degraded" if degraded else "ok", "parts": parts})

    @app.get("/metrics")
    def get_metrics() -> Response:
        """The numbers for Prometheus."""
        return Response(metrics.page(), content_type=CONTENT_TYPE)


def _log(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        promise = services.promise.check()
        services.promise.check_writable()
        return {"durability": promise.durability, "detail": promise.reason}

    return _part(ask)


def _queue(services: Services) -> dict[str, Any]:
    if services.wake.ping():
        return {"status": "ok"}
    return {"status": "unwell", "detail": "the queue's server does not answer; appends are safe, replay waits"}


def _rules(services: Services) -> dict[str, Any]:
    return _part(lambda: {"default": services.default_digest(), "programmes": len(services.rule_sets.published())})


def _workers(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        alive = sum(worker.is_alive for worker in services.workers.all(services.clock()))
        if not alive:
            return {"status": "degraded", "alive": 0, "detail": "no worker is alive; reads replay by themselves"}
        return {"alive": alive}

    return _part(ask, "degraded")


def _sweeper(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        if services.workers.sweeper() is None:
            return {"status": "degraded", "detail": "no sweeper swept lately; what a crash leaves behind stays behind"}
        return {}

    return _part(ask, "degraded")


def _part(ask: Callable[[], dict[str, Any]], otherwise: str = "unwell") -> dict[str, Any]:
    """A part as ``ask`` finds it, and ``otherwise`` what it is called where that fails."""
    try:
        return {"status": "ok", **ask()}
    except SpotterError as error:
        return {"status": otherwise, "detail": str(error)}
