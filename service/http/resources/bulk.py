"""Many lifters' events in one request: lines in, and as many lines out while both are still on their way."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response, request

from service.domain.errors import InvalidInput, Problem
from service.http.auth import caller
from service.http.bodies import ndjson_chunks
from service.http.bulk_answer import BulkAnswer
from service.http.metrics import Metrics
from service.http.prefer_header import as_preferred, preferred
from service.http.schemas.queries import NO_QUERY, query
from service.http.schemas.submissions import ADDRESSES
from service.usecases.log.answer_once import Answered, answer_once
from service.usecases.services import Services

_KEY: Final = re.compile(r"[!-~]{1,255}")


def register(app: Flask, services: Services, metrics: Metrics) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/events")
    def append_events() -> Response:
        """Append events of many lifters, each by itself: 200, with a line for each line."""
        query(NO_QUERY)
        wanted = preferred()
        key = _idempotency_key()
        body = ndjson_chunks(else_=ADDRESSES)
        answer = BulkAnswer(services, metrics, wanted)
        if key is None:
            answered = Answered(answer.pieces(body), is_replayed=False)
        else:
            answered = answer_once(
                services,
                caller().gym,
                key,
                body,
                answer.pieces,
                asked_for=b" ".join([b"minimal" if wanted.minimal else b"whole", *[b"strict"] * wanted.strict]),
                is_final=lambda: answer.is_final,
            )
        # What is wrong before the first line was read is a problem of the whole request, with a status of its own.
        first = next(answered.pieces, b"")
        headers = {"Idempotent-Replayed": "true"} if answered.is_replayed else {}
        response = Response(
            answer.guarded(first, answered.pieces), headers=headers, content_type="application/x-ndjson"
        )
        return as_preferred(response, wanted)


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or _KEY.fullmatch(key):
        return key
    raise InvalidInput(Problem("/Idempotency-Key", "must be 1 to 255 visible ASCII characters without spaces"))
