"""A lifter's log, and the state that replaying it leads to."""

from __future__ import annotations

from flask import Flask, Response

from service import logs
from service.domain.errors import SpotterError, TooMuchToReplay
from service.http.auth import caller, lifter_of
from service.http.bodies import json_body
from service.http.costly import CostlyRequests
from service.http.event_json import logged_event
from service.http.metrics import Metrics
from service.http.prefer_header import as_preferred, preferred
from service.http.receipts import changes_json, receipt_json
from service.http.replies import number_of, reply, reply_page
from service.http.schemas.queries import AS_OF, EVENTS_QUERY, NO_QUERY, query
from service.http.schemas.submissions import ADDRESSES, posted
from service.http.strict_json import read
from service.usecases.lifter import prescribe
from service.usecases.log import append
from service.usecases.log.batch import Submission
from service.usecases.log.read import Sought, find_in_log
from service.usecases.services import Services


def register(app: Flask, services: Services, metrics: Metrics, costly: CostlyRequests) -> None:
    """Add the operations to ``app``."""

    @app.post("/v1/lifters/<lifter>/events")
    def append_event(lifter: str) -> Response:
        """Append one event to the lifter's log: 201, or 200 when this very event was there already."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        wanted = preferred()
        minimal = wanted.minimal
        body = json_body(else_=ADDRESSES)
        event = posted(read(body))
        try:
            receipt = append.append_event(
                services,
                reference,
                Submission(event.event_id, event.occurred_at, event.data),
                actor=caller().id,
                expected_version=event.expected_version,
                with_changes=not minimal,
                strict=wanted.strict,
            )
        except TooMuchToReplay:  # to tell whether it is warned of
            return costly.forwarded(body)
        except SpotterError as error:
            metrics.count_refusal(error)
            raise
        metrics.count_append(receipt.outcome)
        logs.note(version=receipt.version)
        receipt = costly.completed(receipt, reference, with_changes=not minimal)
        document = receipt_json(receipt)
        if receipt.late and not minimal and receipt.changes is not None:
            document["changes"] = changes_json(receipt.changes)
        return as_preferred(reply(document, 201 if receipt.outcome == "appended" else 200), wanted)

    @app.get("/v1/lifters/<lifter>/events")
    def list_events(lifter: str) -> Response:
        """The lifter's log, oldest first."""
        reference = lifter_of(lifter)
        asked = query(EVENTS_QUERY)
        after = number_of(asked["after"]) if "after" in asked else 0
        sought = Sought(asked.get("exercise"), asked.get("type"), asked.get("from"), asked.get("to"))
        entries, place = find_in_log(services, reference, sought, after=after, limit=asked["limit"])
        events = [logged_event(entry) for entry in entries]
        return reply_page("events", events, after=None if place is None else str(place))

    @app.get("/v1/lifters/<lifter>/state")
    def get_state(lifter: str) -> Response:
        """What replaying the log has made of the lifter."""
        return reply(prescribe.lifter_state(services, lifter_of(lifter), **query(AS_OF)))
