"""Reads what the Hevy app exports: every row becomes a set, or is named with the reason why not.

The export has a row for each set, the session's local start in words (``15 Sep 2025, 07:48``), and its unit in the name
of the column of loads. No row has a time of its own: sets are put one minute apart from the session's start, in the
order of the file, so that they keep their order and stay in one session. Notes, supersets and distances are left out.
"""

from __future__ import annotations

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
from service.domain.loads import LARGEST, Load, Unit
from service.trackers.fields import NotTaken, number, rir_of, tidy
from service.trackers.table import ExportUnreadable, Record, records


class HevySet(NamedTuple):
    """A set as Hevy logged it, counted or timed; ``kind`` is None for what Hevy calls normal."""

    line: int
    occurred_at: Instant
    session_id: str
    exercise: str
    kind: SetKind | None
    load: Load
    reps: int | None
    seconds: int | None
    rir: Decimal | None


class Skipped(NamedTuple):
    """A row that is no set; lines count from 1, the header included."""

    line: int
    reason: str


@dataclass(slots=True)
class HevyExport:
    """What an export says: ``rows == len(sets) + len(skipped)``."""

    rows: int = 0
    sets: list[HevySet] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def is_hevy(header: str) -> bool:
    """Whether a file that begins with this line (in lower case) may be an export of Hevy."""
    return "exercise_title" in header


def parse(text: str, *, time_zone: ZoneInfo) -> HevyExport:
    """Read an export; ``time_zone`` is where the lifter trained.

    Raises `ExportUnreadable` when the file as a whole is no such export.
    """
    table = records(text)
    header = next(table, None)
    places = {} if header is None else {title.strip().casefold(): place for place, title in enumerate(header.values)}
    weights = [name for name in _UNITS if name in places]
    missing = [name for name in _REQUIRED if name not in places]
    if missing or not weights:
        names = ", ".join([*missing, *(() if weights else ("weight_kg or weight_lbs",))])
        raise ExportUnreadable(f"this is no Hevy export: its header has no column {names}")
    reader = _Reader(places, weights[0], time_zone)
    for record in table:
        reader.take(record)
    return reader.export


_REQUIRED: Final = ("start_time", "exercise_title", "set_type", "reps", "duration_seconds", "rpe")
_UNITS: Final[Mapping[str, Unit]] = {"weight_kg": "kg", "weight_lbs": "lb"}
_KINDS: Final[Mapping[str, SetKind]] = {"warmup": "warmup", "dropset": "drop", "failure": "failure"}
_MOST_REPS: Final = 1000
_MOST_SECONDS: Final = 86_400
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHEN: Final = re.compile(r"(\d{1,2}) ([a-z]{3}) (\d{4}), (\d{1,2}):(\d\d)", re.ASCII | re.IGNORECASE)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Reader:
    """Takes rows one by one and counts the sets of each session."""

    def __init__(self, places: Mapping[str, int], weight: str, time_zone: ZoneInfo) -> None:
        self.export = HevyExport()
        self._places = places
        self._weight = weight
        self._unit = _UNITS[weight]
        self._time_zone = time_zone
        self._sets: Counter[datetime] = Counter()

    def take(self, record: Record) -> None:
        self.export.rows += 1
        try:
            self._take(record)
        except NotTaken as reason:
            self.export.skipped.append(Skipped(record.line, str(reason)))

    def _take(self, record: Record) -> None:
        if len(record.values) != len(self._places):
            raise NotTaken("not as many fields as the header has")
        row = {name: record.values[place].strip() for name, place in self._places.items()}
        exercise = tidy(row["exercise_title"])
        if not exercise:
            raise NotTaken("no exercise named")
        reps = _whole(row["reps"], "reps", _MOST_REPS)
        seconds = _whole(row["duration_seconds"], "duration", _MOST_SECONDS)
        if not reps and not seconds:
            raise NotTaken(
                "neither reps nor seconds: nothing was done, or only a distance, which Spotter does not keep"
            )
        load = Load(number(row[self._weight], "weight"), self._unit)
        if load.value > LARGEST[self._unit]:
            raise NotTaken(f"weight: more than {LARGEST[self._unit]} {self._unit}")
        rir = rir_of(row["rpe"])
        start = _start(row["start_time"], self._time_zone)
        self.export.sets.append(
            HevySet(
                line=record.line,
                occurred_at=(start - _EPOCH) // timedelta(microseconds=1) + self._sets[start] * 60 * SECOND,
                session_id=f"s{start:%Y%m%d%H%M}",
                exercise=exercise,
                kind=_KINDS.get(row["set_type"].casefold()),
                load=load,
                reps=reps or None,
                seconds=None if reps else seconds,
                rir=rir,
            )
        )
        self._sets[start] += 1


def _whole(written: str, what: str, most: int) -> int:
    """A whole number up to ``most``; part of a repetition or a second is none."""
    value = int(number(written, what))
    if value > most:
        raise NotTaken(f"{what}: more than {most}")
    return value


def _start(written: str, time_zone: ZoneInfo) -> datetime:
    parts = _WHEN.fullmatch(tidy(written))
    if parts is None or parts[2].casefold() not in _MONTHS:
        raise NotTaken("start time: not like 15 Sep 2025, 07:48")
    year, month = int(parts[3]), _MONTHS.index(parts[2].casefold()) + 1
    if not 1900 < year < 2199:
        raise NotTaken("start time: not between 1901 and 2198")
    try:
        return datetime(year, month, int(parts[1]), int(parts[4]), int(parts[5]), tzinfo=time_zone)
    except ValueError:
        raise NotTaken("start time: not one that exists") from None
