"""What a track's chart marks beside its loads: programmes, time away, and what was put right."""

from __future__ import annotations

from decimal import Decimal
from itertools import starmap

from service.domain.effective_history import Entry
from service.domain.events import (
    BaselineCorrected,
    BaselineSet,
    Event,
    EventData,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.instants import DAY
from service.domain.loads import Load
from service.engine.statistics.marks import LAYOFF_DAYS, marks_of

_LOAD = Load(Decimal(100), "kg")
_SQUAT = SetLogged("squat", _LOAD, 5)


def marks(*logged: tuple[int, EventData]) -> list[tuple[str, int, str, str]]:
    """The squat's marks in a log of (day, data): what kind, on which day it ends, of which event, and its text."""
    events = [Event(f"e{number}", 1, day * DAY, 0, "k", data) for number, (day, data) in enumerate(logged, 1)]
    log = list(starmap(Entry, enumerate(events, 1)))
    return [(mark.kind, mark.until // DAY, mark.event_id, mark.text) for mark in marks_of(log, "squat")]


def test_programmes_are_marked_where_they_begin_and_end() -> None:
    assert marks((0, ProgrammeAssigned("gzclp")), (3, ProgrammeAssigned("gzclp")), (9, ProgrammeEnded())) == [
        ("programme", 0, "e1", "gzclp, from here on"),
        ("programme", 3, "e2", "gzclp, assigned anew"),
        ("programme", 9, "e3", "gzclp ended"),
    ]


def test_a_layoff_is_time_without_any_training() -> None:
    bench = SetLogged("bench-press", _LOAD, 5)
    assert marks((0, _SQUAT), (13, bench), (20, _SQUAT)) == []
    assert marks((0, _SQUAT), (LAYOFF_DAYS, bench)) == [("layoff", 14, "e2", "14 days without training")]
    voided = marks((0, _SQUAT), (10, bench), (20, _SQUAT), (20, SetVoided("e2")))
    assert voided == [("layoff", 20, "e3", "20 days without training")], "what is voided was no training"


def test_what_was_put_right_is_marked_once_and_where_it_stands() -> None:
    assert marks((0, _SQUAT), (1, SetCorrected("e1", reps=6)), (2, SetCorrected("e1", reps=5))) == [
        ("correction", 0, "e1", "a set corrected")
    ]
    assert marks((0, _SQUAT), (1, SetVoided("e1")), (2, SetVoided("e2")))[0][2:] == ("e1", "a correction voided")
    assert marks((0, BaselineSet("squat", _LOAD)), (1, BaselineCorrected("e1", load=Load(Decimal(90), "kg")))) == [
        ("correction", 0, "e1", "a baseline corrected")
    ]


def test_a_session_that_was_voided_is_one_mark() -> None:
    logged = [(0, SetLogged("squat", _LOAD, 5, session_id="a")) for _ in range(5)]
    assert marks(*logged, (1, SessionVoided("a"))) == [("correction", 0, "e6", "the session voided")]


def test_what_was_put_right_of_another_exercise_is_not_marked() -> None:
    bench = SetLogged("bench-press", _LOAD, 5)
    assert marks((0, bench), (1, SetCorrected("e1", reps=6))) == []
    assert len(marks((0, bench), (1, SetCorrected("e1", exercise="squat")))) == 1, "it was the squat's all along"
    assert marks((0, _SQUAT), (1, SetCorrected("nobody", reps=6))) == []
