"""What a client submits to be appended, and what it is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from service.domain.events import (
    EventData,
)
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.store.durability import Durability
from service.usecases.log.late_event_changes import Change
from service.usecases.log.warnings import (
    Warnings,
)


class Submission(NamedTuple):
    """An event as a client submits it; ``data`` is as `canonical_data` makes it."""

    event_id: str
    occurred_at: Instant
    data: EventData


class Batch(NamedTuple):
    """Events of one lifter, in order; all are refused where ``expected_version`` is another than the log's.

    ``atomic``: all are refused too where one is; what is wrong is told at ``/events/<place>``.
    ``strict``: an event is refused where there is something to warn of. Such a batch has one event, or is atomic.
    ``with_warnings``: receipts say what there is to warn of, for which the log may have to be read.
    """

    lifter: LifterRef
    submissions: Sequence[Submission]
    expected_version: int | None = None
    strict: bool = False
    atomic: bool = False
    with_warnings: bool = True


class Receipt(NamedTuple):
    """Where the log has a submitted event, whether it was new, and how safe it is there.

    ``late``: it was new and takes effect before what was already there, or acts on it. ``changes`` then says what is
    prescribed otherwise now; only `append_event` finds that out. ``warnings`` are the same whenever it is sent again.
    Either is None where too much of the log would have to be replayed for it: see `complete_receipt`.
    """

    event_id: str
    version: int
    outcome: Literal["appended", "already_appended"]
    durability: Durability
    late: bool = False
    changes: tuple[Change, ...] | None = ()
    warnings: Warnings | None = ()
