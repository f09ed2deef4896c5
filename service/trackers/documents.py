"""Exports that are no tables, read as tables: the JSON of Hevy and Liftosaur, and the backup of FitNotes."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple

from service.trackers.export import ExportUnreadable
from service.trackers.layouts import FITNOTES, HEVY, LIFTOSAUR, Layout
from service.trackers.table import Record

SQLITE: Final = b"SQLite format 3\0"


class Document(NamedTuple):
    """A document as a table: its layout, the header, and its sets in order, counted from 1."""

    layout: Layout
    header: list[str]
    records: Iterator[Record]


def json_document(text: str) -> Document:
    """The workouts of Hevy's API, one page or several joined, or the history of a Liftosaur export.

    Raises `ExportUnreadable` for what is neither.
    """
    try:
        document = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise ExportUnreadable(f"the file cannot be read as JSON: {error}") from None
    pages = document if isinstance(document, list) else [document]
    workouts = [each for page in pages if isinstance(page, dict) for each in _list(page.get("workouts", [page]))]
    if any("exercises" in each for each in workouts if isinstance(each, dict)):
        return Document(HEVY, list(_HEVY), _numbered(_hevy(workouts)))
    history = document.get("history") if isinstance(document, dict) else document
    if isinstance(history, list) and any("entries" in each for each in history if isinstance(each, dict)):
        settings = document.get("settings", {}) if isinstance(document, dict) else {}
        return Document(LIFTOSAUR, list(_LIFTOSAUR), _numbered(_liftosaur(history, _custom_names(settings))))
    raise ExportUnreadable("this JSON is neither workouts of Hevy nor the history of Liftosaur")


def backup_document(content: bytes) -> Document:
    """The sets of a `.fitnotes` backup. Raises `ExportUnreadable` for another database."""
    return Document(FITNOTES, list(_FITNOTES), _numbered(_backup_rows(content)))


def _numbered(rows: Iterator[list[str]]) -> Iterator[Record]:
    return (Record(number, row) for number, row in enumerate(rows, 1))


_HEVY: Final = (
    "title",
    "start_time",
    "description",
    "exercise_title",
    "exercise_notes",
    "set_type",
    "weight_kg",
    "reps",
    "distance_meters",
    "duration_seconds",
    "rpe",
)


def _hevy(workouts: list[Any]) -> Iterator[list[str]]:
    for workout in _objects(workouts):
        for exercise in _objects(workout.get("exercises")):
            for performed in _objects(exercise.get("sets")):
                yield [
                    _text(workout, "title"),
                    _text(workout, "start_time"),
                    _text(workout, "description"),
                    _text(exercise, "title"),
                    _text(exercise, "notes"),
                    _text(performed, "type") or _text(performed, "set_type"),
                    _text(performed, "weight_kg"),
                    _text(performed, "reps"),
                    _text(performed, "distance_meters"),
                    _text(performed, "duration_seconds"),
                    _text(performed, "rpe"),
                ]


_LIFTOSAUR: Final = (
    "Workout DateTime",
    "Day Name",
    "Exercise",
    "Is Warmup Set?",
    "Is AMRAP?",
    "Completed Reps",
    "Completed RPE",
    "Completed Weight Value",
    "Completed Weight Unit",
    "Required Weight Value",
    "Required Weight Unit",
    "Notes",
)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _liftosaur(history: list[Any], names: Mapping[str, str]) -> Iterator[list[str]]:
    for record in _objects(history):
        for entry in _objects(record.get("entries")):
            exercise = _object(entry.get("exercise"))
            name = _liftosaur_name(exercise, names)
            sets = [("1", each) for each in _objects(entry.get("warmupSets"))]
            sets += [("", each) for each in _objects(entry.get("sets"))]
            for warm_up, performed in sets:
                done, planned = _object(performed.get("completedWeight")), _object(performed.get("weight"))
                yield [
                    _text(record, "date"),
                    _text(record, "dayName"),
                    name,
                    warm_up,
                    "1" if performed.get("isAmrap") is True else "",
                    _text(performed, "completedReps"),
                    _text(performed, "completedRpe"),
                    _text(done, "value"),
                    _text(done, "unit"),
                    _text(planned, "value"),
                    _text(planned, "unit"),
                    _text(entry, "notes"),
                ]


def _liftosaur_name(exercise: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """``benchPress`` with a barbell as the app shows it: ``Bench Press, Barbell``."""
    known = _text(exercise, "id")
    name = names.get(known) or _HUMP.sub(" ", known)
    equipment = _HUMP.sub(" ", _text(exercise, "equipment"))
    return f"{name}, {equipment}" if name and equipment else name


def _custom_names(settings: object) -> dict[str, str]:
    exercises = _object(_object(settings).get("exercises"))
    return {key: _text(_object(exercise), "name") for key, exercise in exercises.items()}


_FITNOTES: Final = ("Date", "Exercise", "Category", "Weight (kg)", "Reps", "Distance", "Time", "Comment")
_SETS: Final = """
    SELECT log.date, exercise.name, log.metric_weight, log.reps, log.distance, log.duration_seconds, ({comment})
    FROM training_log AS log JOIN exercise ON exercise._id = log.exercise_id ORDER BY log.date, log._id
"""
_COMMENT: Final = "SELECT comment FROM Comment WHERE owner_id = log._id AND owner_type_id = 1 LIMIT 1"
_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})
_LONGEST: Final = 1_000_000
"""Bytes of a text that a database may hold or make."""

_STEPS: Final = 200
"""Millions of steps of SQLite's machine that reading may take: some four hundred for each set of the largest file."""


def _open_untrusted(content: bytes) -> sqlite3.Connection:
    """A database that a stranger wrote, in memory: it is only read, and what it may compute is bounded."""
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
    steps = iter(range(_STEPS))
    database.set_progress_handler(lambda: int(next(steps, None) is None), 1_000_000)
    return database


def _backup_rows(content: bytes) -> Iterator[list[str]]:
    try:
        with closing(_open_untrusted(content)) as database:
            tables = {name for (name,) in database.execute(_TABLES)}
            if not tables >= {"training_log", "exercise"}:
                raise ExportUnreadable("this database is no backup of FitNotes: it has no training_log")
            comment = _COMMENT if "Comment" in tables else "SELECT NULL"
            for date, name, kilograms, reps, distance, seconds, note in database.execute(_SETS.format(comment=comment)):
                yield [*map(_written, (date, name, "", kilograms, reps, distance, seconds, note))]
    except (sqlite3.Error, OverflowError) as error:
        raise ExportUnreadable(f"the backup cannot be read: {error}") from None


def _written(value: object) -> str:
    return "" if value is None else str(value)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]
