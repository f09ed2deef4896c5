"""What operators and their tools look at: liveness, readiness and metrics. None of it needs a key."""

from __future__ import annotations

from flask import Flask, Response

from service.http.metrics import CONTENT_TYPE, Metrics
from service.http.problem_kinds import NOT_READY
from service.http.problems import problem
from service.http.replies import reply
from service.usecases.readiness import readiness
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
        parts = readiness(services)
        unwell = [name for name, part in parts.items() if part["status"] == "unwell"]
        if unwell:
            return problem(NOT_READY, f"not well: {', '.join(unwell)}", {"Retry-After": "5"}, parts=parts)
        degraded = any(part["status"] == "degraded" for part in parts.values())
        return reply({"status": "degraded" if degraded else "ok", "parts": parts})

    @app.get("/metrics")
    def get_metrics() -> Response:
        """The numbers for Prometheus."""
        return Response(metrics.page(), content_type=CONTENT_TYPE)
