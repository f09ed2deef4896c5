"""Explaining a prescription: why, why not, what would have changed it, what differs, and what came of it."""

from __future__ import annotations

from flask import Flask, Response

from service.engine.derive.why import Expectation
from service.http.auth import lifter_of
from service.http.replies import number_of, reply, reply_page
from service.http.schemas.queries import DIFF, NO_QUERY, PAGE, WHAT_IF, WHY_NOT, exercise_of, query
from service.usecases.lifter import explain
from service.usecases.lifter.recommendation_history import recommended
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/lifters/<lifter>/derivations/<prescription_id>/why")
    def get_reasons(lifter: str, prescription_id: str) -> Response:
        """The chain of events and rules in sentences."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        return reply(explain.reasons(services, reference, prescription_id))

    @app.get("/v1/lifters/<lifter>/derivations/<prescription_id>/why-not")
    def get_objections(lifter: str, prescription_id: str) -> Response:
        """What kept the rules of an outcome, or a rule, from having their way."""
        reference = lifter_of(lifter)
        return reply(explain.objections(services, reference, prescription_id, Expectation(**query(WHY_NOT))))

    @app.get("/v1/lifters/<lifter>/derivations/<prescription_id>/what-if")
    def get_alternatives(lifter: str, prescription_id: str) -> Response:
        """The smallest change to the last session that leads elsewhere."""
        reference = lifter_of(lifter)
        return reply(explain.alternatives(services, reference, prescription_id, **query(WHAT_IF)))

    @app.get("/v1/lifters/<lifter>/derivations/<prescription_id>/diff")
    def get_comparison(lifter: str, prescription_id: str) -> Response:
        """What differs between two derivations."""
        reference = lifter_of(lifter)
        return reply(explain.comparison(services, reference, prescription_id, **query(DIFF)))

    @app.get("/v1/lifters/<lifter>/prescriptions/<exercise>/history")
    def list_recommendations(lifter: str, exercise: str) -> Response:
        """What was recommended and what was done, oldest first."""
        reference = lifter_of(lifter)
        name = exercise_of(exercise)
        page = query(PAGE)
        after = number_of(page["after"]) if "after" in page else 0
        given, more = recommended(services, reference, name, after=after, limit=page["limit"])
        return reply_page("recommendations", given, after=str(after + len(given)) if more else None)
