"""A batch on its way into the log: checked, written at the version by which it was judged, and receipted."""

from __future__ import annotations

from typing import Final

from service.domain.errors import (
    Erased,
    IdempotencyConflict,
    InvalidInput,
    SpotterError,
    TooMuchToReplay,
    WrongExpectedVersion,
)
from service.store.durability import Durability
from service.store.log import Batch as Appended
from service.store.log import NewBatch
from service.usecases.log.batch import Batch, Receipt
from service.usecases.log.checked_events import checked_events, problems_by_place, said_otherwise
from service.usecases.log.warnings import (
    EventWarning,
    Taken,
    Warned,
    Warnings,
    warnings_of,
)
from service.usecases.services import Services

_NO_VERSION: Final = -1


class Accepting:
    """A batch, checked before it is appended: the ``events`` that are to be. Raises `Erased`."""

    def __init__(self, services: Services, batch: Batch, actor: str, default_digest: str) -> None:
        self.batch = batch
        self._services = services
        self._known_exercises = services.rule_sets.known_exercises(default_digest)
        self._checked, self._judged_at = checked_events(services, batch, actor, self._known_exercises)
        self.events = [event for event in self._checked if not isinstance(event, SpotterError)]
        if len(self.events) < len(self._checked) and services.erasures.find(batch.lifter) is not None:
            raise Erased(batch.lifter.lifter)  # whatever else may be wrong with what was sent
        if batch.atomic and (problems := [*problems_by_place(self._checked), *said_otherwise(self._checked)]):
            raise InvalidInput(*problems)

    def to_append(self, *, only_asked: bool = False) -> NewBatch:
        """The events, for the log at the client's expected version, and at that by which the batch was judged."""
        expected = self.batch.expected_version
        if self._judged_at is not None:
            expected = self._judged_at if expected in (None, self._judged_at) else _NO_VERSION
        return NewBatch(self.batch.lifter, self.events, expected, only_asked, self.batch.atomic)

    def refused(self, why: Exception) -> Exception | None:
        """What to say where the log refused the batch; None where it is only to be judged anew."""
        if not isinstance(why, WrongExpectedVersion):
            return why
        asked = self.batch.expected_version
        return None if asked in (None, why.actual) else WrongExpectedVersion(asked, why.actual)

    def warned(self, asked: Appended) -> SpotterError | None:
        """Why a strict batch is refused, by what would become of it; None: it may be appended."""
        new = [became.version for became in asked.results if became.outcome == "appended"]
        if not new:
            return None
        self._judged_at = min(new) - 1
        found: list[EventWarning] = []
        told = self._warnings(asked, is_logged=False)
        for place, (became, warnings) in enumerate(zip(asked.results, told, strict=True)):
            if became.outcome != "appended":
                continue
            if warnings is None:
                return TooMuchToReplay(became.version)
            found += (each.within("events", place) if self.batch.atomic else each for each in warnings)
        return Warned(tuple(found)) if found else None

    def receipts(self, appended: Appended | None, durability: Durability = "memory") -> list[Receipt | SpotterError]:
        """What to say of every submission, by what the log said of ``events``: None where it was not asked."""
        results = iter(appended.results if appended else ())
        warnings = iter(self._warnings(appended) if appended else ())
        receipts: list[Receipt | SpotterError] = []
        for submission, event in zip(self.batch.submissions, self._checked, strict=True):
            if isinstance(event, SpotterError):
                receipts.append(event)
                continue
            outcome, version = next(results)
            warned = next(warnings)
            if outcome == "idempotency_conflict":
                receipts.append(IdempotencyConflict(submission.event_id, version))
            else:
                late = appended is not None and appended.late and outcome == "appended"
                receipts.append(Receipt(submission.event_id, version, outcome, durability, late, warnings=warned))
        return receipts

    def _warnings(self, appended: Appended, *, is_logged: bool = True) -> list[Warnings | None]:
        if not self.batch.with_warnings:
            return [()] * len(self.events)
        each = zip(self.events, appended.results, appended.before, strict=True)
        taken = [
            Taken(new.event, became.outcome, became.version, before, is_logged or became.outcome != "appended")
            for new, became, before in each
        ]
        return warnings_of(self._services, self._known_exercises, self.batch.lifter, taken)
