"""What to do next, what comes after it, and the proof of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response

from service.domain.instants import render
from service.domain.prescription import Prescription
from service.engine.simulate.sessions_ahead import SessionAhead
from service.http.auth import lifter_of
from service.http.etags import Confirmations, Question
from service.http.prefer_header import Preferences, as_preferred, prefers_minimal
from service.http.replies import reply
from service.http.rules_json import without_log
from service.http.schemas.queries import NO_QUERY, SESSION_QUERY, SLOT_QUERY, exercise_of, query
from service.usecases.lifter import explain, prescribe
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""
    confirmations = Confirmations(services)

    @app.get("/v1/lifters/<lifter>/prescriptions")
    def get_next_session(lifter: str) -> Response:
        """What is left of the open session, else the next one."""
        reference = lifter_of(lifter)
        asked = query(SESSION_QUERY)
        plain = not asked
        dormant = asked.pop("include", None) is not None
        ahead = asked.pop("ahead", 0)
        minimal = prefers_minimal()

        def ask() -> tuple[Any, Sequence[Prescription]]:
            prescriptions = prescribe.next_session(services, reference, dormant=dormant, displayed=not minimal, **asked)
            document: dict[str, Any] = {"prescriptions": prescriptions}
            if ahead:
                following = prescribe.following_sessions(services, reference, prescriptions, ahead, **asked)
                document["ahead"] = [_ahead(session) for session in following]
            return document, prescriptions

        question = Question(reference, None, None, minimal, plain, ahead)
        return as_preferred(confirmations.answer(question, ask), Preferences(minimal))

    @app.get("/v1/lifters/<lifter>/prescriptions/<exercise>")
    def get_prescription(lifter: str, exercise: str) -> Response:
        """What to do next of an exercise."""
        reference = lifter_of(lifter)
        name = exercise_of(exercise)
        asked = query(SLOT_QUERY)
        minimal = prefers_minimal()

        def ask() -> tuple[Any, Sequence[Prescription]]:
            prescription = prescribe.next_for(services, reference, name, displayed=not minimal, **asked)
            return prescription, [prescription]

        question = Question(reference, name, asked.get("slot"), minimal, asked.keys() <= {"slot"})
        return as_preferred(confirmations.answer(question, ask), Preferences(minimal))

    @app.get("/v1/lifters/<lifter>/derivations/<prescription_id>")
    def get_derivation(lifter: str, prescription_id: str) -> Response:
        """The proof of a prescription."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        return reply(explain.derivation(services, reference, prescription_id))


def _ahead(session: SessionAhead) -> dict[str, Any]:
    return {"at": render(session.at), "prescriptions": without_log(session.prescriptions)}
