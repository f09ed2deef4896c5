"""Reading FitNotes: the files of Android and iOS, and the backup."""

from __future__ import annotations

import sqlite3
from zoneinfo import ZoneInfo

import pytest

from service.domain.instants import SECOND
from service.domain.instants import parse as instant
from service.trackers.export import Export, ExportUnreadable, Unanswered
from service.trackers.reader import Answers, read_export, read_export_text

VIENNA = ZoneInfo("Europe/Vienna")
ANDROID = "Date,Exercise,Category,Weight,Weight Unit,Reps,Distance,Distance Unit,Time,Comment"
IOS = "Date,Exercise,Category,Weight (kg),Weight (lbs),Reps,Distance,Distance Unit,Time,Notes,Kind"


def read(header: str, *lines: str, answers: Answers | None = None) -> Export:
    return read_export_text("\r\n".join((header, *lines)), answers or Answers(None, VIENNA))


def test_android_says_a_unit_in_each_row_and_no_time_of_day() -> None:
    export = read(
        ANDROID,
        "2024-06-01,Flat Barbell Bench Press,Chest,60.0,kgs,8,,,,slow",
        "2024-06-01,Flat Barbell Bench Press,Chest,135.0,lbs,5,,,,",
        "2024-06-01,Plank,Abs,0,kgs,0,,,0:01:30,",
        "2024-06-01,Treadmill,Cardio,,,,5.0,km,,",
        "2024-06-01,Dumbbell Curl,Biceps,10,kgs,,,,,",
    )
    assert export.app == "fitnotes"
    assert [(s.line, str(s.load), s.reps, s.seconds, s.note) for s in export.sets] == [
        (2, "60 kg", 8, 0, "slow"),
        (3, "135 lb", 5, 0, None),
        (4, "0 kg", 0, 90, None),
    ]
    noon = instant("2024-06-01T12:00:00+02:00")
    assert [s.occurred_at for s in export.sets] == [noon, noon + SECOND, noon + 2 * SECOND]
    assert [(each.line, each.reason) for each in export.skipped] == [
        (5, "only a distance, which Spotter does not keep"),
        (6, "neither reps nor seconds: nothing was done"),
    ]
    assert (export.has_times, export.says_unit, export.says_zone) == (False, True, False)


def test_ios_has_a_column_for_each_unit() -> None:
    export = read(IOS, "2026-04-29,Bench Press,Chest,100,,8,,,,,wr", "2026-04-29,Bench Press,Chest,,225,5,,,,,wr")
    assert [str(s.load) for s in export.sets] == ["100 kg", "225 lb"]
    assert export.unknown_columns == ()


def test_a_layout_with_decimal_commas_and_a_column_for_warm_ups() -> None:
    header = "Date;Exercise;Category;Weight (kg);Reps;IsWarmup"
    export = read(header, "2026-04-29;Squat;Legs;62,5;8;true", "2026-04-29;Squat;Legs;102,5;8;false", ";Total;;165;16;")
    assert [(str(s.load), s.kind) for s in export.sets] == [("62.5 kg", "warmup"), ("102.5 kg", None)]
    assert [(each.line, each.reason) for each in export.skipped] == [(4, "date: not like 2026-11-22 18:03:00")]


def test_the_order_of_day_and_month_is_proven_by_the_file_or_asked_for() -> None:
    line = "{},Squat,Legs,100,kgs,5,,,,"
    proven = read(ANDROID, line.format("03/04/2026"), line.format("29/04/2026"))
    assert proven.sets[0].occurred_at == instant("2026-04-03T12:00:00+02:00")
    turned = read(ANDROID, line.format("03/04/2026"), line.format("04/29/2026"))
    assert turned.sets[0].occurred_at == instant("2026-03-04T12:00:00+01:00")
    for lines in (["03/04/2026"], ["13/04/2026", "04/13/2026"]):
        with pytest.raises(Unanswered) as asked:
            read(ANDROID, *(line.format(each) for each in lines))
        assert asked.value.question == "date_order"
    said = read(ANDROID, line.format("03/04/2026"), answers=Answers("kg", VIENNA, "day-month"))
    assert said.sets[0].occurred_at == proven.sets[0].occurred_at


def backup(comment: str = "belt") -> bytes:
    database = sqlite3.connect(":memory:")
    database.executescript(
        """
        CREATE TABLE exercise (_id INTEGER PRIMARY KEY, name TEXT NOT NULL, category_id INTEGER NOT NULL);
        CREATE TABLE training_log (_id INTEGER PRIMARY KEY, exercise_id INTEGER NOT NULL, date DATE NOT NULL,
            metric_weight INTEGER NOT NULL, reps INTEGER NOT NULL, unit INTEGER NOT NULL DEFAULT 0,
            distance INTEGER NOT NULL DEFAULT 0, duration_seconds INTEGER NOT NULL DEFAULT 0);
        INSERT INTO exercise VALUES (1, 'Deadlift', 5), (2, 'Plank', 9);
        INSERT INTO training_log (exercise_id, date, metric_weight, reps, duration_seconds) VALUES
            (1, '2024-10-22', 100.5, 5, 0), (2, '2024-10-21', 0, 0, 75), (1, '2024-10-22', 0, 0, 0);
        """
    )
    if comment:
        database.executescript(
            """
            CREATE TABLE Comment (_id INTEGER PRIMARY KEY, date DATE, owner_type_id INTEGER, owner_id INTEGER,
                comment TEXT);
            INSERT INTO Comment VALUES (1, '2024-10-22', 1, 1, 'belt');
            """
        )
    database.commit()
    return database.serialize()


@pytest.mark.parametrize("comment", ["belt", ""])
def test_a_backup_is_read_in_the_order_of_its_days(comment: str) -> None:
    export = read_export(backup(comment), Answers(None, VIENNA))
    assert [(s.line, s.exercise, str(s.load), s.reps, s.seconds, s.note) for s in export.sets] == [
        (1, "Plank", "0 kg", 0, 75, None),
        (2, "Deadlift", "100.5 kg", 5, 0, comment or None),
    ]
    assert [(each.line, each.reason) for each in export.skipped] == [(3, "neither reps nor seconds: nothing was done")]


def test_a_backup_and_a_file_give_one_set_one_id() -> None:
    (from_file,) = read(ANDROID, "2024-10-21,Plank,Abs,0,kgs,0,,,0:01:15,").sets
    assert read_export(backup(), Answers(None, VIENNA)).sets[0].event_id == from_file.event_id


def test_another_database_is_refused() -> None:
    other = sqlite3.connect(":memory:")
    other.execute("CREATE TABLE something (a)")
    with pytest.raises(ExportUnreadable, match="no training_log"):
        read_export(other.serialize(), Answers(None, VIENNA))
    with pytest.raises(ExportUnreadable, match="cannot be read"):
        read_export(backup()[:200] + b"\xff" * 9000, Answers(None, VIENNA))
