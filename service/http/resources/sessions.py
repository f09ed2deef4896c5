"""A session's events in one request, for whoever logs a workout once it is done."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Flask, Response, g

from service import logs
from service.domain.errors import SpotterError
from service.http.auth import caller, lifter_of
from service.http.bodies import json_body
from service.http.costly import CostlyRequests
from service.http.metrics import Metrics
from service.http.problems import refusal
from service.http.replies import reply
from service.http.schemas.queries import NO_QUERY, query
from service.http.schemas.sessions import posted_session
from service.http.schemas.submissions import ADDRESSES
from service.http.strict_json import read
from service.usecases.log.append import Receipt, Submission, append_events
from service.usecases.services import Services


def register(app: Flask, services: Services, metrics: Metrics, costly: CostlyRequests) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/lifters/<lifter>/sessions")
    def append_session(lifter: str) -> Response:
        """Append a session's events: 201, or 200 where none of them is new, with a receipt for each."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        session = posted_session(read(json_body(else_=ADDRESSES)))
        taken = [each for each in session.events if isinstance(each, Submission)]
        try:
            appended = iter(
                append_events(
                    services,
                    reference,
                    taken,
                    actor=caller().id,
                    expected_version=session.expected_version,
                    atomic=session.atomic,
                )
            )
        except SpotterError as error:
            metrics.count_refusal(error)
            raise
        became = [next(appended) if isinstance(each, Submission) else each for each in session.events]
        counts = Counter(each.outcome if isinstance(each, Receipt) else "refused" for each in became)
        for outcome, count in counts.items():
            metrics.count_append(outcome, count)
        logs.note(version=max((each.version for each in became if isinstance(each, Receipt)), default=0))
        complete = [
            costly.completed(each, reference, with_changes=False) if isinstance(each, Receipt) else each
            for each in became
        ]
        document = {
            **{name: counts[name] for name in ("appended", "already_appended", "refused")},
            "receipts": [_receipt(each) for each in complete],
        }
        return reply(document, 201 if counts["appended"] else 200)


def _receipt(became: Receipt | SpotterError) -> dict[str, Any]:
    if not isinstance(became, Receipt):
        return {"outcome": "refused", "problem": refusal(became).document(g.request_id)}
    warnings = {"warnings": became.warnings} if became.warnings else {}
    event_id, version, outcome, durability, *_ = became
    return {"event_id": event_id, "version": version, "outcome": outcome, "durability": durability, **warnings}
