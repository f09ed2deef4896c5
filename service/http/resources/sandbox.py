"""A gym's clock, which a sandbox can set; and taking all lifters of a sandbox away."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from service.domain.instants import render
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.replies import reply
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, query
from service.http.schemas.sandbox import CLOCK, RESET
from service.http.strict_json import read
from service.usecases.gym import sandbox
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/clock")
    def get_clock() -> Response:
        """What time it is for the gym."""
        query(NO_QUERY)
        return reply(_clock_json(sandbox.read_clock(services, caller().gym)))

    @app.put("/v1/clock")
    def set_clock() -> Response:
        """Set the clock of a sandbox, forward only."""
        query(NO_QUERY)
        return reply(_clock_json(sandbox.set_clock(services, caller().gym, loaded(CLOCK, read(json_body()))["now"])))

    @app.post("/v1/reset")
    def reset_sandbox() -> Response:
        """Take all lifters of a sandbox away, and set its clock."""
        query(NO_QUERY)
        lifters, now = sandbox.reset(services, caller().gym, loaded(RESET, read(json_body())).get("now"))
        return reply({"lifters": lifters, "now": render(now)})


def _clock_json(clock: sandbox.Clock) -> dict[str, Any]:
    return {"now": render(clock.now), "sandbox": clock.sandbox}
