"""Tickets: what a page opens a stream with."""

from __future__ import annotations

from flask import Flask, Response

from service.domain.instants import render
from service.http.auth import bearer
from service.http.replies import reply
from service.http.schemas.queries import NO_QUERY, query
from service.usecases.gym.tickets import make_ticket
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/tickets")
    def create_ticket() -> Response:
        """Make a ticket for a stream of what the caller may listen to."""
        query(NO_QUERY)
        secret, expires_at = make_ticket(services, bearer())
        return reply({"ticket": secret, "expires_at": render(expires_at)}, 201)
