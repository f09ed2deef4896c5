"""What operators and tools look at: health, metrics and the contract. None of it needs a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response

from service.domain.errors import SpotterError
from service.http.kinds import NOT_READY
from service.http.metrics import CONTENT_TYPE, Metrics
from service.http.problems import problem
from service.http.replies import reply
from service.usecases.services import Services

CONTRACT: Final = Path(__file__).parents[3] / "openapi.yaml"


def register(app: Flask, services: Services, metrics: Metrics) -> None:
    """Add the operations to ``app``; the contract is read once."""
    contract = CONTRACT.read_bytes()

    @app.get("/livez")
    def get_liveness() -> Response:
        """The process is up."""
        return reply({"status": "ok"})

    @app.get("/readyz")
    def get_readiness() -> Response:
        """Every part that serving needs is up; 503 where one is not."""
        parts = {"log": _log(services), "queue": _queue(services), "rules": _rules(services)}
        unwell = [name for name, part in parts.items() if part["status"] != "ok"]
        if unwell:
            return problem(NOT_READY, f"not well: {', '.join(unwell)}", {"Retry-After": "5"}, parts=parts)
        return reply({"status": "ok", "parts": parts})

    @app.get("/metrics")
    def get_metrics() -> Response:
        """The numbers for Prometheus."""
        return Response(metrics.page(), content_type=CONTENT_TYPE)

    @app.get("/openapi.yaml")
    def get_contract() -> Response:
        """The contract itself."""
        return Response(contract, content_type="application/yaml")


def _log(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        promise = services.promise.check()
        return {"durability": promise.durability, "detail": promise.reason}

    return _part(ask)


def _queue(services: Services) -> dict[str, Any]:
    if services.wake.ping():
        return {"status": "ok"}
    return {"status": "unwell", "detail": "the queue's server does not answer; appends are safe, replay waits"}


def _rules(services: Services) -> dict[str, Any]:
    return _part(lambda: {"default": services.default_digest(), "programmes": len(services.rule_sets.published())})


def _part(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"status": "ok", **ask()}
    except SpotterError as error:
        return {"status": "unwell", "detail": str(error)}
