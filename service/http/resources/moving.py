"""Leaving: the erasure of a lifter."""

from __future__ import annotations

from flask import Flask, Response

from service.domain.instants import render
from service.http.auth import caller, lifter_of
from service.http.replies import reply
from service.http.schemas.queries import NO_QUERY, query
from service.usecases.erase import erase
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.delete("/v1/lifters/<lifter>")
    def erase_lifter(lifter: str) -> Response:
        """Erase everything of a lifter, for good; again, the same reply."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        tombstone, rewrite = erase(services, reference, by=caller().id)
        return reply(
            {
                "lifter": lifter,
                "erased_at": render(tombstone.erased_at),
                "erased_by": tombstone.erased_by,
                "events": tombstone.events,
                "log_head": tombstone.log_head,
                "file_rewrite": rewrite,
            }
        )
