"""What screens show of lifters beside prescriptions."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from service.domain.identifiers import GYM_OR_LIFTER
from service.http.auth import caller
from service.http.replies import place_of, reply_page, time_or_none
from service.http.schemas.queries import PAGE, in_path, query
from service.usecases.gym.lifters import ListedLifter, lifters_at_a_glance
from service.usecases.services import Services

_PLACE: Final = (GYM_OR_LIFTER, "the cursor of this list's next page, as it was given")


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/lifters")
    def list_lifters() -> Response:
        """The gym's lifters, each at a glance."""
        page = query(PAGE)
        after = in_path("after", place_of(page["after"]), *_PLACE) if "after" in page else None
        listed = lifters_at_a_glance(services, caller().gym, after=after, limit=page["limit"])
        return reply_page("lifters", [_listed(each) for each in listed.lifters], listed.after)


def _listed(lifter: ListedLifter) -> dict[str, Any]:
    return {**lifter._asdict(), "last_trained_at": time_or_none(lifter.last_trained_at)}
