"""Reading Liftosaur: the file of its history in both layouts, and its JSON."""

from __future__ import annotations

from decimal import Decimal

from service.domain.instants import parse as instant
from service.trackers.reader import Answers, read_export_text

HEADER = (
    "Workout DateTime,Program,Day Name,Exercise,Is Warmup Set?,Required Reps,Completed Reps,Is AMRAP?,Required RPE,"
    "Completed RPE,Log RPE?,Required Weight Value,Required Weight Unit,Completed Weight Value,Completed Weight Unit,"
    "Ask Weight?,Completed Reps Time,Target Muscles,Synergist Muscles,Notes"
)
OLDER = (
    "Workout DateTime,Program,Day Name,Exercise,Is Warmup Set?,Required Reps,Completed Reps,RPE,Is AMRAP?,"
    "Weight Value,Weight Unit,Completed Reps Time,Target Muscles,Synergist Muscles,Notes"
)
START = "2026-03-01T10:00:00.000Z,GZCLP,Day 1"


def test_what_was_done_is_taken_and_what_was_only_asked_is_not() -> None:
    rows = (
        f'{START},"Bench Press, Barbell",1,5,5,0,,,0,45,lb,45,lb,0,2026-03-01T10:05:00.000Z,Pectoralis,,bar',
        f'{START},"Bench Press, Barbell",0,5,7,1,,8.5,1,135,lb,140,lb,0,2026-03-01T10:09:30.000Z,Pectoralis,,bar',
        f'{START},"Bench Press, Barbell",0,5,5,0,,,0,135,lb,,,0,,Pectoralis,,bar',
        f'{START},"Bench Press, Barbell",0,5,,0,,,0,135,lb,,,0,,Pectoralis,,bar',
    )
    export = read_export_text("\n".join((HEADER, *rows)), Answers())
    assert [(s.line, s.exercise, s.kind, str(s.load), s.reps, s.rir, s.note) for s in export.sets] == [
        (2, "Bench Press, Barbell", "warmup", "45 lb", 5, None, "bar"),
        (3, "Bench Press, Barbell", "amrap", "140 lb", 7, Decimal("1.5"), None),
        (4, "Bench Press, Barbell", None, "135 lb", 5, None, None),
    ]
    assert export.sets[1].occurred_at == instant("2026-03-01T10:09:30Z")
    assert [(each.line, each.reason) for each in export.skipped] == [(5, "neither reps nor seconds: nothing was done")]
    assert (export.app, export.says_unit, export.says_zone, export.unknown_columns) == ("liftosaur", True, True, ())


def test_the_older_layout_is_read_too() -> None:
    row = f'{START},"Squat, Barbell",0,5,5,,0,100,kg,2026-03-01T10:05:00.000Z,,,'
    assert str(read_export_text(f"{OLDER}\n{row}", Answers()).sets[0].load) == "100 kg"


def test_the_history_is_read_with_names_as_the_app_shows_them() -> None:
    history = """
    {"settings": {"units": "kg", "exercises": {"abcxyz": {"id": "abcxyz", "name": "My Own Lift"}}},
     "history": [{"date": "2026-03-01T10:00:00.000Z", "dayName": "Day 1", "entries": [
       {"exercise": {"id": "benchPress", "equipment": "barbell"},
        "warmupSets": [{"reps": 5, "weight": {"value": 20, "unit": "kg"}, "completedReps": 5}],
        "sets": [{"reps": 5, "isAmrap": true, "weight": {"value": 62.5, "unit": "kg"}, "completedReps": 8,
                  "completedWeight": {"value": 60, "unit": "kg"}, "completedRpe": 9},
                 {"reps": 5, "weight": {"value": 62.5, "unit": "kg"}}]},
       {"exercise": {"id": "abcxyz"}, "sets": [{"weight": {"value": 10, "unit": "lb"}, "completedReps": 3}]}]}]}
    """
    export = read_export_text(history, Answers())
    assert [(s.exercise, s.kind, str(s.load), s.reps, s.rir) for s in export.sets] == [
        ("bench Press, barbell", "warmup", "20 kg", 5, None),
        ("bench Press, barbell", "amrap", "60 kg", 8, Decimal(1)),
        ("My Own Lift", None, "10 lb", 3, None),
    ]
    assert [each.line for each in export.skipped] == [3]
