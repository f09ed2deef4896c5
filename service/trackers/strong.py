"""Reads what the Strong app exports: every row becomes a set, a note, or is named with the reason why not.

Strong has written several layouts. The oldest is separated by commas and does not say its unit; later ones add a
``Weight Unit`` column; the newest is separated by semicolons and has units in its header, sets marked ``W``, ``F`` and
``D``, and rows for notes and rest timers. Columns are found by name, so all of them are read alike.

No layout has a time per set, only the session's local start. Sets are therefore put one second apart from that start,
in the order of the file: they keep their order and stay in one session.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from service.domain.events import SetKind
from service.domain.instants import SECOND, Instant
from service.domain.limits import MOST_REPS, MOST_SECONDS
from service.domain.loads import LARGEST, Load, Unit
from service.trackers.fields import NotTaken, local_time, note_of, number, rir_of, tidy, whole
from service.trackers.table import ExportUnreadable, Record, records


class StrongSet(NamedTuple):
    """A set as Strong logged it.

    ``load`` is the weight as written, never negative: what it means for an assisted exercise, the importer decides.
    ``seconds`` may stand beside ``reps``; one of the two is more than 0. ``kind`` is None where Strong marked nothing.
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


class StrongNote(NamedTuple):
    """A note about an exercise or a whole workout."""

    line: int
    event_id: str
    occurred_at: Instant
    text: str


class Skipped(NamedTuple):
    """A row that is no set and no note; lines count from 1, the header included."""

    line: int
    reason: str


@dataclass(slots=True)
class StrongExport:
    """What an export says: ``rows == len(sets) + len(notes) + len(skipped)``.

    ``workout_notes`` stand beside these on rows of any kind. ``says_unit`` tells whether the file names the unit of its
    weights itself.
    """

    rows: int = 0
    says_unit: bool = False
    unknown_columns: tuple[str, ...] = ()
    sets: list[StrongSet] = field(default_factory=list)
    notes: list[StrongNote] = field(default_factory=list)
    workout_notes: list[StrongNote] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def is_strong(header: str) -> bool:
    """Whether a file that begins with this line (in lower case) may be an export of Strong in English."""
    return "exercise name" in header


def parse(text: str, *, time_zone: ZoneInfo, unit: Unit) -> StrongExport:
    """Read an export.

    ``time_zone`` is where the lifter trained: of an hour that the clocks went through twice the first is meant, and a
    time that they skipped is read as if they had not been moved yet. ``unit`` is that of the weights where the file
    does not say. Raises `ExportUnreadable` when the file as a whole is no such export.
    """
    table = records(text)
    header = next(table, None)
    if header is None:
        raise ExportUnreadable("the file is empty; a Strong export begins with a row of column names")
    columns = _columns(header.values)
    reader = _Reader(columns, time_zone, unit, len(header.values))
    for record in table:
        reader.take(record)
    return reader.export


# The header

_USED: Final = frozenset(
    {
        "date",
        "workout name",
        "exercise name",
        "set order",
        "weight",
        "weight unit",
        "reps",
        "rpe",
        "distance",
        "seconds",
        "notes",
        "workout notes",
    }
)
_NOT_NEEDED: Final = frozenset({"workout #", "duration", "workout duration", "distance unit"})
_REQUIRED: Final = ("date", "exercise name", "weight", "reps")
_NAMED_UNIT: Final = re.compile(r"(.*?)\s*\((.*)\)")
_UNITS: Final[dict[str, Unit]] = {"kg": "kg", "kgs": "kg", "lb": "lb", "lbs": "lb"}


class _Columns(NamedTuple):
    places: Mapping[str, int]
    unit: Unit | None
    unknown: tuple[str, ...]


def _columns(header: list[str]) -> _Columns:
    """Where each column stands. ``Weight (kg)`` and ``Duration (sec)`` are the columns ``weight`` and ``duration``."""
    places: dict[str, int] = {}
    unit: Unit | None = None
    unknown = []
    for place, title in enumerate(header):
        name = title.strip().casefold()
        if (named := _NAMED_UNIT.fullmatch(name)) is not None:
            name = named[1]
            if name == "weight":
                unit = _UNITS.get(named[2].strip())
                if unit is None:
                    raise ExportUnreadable(f"the column {title.strip()!r} has a unit that is neither kg nor lb")
        if name in places:
            raise ExportUnreadable(f"the header has two columns called {title.strip()!r}")
        if name in _USED:
            places[name] = place
        elif name not in _NOT_NEEDED and name:
            unknown.append(title.strip())
    missing = [name for name in _REQUIRED if name not in places]
    if missing:
        raise ExportUnreadable(
            f"this is no Strong export in English: its header has no column {' or '.join(map(repr, missing))}; "
            "set the app's language to English and export again"
        )
    return _Columns(places, unit, tuple(unknown))


# The rows

_KINDS: Final[dict[str, SetKind]] = {"w": "warmup", "f": "failure", "d": "drop"}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Start(NamedTuple):
    """When a session began: on the gym's clock, and as an instant."""

    local: datetime
    instant: Instant


class _Reader:
    """Takes rows one by one and keeps count of what came before them."""

    def __init__(self, columns: _Columns, time_zone: ZoneInfo, unit: Unit, width: int) -> None:
        self.export = StrongExport(
            says_unit=columns.unit is not None or "weight unit" in columns.places, unknown_columns=columns.unknown
        )
        self._places = columns.places
        self._unit: Unit = columns.unit or unit
        self._width = width
        self._time_zone = time_zone
        self._sets_since: Counter[Instant] = Counter()
        self._ordinals: Counter[str] = Counter()
        self._noted: set[str] = set()

    def take(self, record: Record) -> None:
        self.export.rows += 1
        try:
            self._take(record)
        except NotTaken as reason:
            self.export.skipped.append(Skipped(record.line, str(reason)))

    def _take(self, record: Record) -> None:
        if len(record.values) > self._width:
            raise NotTaken("more fields than the header has: a decimal comma or a separator outside quotes")
        row = {
            name: record.values[place].strip() if place < len(record.values) else ""
            for name, place in self._places.items()
        }
        order = row.get("set order", "").casefold()
        workout, exercise = tidy(row.get("workout name", "")), tidy(row["exercise name"])
        start = self._start(row["date"])
        self._take_workout_note(record.line, start, workout, row.get("workout notes", ""))
        if "rest timer" in (order, exercise.casefold()):
            raise NotTaken("rest timer")
        if not exercise:
            raise NotTaken("no exercise named")
        if order == "note":
            self._take_note(record.line, start, workout, exercise, row.get("notes", ""))
        else:
            self._take_set(record.line, start, workout, exercise, order, row)

    def _take_set(
        self, line: int, start: _Start, workout: str, exercise: str, order: str, row: Mapping[str, str]
    ) -> None:
        if order and not order.isdecimal() and order not in _KINDS:
            raise NotTaken("set order: none that Strong writes")
        reps = whole(row["reps"], "reps", MOST_REPS)
        seconds = whole(row.get("seconds", ""), "seconds", MOST_SECONDS)
        if not reps and not seconds:
            if number(row.get("distance", ""), "distance"):
                raise NotTaken("only a distance, which Spotter does not keep")
            raise NotTaken("neither reps nor seconds: nothing was done")
        unit = self._unit_of(row)
        load = Load(number(row["weight"], "weight"), unit)
        if load.value > LARGEST[unit]:
            raise NotTaken(f"weight: more than {LARGEST[unit]} {unit}")
        rir = rir_of(row.get("rpe", ""))
        self.export.sets.append(
            StrongSet(
                line,
                self._event_id("set", start, workout, exercise),
                start.instant + self._sets_since[start.instant] * SECOND,
                _session_id(start, workout),
                exercise,
                _KINDS.get(order),
                load,
                reps,
                seconds,
                rir,
                note_of(row.get("notes", "")),
            )
        )
        self._sets_since[start.instant] += 1

    def _take_note(self, line: int, start: _Start, workout: str, exercise: str, written: str) -> None:
        text = note_of(f"{exercise}: {written}") if written else None
        if text is None:
            raise NotTaken("empty note")
        at = start.instant + self._sets_since[start.instant] * SECOND
        event_id = self._event_id("note", start, workout, exercise)
        self.export.notes.append(StrongNote(line, event_id, at, text))

    def _take_workout_note(self, line: int, start: _Start, workout: str, written: str) -> None:
        """The note of a whole workout stands on its first row, or on all of them: it is taken once."""
        session_id = _session_id(start, workout)
        text = note_of(written)
        if text and session_id not in self._noted:
            self._noted.add(session_id)
            event_id = self._event_id("workout note", start, workout, "")
            self.export.workout_notes.append(StrongNote(line, event_id, start.instant, text))

    def _start(self, written: str) -> _Start:
        local = local_time(written, self._time_zone)
        return _Start(local, (local - _EPOCH) // timedelta(microseconds=1))

    def _unit_of(self, row: Mapping[str, str]) -> Unit:
        written = row.get("weight unit", "")
        if not written:
            return self._unit
        unit = _UNITS.get(written.casefold())
        if unit is None:
            raise NotTaken("weight unit: neither kg nor lb")
        return unit

    def _event_id(self, what: str, start: _Start, workout: str, exercise: str) -> str:
        """An id that a later export gives the same row again: the n-th set of an exercise in its session.

        It leaves out what a row says and where a file has it, so that a set edited in Strong comes back as a conflict
        to look at and not as one set more.
        """
        place = json.dumps([what, _clock(start), workout, exercise])
        self._ordinals[place] += 1
        return f"strong-{hashlib.sha256(f'{place}{self._ordinals[place]}'.encode()).hexdigest()[:40]}"


def _session_id(start: _Start, workout: str) -> str:
    return f"strong-{_clock(start)}-{hashlib.sha256(workout.encode()).hexdigest()[:8]}"


def _clock(start: _Start) -> str:
    return start.local.strftime("%Y-%m-%dT%H:%M:%S")
