"""Trying rules out on a log that is not written."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from service.engine.simulate.simulation import Simulated
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.event_json import read_set_json
from service.http.replies import reply
from service.http.rules_json import without_log
from service.http.schemas.queries import NO_QUERY, query
from service.http.schemas.simulations import simulation_of
from service.http.strict_json import read
from service.usecases.rules.simulate import simulate
from service.usecases.services import Services

LARGEST_SIMULATION: Final = 4 * 1024 * 1024
"""Bytes in the body of a request for a simulation."""


def register(app: Flask, services: Services) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/simulations")
    def simulate_log() -> Response:
        """What rules would prescribe along a log; nothing is written."""
        query(NO_QUERY)
        rules, events = simulation_of(read(json_body(LARGEST_SIMULATION)))
        return reply(simulation_json(simulate(services, rules, events, gym=caller().gym)))


def simulation_json(simulated: Simulated) -> dict[str, Any]:
    """A simulation as the contract has it."""
    return {
        "initial": without_log(simulated.initial),
        "sessions": [
            {
                "number": each.number,
                "session_id": each.session_id,
                "read": [read_set_json(one) for one in each.read],
                "prescriptions": without_log(each.prescriptions),
            }
            for each in simulated.sessions
        ],
    }
