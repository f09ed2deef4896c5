"""A lifter's erasure, export and import."""

from __future__ import annotations

from flask import Flask, Response

from service.domain.instants import render
from service.http.auth import caller, lifter_of
from service.http.bodies import ndjson_lines
from service.http.replies import reply
from service.http.schemas.queries import NO_QUERY, query
from service.usecases.lifter.erase import erase
from service.usecases.lifter.export import export
from service.usecases.lifter.restore import LONGEST_LINE, restore_lifter
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

    @app.get("/v1/lifters/<lifter>/export")
    def export_lifter(lifter: str) -> Response:
        """Everything that another Spotter needs to answer the same, streamed as NDJSON."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        name = {"Content-Disposition": f'attachment; filename="{lifter}.ndjson"'}
        return Response(export(services, reference), headers=name, content_type="application/x-ndjson")

    @app.post("/v1/lifters/<lifter>/import")
    def import_lifter(lifter: str) -> Response:
        """Take in an export, all or nothing."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        return reply(restore_lifter(services, reference, ndjson_lines(LONGEST_LINE))._asdict(), 201)
