"""Reads the export of any app: every row becomes a set, a note, or is named with the reason why not.

Most exports have no time per set, only the session's local start. Sets are then put one second apart from that start,
in the order of the file: they keep their order and stay in one session.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from service.domain.events import SetKind
from service.domain.instants import SECOND, Instant
from service.domain.limits import MOST_REPS
from service.domain.loads import DEFAULT_UNIT, Load, Unit
from service.trackers.dates import DateOrder, DateReading, When, read_date, slashed
from service.trackers.documents import SQLITE, backup_document, json_document
from service.trackers.exercise_names import name_tag
from service.trackers.export import (
    Export,
    ExportNote,
    ExportUnreadable,
    NotTaken,
    PerformedSet,
    Skipped,
    Unanswered,
)
from service.trackers.fields import (
    kind_of,
    load_of,
    note_of,
    number,
    reserve_of,
    rir_of,
    seconds_of,
    tidy,
    unit_of,
    whole,
    yes,
)
from service.trackers.layouts import (
    HEVY,
    LAYOUTS,
    MEANINGS,
    Columns,
    Layout,
    Meaning,
    columns_of,
    lacking,
    layout_of,
    proposed,
    said,
)
from service.trackers.table import Record, read_text, records

APPS: Final = (*LAYOUTS, "csv")
"""The apps whose exports are known, and ``csv``, any other table."""

LARGEST_EXPORT: Final = 64 * 1024 * 1024
"""Bytes of a file: some 500,000 sets, which are held in memory to be put in order."""


class Answers(NamedTuple):
    """What a file may leave open: None is not known.

    ``unit`` is that of weights where the file does not say, ``time_zone`` where the lifter trained, ``date_order`` what
    ``03/04/2026`` means. ``columns`` say what a table's columns mean that is none of a known app's, by their names.
    """

    unit: Unit | None = None
    time_zone: ZoneInfo | None = None
    date_order: DateOrder | None = None
    columns: Mapping[str, str] | None = None


def read_export(content: bytes, answers: Answers, app: str | None = None) -> Export:
    """Read an export of ``app``, one of `APPS`; of the one that its header tells where that is None.

    Raises `ExportUnreadable` when the file as a whole is no such export, `Unanswered` where it leaves open what
    ``answers`` do too.
    """
    if len(content) > LARGEST_EXPORT:
        raise ExportUnreadable(f"the file is larger than {LARGEST_EXPORT // 1024 // 1024} MiB; split it")
    if content.startswith(SQLITE):
        document = backup_document(content)
        return _read(document.layout, document.header, document.records, answers, app)
    return read_export_text(read_text(content), answers, app)


def read_export_text(text: str, answers: Answers, app: str | None = None) -> Export:
    """Read an export that is text, as `read_export`."""
    if text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE} \r\n").startswith(("{", "[")):
        document = json_document(text)
        return _read(document.layout, document.header, document.records, answers, app)
    table = records(text)
    header = next(table, None)
    if header is None:
        raise ExportUnreadable("the file is empty; an export begins with a row of column names")
    layout = _layout(header.values, answers, app)
    if answers.date_order is None:
        answers = answers._replace(date_order=_shown_order(layout, text))
    return _read(layout, header.values, table, answers, app)


def _layout(header: list[str], answers: Answers, app: str | None) -> Layout:
    if answers.columns is not None:
        return said(answers.columns, header)
    found = layout_of(header) if app is None else LAYOUTS.get(app)
    if found is not None:
        return found
    guess = proposed(header)
    columns = ", ".join(f"{meaning}={written.strip()}" for written, meaning in guess.items())
    missing = lacking(guess.values())
    told = f"{columns or 'nothing'}{f', and not which is {_and(missing)}' if missing else ''}"
    columns = ", ".join([columns, *(f"{each}=..." for each in missing)]).removeprefix(", ")
    raise Unanswered("columns", f"what its columns mean; their names suggest {told}", columns)


def _and(words: Sequence[str]) -> str:
    return " and ".join(", ".join(words).rsplit(", ", 1))


def _shown_order(layout: Layout, text: str) -> DateOrder | None:
    """The order of day and month that dates of numbers prove, because one of the numbers is no month."""
    table = records(text)
    dates = columns_of(layout, next(table).values).by_meaning.get("date", ())
    firsts, seconds = 0, 0
    for record in table:
        for column in dates:
            both = slashed(record.values[column.place]) if column.place < len(record.values) else None
            if both is None:
                return None
            firsts, seconds = max(firsts, both[0]), max(seconds, both[1])
    if firsts > _MONTHS >= seconds:
        return "day-month"
    return "month-day" if seconds > _MONTHS >= firsts else None


def _read(layout: Layout, header: list[str], table: Iterable[Record], answers: Answers, app: str | None) -> Export:
    if app not in (None, layout.app) and layout.app != "csv":
        raise ExportUnreadable(f"this is an export of {layout.app.title()}, not of {str(app).title()}")
    reader = _Reader(layout, columns_of(layout, header), len(header), answers)
    for record in table:
        reader.take(record)
    return reader.export


_MONTHS: Final = 12
_REMEMBERED: Final = 1024
_NOTHING_SAID: Final[Mapping[Meaning, str]] = dict.fromkeys(MEANINGS, "")
_NOT_DONE: Final = "neither reps nor seconds: nothing was done"
_ONLY_DISTANCE: Final = "only a distance, which Spotter does not keep"


class _Row(NamedTuple):
    """A row by meaning; what a table lacks is empty."""

    line: int
    values: Mapping[Meaning, str]
    start: When
    workout: str
    exercise: str
    session_id: str


class _Reader:
    """Takes rows one by one and keeps count of what came before them."""

    def __init__(self, layout: Layout, columns: Columns, width: int, answers: Answers) -> None:
        by_meaning = columns.by_meaning
        self._layout = layout
        self._weights = by_meaning.get("weight", ())
        self._meanings = tuple(by_meaning)
        self._said = itemgetter(*(column.place for column, *_ in by_meaning.values()))  # two at least are required
        self._width = width
        self._unit = answers.unit
        self._reading = DateReading(answers.time_zone, answers.date_order)
        self._sets_since: Counter[Instant] = Counter()
        self._ordinals: Counter[str] = Counter()
        self._noted: set[str] = set()
        self._last_note: tuple[str, str, str] | None = None
        self.export = Export(
            layout.app,
            columns=tuple((meaning, column.written) for meaning, every in by_meaning.items() for column in every),
            unknown_columns=columns.unknown,
        )

    def take(self, record: Record) -> None:
        self.export.rows += 1
        try:
            self._take(record)
        except NotTaken as reason:
            self.export.skipped.append(Skipped(record.line, str(reason)))

    def _take(self, record: Record) -> None:
        fields = record.values
        if len(fields) > self._width:
            raise NotTaken("more fields than the header has: a decimal comma or a separator outside quotes")
        if len(fields) < self._width:
            fields += [""] * (self._width - len(fields))
        values = dict(_NOTHING_SAID)
        values.update(zip(self._meanings, map(str.strip, self._said(fields)), strict=True))
        start, workout = self._start(values), tidy(values["workout"])
        session_id = _session_id(self._layout.app, start.clock, workout)
        row = _Row(record.line, values, start, workout, tidy(values["exercise"]), session_id)
        kind = values["kind"].casefold()
        if values["workout note"]:
            self._take_workout_note(row)
        if "rest timer" in (kind, row.exercise.casefold()):
            raise NotTaken("rest timer")
        if not row.exercise:
            raise NotTaken("no exercise named")
        if kind == "note":
            self._take_note(row)
        else:
            self._take_set(row, self._load(row, fields))

    def _take_set(self, row: _Row, load: Load) -> None:
        kind = _kind(row)
        reps = whole(row.values["reps"], "reps", MOST_REPS)
        seconds = seconds_of(row.values["seconds"])
        if not reps and not seconds:
            raise NotTaken(_ONLY_DISTANCE if number(row.values["distance"], "distance") else _NOT_DONE)
        rir = reserve_of(row.values["rir"])
        if rir is None:
            rir = rir_of(row.values["rpe"])
        self.export.sets.append(
            PerformedSet(
                row.line,
                self._event_id("set", row),
                self._occurred_at(row),
                row.session_id,
                row.exercise,
                kind,
                load,
                reps,
                seconds,
                rir,
                self._note(row),
            )
        )
        self._sets_since[row.start.instant] += 1

    def _load(self, row: _Row, fields: list[str]) -> Load:
        """The weight in the unit of its column, else of its row, else the one that was said."""
        written, unit_written = "", row.values["weight unit"]
        named = self._weights[-1].unit if self._weights else None
        said = [(text, column.unit) for column in self._weights if (text := fields[column.place].strip())]
        if said:
            written, named = said[0]
        if len(said) > 1 and _differ(*(load_of(text, unit or DEFAULT_UNIT) for text, unit in said)):
            raise NotTaken("weight: two that differ")
        if not written and row.values["planned weight"]:
            written, unit_written = row.values["planned weight"], row.values["planned unit"]
        if named is not None:
            return load_of(written, named)
        if unit_written:
            return load_of(written, unit_of(unit_written))
        load = load_of(written, self._unit or DEFAULT_UNIT)
        if load.value:
            self.export.says_unit = False
            if self._unit is None:
                raise Unanswered("unit", "whether its weights are kilograms or pounds")
        return load

    def _note(self, row: _Row) -> str | None:
        """A set's note; that of a whole exercise, which stands on each of its sets, on the first alone."""
        written = row.values["note"]
        if self._layout.repeats_notes:
            place = (row.session_id, row.exercise, written)
            if self._last_note == place:
                return None
            self._last_note = place
        return note_of(self._unescaped(written))

    def _unescaped(self, written: str) -> str:
        """Hevy's app writes a line break within a field as a backslash and an n."""
        return written.replace("\\n", "\n") if self._layout is HEVY else written

    def _take_note(self, row: _Row) -> None:
        written = row.values["note"]
        text = note_of(f"{row.exercise}: {written}") if written else None
        if text is None:
            raise NotTaken("empty note")
        self.export.notes.append(ExportNote(row.line, self._event_id("note", row), self._occurred_at(row), text))

    def _take_workout_note(self, row: _Row) -> None:
        """The note of a whole workout stands on its first row, or on all of them: it is taken once."""
        if row.session_id in self._noted:
            return
        if text := note_of(self._unescaped(row.values["workout note"])):
            self._noted.add(row.session_id)
            event_id = self._event_id("workout note", row._replace(exercise=""))
            self.export.workout_notes.append(ExportNote(row.line, event_id, row.start.instant, text))

    def _start(self, values: Mapping[Meaning, str]) -> When:
        written, time = values["date"], values["time"]
        if time:
            written = f"{written} {time}".strip()
        start = read_date(written, self._reading)
        self.export.has_times = self.export.has_times and start.has_time
        self.export.says_zone = self.export.says_zone and start.has_zone
        return start

    def _occurred_at(self, row: _Row) -> Instant:
        if ended := row.values["set time"]:
            return read_date(ended, self._reading).instant
        return row.start.instant + self._sets_since[row.start.instant] * SECOND

    def _event_id(self, what: str, row: _Row) -> str:
        """An id that a later export gives the same row again: the n-th set of an exercise in its session.

        It leaves out what a row says and where a file has it, so that a set edited in the app comes back as a conflict
        to look at and not as one set more. It begins with `name_tag`, by which sets are found once a gym says
        what the name of their exercise means.
        """
        place = _written_place(what, row.start.clock, row.workout, row.exercise)
        self._ordinals[place] += 1
        return f"{self._layout.app}-{_tag(row.exercise)}{_sha256(f'{place}{self._ordinals[place]}')[:32]}"


def _differ(one: Load, *others: Load) -> bool:
    """Whether loads are further apart than rounding in two units brings about."""
    return any(abs(each.in_unit("kg") - one.in_unit("kg")) > max(one.in_unit("kg") / 50, Decimal(1)) for each in others)


def _kind(row: _Row) -> SetKind | None:
    if yes(row.values["warm-up"]):
        return "warmup"
    return "amrap" if yes(row.values["amrap"]) else kind_of(row.values["kind"])


_tag: Final = lru_cache(_REMEMBERED)(name_tag)


@lru_cache(_REMEMBERED)
def _written_place(*place: str) -> str:
    return json.dumps(place)


@lru_cache(_REMEMBERED)
def _session_id(app: str, clock: str, workout: str) -> str:
    return f"{app}-{clock}-{_sha256(workout)[:8]}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
