"""Programmes of a gym's own: published and archived."""

from __future__ import annotations

from flask import Flask, Response

from service.http.auth import caller
from service.http.bodies import json_body
from service.http.library_json import own_programme_json
from service.http.replies import reply
from service.http.resources.drafts import LARGEST_DRAFT
from service.http.schemas.drafts import files_of
from service.http.schemas.identifiers import PROGRAMME
from service.http.schemas.queries import NO_QUERY, in_path, query
from service.http.strict_json import read
from service.usecases.rules.gym_programmes import archive_own, publish_own
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.put("/v1/programmes/<programme>")
    def publish_programme(programme: str) -> Response:
        """Publish a programme of the gym's own."""
        name = in_path("programme", programme, *PROGRAMME)
        query(NO_QUERY)
        done = publish_own(services, caller().gym, name, files_of(read(json_body(LARGEST_DRAFT))))
        response = reply(own_programme_json(done.rule_set, done.programme), 201 if done.before is None else 200)
        if done.before is None:
            response.headers["Location"] = f"/v1/programmes/{name}"
        return response

    @app.delete("/v1/programmes/<programme>")
    def archive_programme(programme: str) -> Response:
        """Have nobody be assigned a programme of the gym's own any more."""
        name = in_path("programme", programme, *PROGRAMME)
        query(NO_QUERY)
        archive_own(services, caller().gym, name)
        return Response(status=204)
