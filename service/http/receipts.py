"""What is answered about events that were taken: a receipt each, and what late ones changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.domain.errors import TooMuchToReplay
from service.http.auth import caller
from service.http.bulkhead import TooCostly
from service.http.problems import refusal
from service.usecases.log.batch import Receipt
from service.usecases.log.late_event_changes import Change


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """What became of an event, and what there is to warn of it."""
    event_id, version, outcome, durability, *_ = receipt
    warnings = {"warnings": receipt.warnings} if receipt.warnings else {}
    return {"event_id": event_id, "version": version, "outcome": outcome, "durability": durability, **warnings}


def refused(error: Exception, request_id: str) -> dict[str, Any]:
    """The problem of an event that was refused among others."""
    if isinstance(error, TooMuchToReplay):
        error = TooCostly("too much of a log would have to be read to tell whether this is warned of; send it alone")
    return refusal(error).document(request_id)


def changes_json(changes: Sequence[Change]) -> Sequence[Any]:
    """What is prescribed otherwise; whoever may not read is told which slots, and nothing of what is prescribed."""
    return changes if "read" in caller().scopes else [{"slot": change.slot} for change in changes]
