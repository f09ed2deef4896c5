"""What an export of another app says, whichever app wrote it: every row a set, a note, or skipped with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from service.domain.errors import SpotterError
from service.domain.events import SetKind
from service.domain.instants import Instant
from service.domain.loads import Load

Question: TypeAlias = Literal["unit", "time_zone", "date_order", "columns"]
"""What a file may leave open and nobody may guess."""


class ExportUnreadable(SpotterError):
    """A file as a whole is not the export it should be; the message says what is wrong."""


class Unanswered(ExportUnreadable):
    """A file leaves open what must be known to read it; ``question`` says what, the message why.

    ``suggestion`` is an answer as far as the file gives one, to be looked at; empty where it gives none.
    """

    def __init__(self, question: Question, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.question: Question = question
        self.suggestion = suggestion


class NotTaken(Exception):
    """A row that cannot be taken; the message says why, without the value, so that like rows count together."""


class PerformedSet(NamedTuple):
    """A set as the app logged it.

    ``load`` is the weight as written: what it means for an assisted exercise, the importer decides. ``seconds`` may
    stand beside ``reps``; one of the two is more than 0. ``kind`` is None where the app marked nothing.
    """

    line: int
    event_id: str
    occurred_at: Instant
    session_id: str
    exercise: str
    kind: SetKind | None
    load: Load
    reps: int
    seconds: int
    rir: Decimal | None
    note: str | None


class ExportNote(NamedTuple):
    """A note about an exercise or a whole workout."""

    line: int
    event_id: str
    occurred_at: Instant
    text: str


class Skipped(NamedTuple):
    """A row that is no set and no note."""

    line: int
    reason: str


@dataclass(slots=True)
class Export:
    """What an export says: ``rows == len(sets) + len(notes) + len(skipped)``.

    Lines count from 1, the header included; in a file that has none, they count its sets. ``workout_notes`` stand
    beside the rows, which are of any kind. ``says_unit`` and ``says_zone`` tell whether the file itself says the unit
    of its weights and the zone of its times, ``has_times`` whether it has a time of day: without one it is noon.
    ``columns`` are what was read, by meaning, with the file's own names; ``unknown_columns`` were not read.
    """

    app: str
    rows: int = 0
    says_unit: bool = True
    says_zone: bool = True
    has_times: bool = True
    columns: tuple[tuple[str, str], ...] = ()
    unknown_columns: tuple[str, ...] = ()
    sets: list[PerformedSet] = field(default_factory=list)
    notes: list[ExportNote] = field(default_factory=list)
    workout_notes: list[ExportNote] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skipped_by_reason(self) -> dict[str, list[int]]:
        """The lines of rows that were not taken, by the reason, in the order of the reasons' words."""
        by_reason: dict[str, list[int]] = {}
        for line, reason in self.skipped:
            by_reason.setdefault(reason, []).append(line)
        return dict(sorted(by_reason.items()))
