"""A session's events in one request, for whoever logs a workout once it is done."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Flask, Response, g

from service import logs
from service.domain.errors import SpotterError, TooMuchToReplay
from service.http.auth import caller, lifter_of
from service.http.bodies import json_body
from service.http.costly import CostlyRequests
from service.http.metrics import Metrics
from service.http.prefer_header import as_preferred, preferred
from service.http.receipts import changes_json, receipt_json, refused
from service.http.replies import reply
from service.http.schemas.queries import NO_QUERY, query
from service.http.schemas.sessions import posted_session
from service.http.schemas.submissions import ADDRESSES
from service.http.strict_json import read
from service.usecases.log import sessions
from service.usecases.log.batch import Receipt, Submission
from service.usecases.services import Services


def register(app: Flask, services: Services, metrics: Metrics, costly: CostlyRequests) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/lifters/<lifter>/sessions")
    def append_session(lifter: str) -> Response:
        """Append a session's events: 201, or 200 where none of them is new, with a receipt for each."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        wanted = preferred()
        body = json_body(else_=ADDRESSES)
        posted = posted_session(read(body))
        taken = [each for each in posted.events if isinstance(each, Submission)]
        session = sessions.Session(taken, posted.expected_version, posted.atomic, wanted.strict)
        try:
            receipt = sessions.append_session(
                services, reference, session, actor=caller().id, with_changes=not wanted.minimal
            )
        except TooMuchToReplay:  # to tell whether any of it is warned of
            return costly.forwarded(body)
        except SpotterError as error:
            metrics.count_refusal(error)
            raise
        appended = iter(receipt.events)
        became = [next(appended) if isinstance(each, Submission) else each for each in posted.events]
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
            "receipts": [_outcome(each) for each in complete],
        }
        changes = receipt.changes
        if receipt.rewritten is not None and changes is None and not wanted.minimal:
            changes = costly.changes(reference, *receipt.rewritten)
        if changes is not None:
            document["changes"] = changes_json(changes)
        return as_preferred(reply(document, 201 if counts["appended"] else 200), wanted)


def _outcome(became: Receipt | SpotterError) -> dict[str, Any]:
    if isinstance(became, Receipt):
        return receipt_json(became)
    return {"outcome": "refused", "problem": refused(became, g.request_id)}
