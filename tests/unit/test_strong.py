"""Reading Strong's exports: both layouts, and a reason for every row that is not taken."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.identifiers import EVENT_ID, SESSION_ID
from service.domain.instants import SECOND
from service.domain.instants import parse as instant
from service.domain.loads import Load, Unit
from service.trackers.export import Export, ExportUnreadable
from service.trackers.reader import Answers, read_export, read_export_text
from service.trackers.table import read_text

DATA = Path(__file__).parents[1] / "data"
UTC = ZoneInfo("UTC")
VIENNA = ZoneInfo("Europe/Vienna")
HEADER = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"


def kg(value: str) -> Load:
    return Load(Decimal(value), "kg")


def lb(value: str) -> Load:
    return Load(Decimal(value), "lb")


def read(name: str, time_zone: ZoneInfo = UTC, unit: Unit = "kg") -> Export:
    return read_export((DATA / name).read_bytes(), Answers(unit, time_zone), "strong")


def rows(*lines: str, header: str = HEADER, time_zone: ZoneInfo = UTC, unit: Unit = "kg") -> Export:
    return read_export_text("\n".join((header, *lines)), Answers(unit, time_zone), "strong")


def row(**fields: object) -> str:
    usual: dict[str, object] = {
        "date": "2024-05-01 18:00:00",
        "workout": "A",
        "exercise": "Squat (Barbell)",
        "order": 1,
        "weight": 100,
        "reps": 5,
        "distance": 0,
        "seconds": 0,
        "notes": "",
        "rpe": "",
    }
    said = {**usual, **fields}
    quoted = {name: f'"{value}"' for name, value in said.items()}
    return "{date},{workout},1h,{exercise},{order},{weight},{reps},{distance},{seconds},{notes},,{rpe}".format(**quoted)


def reason(line: str, header: str = HEADER) -> str:
    export = rows(line, header=header)
    (skipped,) = export.skipped
    assert (export.rows, export.sets, skipped.line) == (1, [], 2)
    return skipped.reason


def test_the_comma_layout_is_read_row_by_row() -> None:
    export = read("strong_comma.csv")
    assert [(s.exercise, s.kind, s.load, s.reps, s.seconds, s.rir) for s in export.sets] == [
        ("Deadlift (Barbell)", "warmup", kg("60"), 5, 0, None),
        ("Deadlift (Barbell)", None, kg("102.5"), 6, 0, Decimal("1.5")),
        ("Deadlift (Barbell)", None, kg("107.5"), 4, 0, Decimal(1)),
        ("Pull Up (Assisted)", None, kg("15"), 8, 0, None),
        ("Pull Up", "failure", kg("0"), 7, 0, Decimal(0)),
        ("Rudern am Gerät", None, kg("40"), 12, 0, None),
        ("Rudern am Gerät", "drop", kg("30"), 9, 0, None),
        ("Plank", None, kg("0"), 0, 75, None),
        ("Squat (Barbell)", None, kg("80"), 5, 0, None),
    ]
    assert [(s.line, s.reason) for s in export.skipped] == [
        (11, "only a distance, which Spotter does not keep"),
        (12, "neither reps nor seconds: nothing was done"),
    ]
    assert [s.note for s in export.sets if s.note] == ['belt, "new" one', "over two lines"]
    assert [note.text for note in export.workout_notes] == ["slept badly"]
    assert (export.rows, export.says_unit, export.unknown_columns) == (11, False, ())


def test_the_semicolon_layout_is_read_row_by_row() -> None:
    export = read("strong_semicolon.csv")
    assert [(s.line, s.exercise, s.kind, s.load, s.reps, s.seconds, s.rir) for s in export.sets] == [
        (2, "Face Pull (Cable)", "warmup", lb("22.5"), 15, 0, None),
        (3, "Face Pull (Cable)", None, lb("37.5"), 10, 0, Decimal("2.5")),
        (6, "Face Pull (Cable)", "failure", lb("37.5"), 11, 0, None),
        (7, "Face Pull (Cable)", "drop", lb("25"), 9, 0, None),
        (8, "Plank", None, lb("0"), 0, 60, None),
    ]
    assert [(s.line, s.reason) for s in export.skipped] == [(4, "rest timer")]
    assert [(note.line, note.text) for note in export.notes] == [(5, "Face Pull (Cable): rope; long")]
    assert [(note.line, note.text) for note in export.workout_notes] == [(2, "back again")]
    assert (export.rows, export.says_unit) == (7, True)


def test_sets_keep_their_order_a_second_apart_and_share_their_session() -> None:
    export = read("strong_comma.csv", VIENNA)
    start = instant("2024-03-04T18:05:10+01:00")
    assert [s.occurred_at for s in export.sets[:7]] == [start + n * SECOND for n in range(7)]
    assert len({s.session_id for s in export.sets[:7]}) == 1
    assert len({s.session_id for s in export.sets}) == 2


def test_two_workouts_that_start_together_do_not_interleave() -> None:
    export = rows(row(workout="A"), row(workout="B"), row(workout="B"))
    first, second, third = (s.occurred_at for s in export.sets)
    assert first < second < third
    assert [s.session_id == export.sets[0].session_id for s in export.sets] == [True, False, False]


def test_ids_fit_the_log_and_differ() -> None:
    export = read("strong_comma.csv")
    ids = [s.event_id for s in export.sets] + [note.event_id for note in export.workout_notes]
    assert len(set(ids)) == len(ids)
    assert all(EVENT_ID.fullmatch(each) for each in ids)
    assert all(SESSION_ID.fullmatch(s.session_id) for s in export.sets)


def test_an_edited_set_keeps_its_id_so_that_it_comes_back_as_a_conflict() -> None:
    before = rows(row(weight=100), row(weight=105))
    after = rows(row(weight=100), row(weight=110))
    assert [s.event_id for s in before.sets] == [s.event_id for s in after.sets]


def test_both_layouts_give_one_set_one_id() -> None:
    header = "Workout #;Date;Workout Name;Exercise Name;Set Order;Weight (kg);Reps"
    newer = "1;2024-05-01 18:00:00;A;Squat (Barbell);1;100;5"
    (old,), (new,) = rows(row()).sets, rows(newer, header=header, unit="lb").sets
    assert old._replace(line=0) == new._replace(line=0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-01 18:00:00", "2024-05-01T18:00:00Z"),
        ("2024-05-01T18:00", "2024-05-01T18:00:00Z"),
        ("2024-05-01 6:00:00\N{NARROW NO-BREAK SPACE}PM", "2024-05-01T18:00:00Z"),
        ("2024-05-01 12:30:00 am", "2024-05-01T00:30:00Z"),
        ("2024-05-01 12:30:00 pm", "2024-05-01T12:30:00Z"),
    ],
)
def test_times_are_read_as_strong_writes_them(written: str, meant: str) -> None:
    assert rows(row(date=written)).sets[0].occurred_at == instant(meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-07-01 18:00:00", "2024-07-01T18:00:00+02:00"),
        ("2024-01-01 18:00:00", "2024-01-01T18:00:00+01:00"),
        ("2024-10-27 02:30:00", "2024-10-27T02:30:00+02:00"),  # twice that night: the first is meant
        ("2024-03-31 02:30:00", "2024-03-31T02:30:00+01:00"),  # skipped that night: read as before the change
    ],
)
def test_the_gyms_clock_is_read_in_its_time_zone(written: str, meant: str) -> None:
    assert rows(row(date=written), time_zone=VIENNA).sets[0].occurred_at == instant(meant)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (row(date="yesterday"), "date: not like 2026-11-22 18:03:00"),
        (row(date="2024-02-30 10:00:00"), "date: not one that exists"),
        (row(date="2024-02-03 13:00:00 PM"), "date: not one that exists"),
        (row(date="0024-02-03 13:00:00"), "date: not between 1901 and 2198"),
        (row(exercise=" "), "no exercise named"),
        (row(exercise="Rest Timer", order="", reps=0, seconds=90), "rest timer"),
        (row(order="Note"), "empty note"),
        (row(order="SS"), "kind of set: none that is known"),
        (row(reps="5.5"), "reps: not a whole number"),
        (row(reps="-5"), "reps: not a number of 0 or more"),
        (row(reps="1001"), "reps: more than 1000"),
        (row(reps="0", seconds="86401"), "seconds: more than 86400"),
        (row(weight="2000.5"), "weight: more than 2000 kg"),
        (row(weight="heavy"), "weight: not a number of 0 or more"),
        (row(weight="1,000.5"), "weight: not a number of 0 or more"),
        (row(weight="1e3"), "weight: not a number of 0 or more"),
        (row(seconds="x"), "seconds: not a number of 0 or more"),
        (row(rpe="11"), "RPE: not between 1 and 10"),
        (
            "2024-05-01 18:00:00,A,1h,Squat,1,102,5,5,0,0,,,",
            "more fields than the header has: a decimal comma or a separator outside quotes",
        ),
    ],
)
def test_a_row_that_is_not_taken_says_why(line: str, expected: str) -> None:
    assert reason(line) == expected


@pytest.mark.parametrize(
    ("written", "load"),
    [("102.5", "102.5"), ("102,5", "102.5"), ("61.23496999999999", "61.235"), ("", "0"), ("100.0", "100")],
)
def test_weights_are_exact_decimals(written: str, load: str) -> None:
    assert str(rows(row(weight=written)).sets[0].load) == f"{load} kg"


def test_notes_are_cut_to_what_the_log_takes() -> None:
    long, odd = rows(row(notes="x" * 3000), row(notes="bell\a")).sets
    assert (long.note, odd.note) == ("x" * 1999 + "…", "bell")


def test_an_rpe_of_nothing_is_not_known() -> None:
    assert [s.rir for s in rows(row(rpe=""), row(rpe="0"), row(rpe="6")).sets] == [None, None, Decimal(4)]


def test_the_unit_is_the_rows_else_the_headers_else_the_one_given() -> None:
    header = "Date,Exercise Name,Weight,Weight Unit,Reps"
    lines = ("2024-05-01 18:00:00,Squat,225,lbs,5", "2024-05-01 18:00:00,Squat,100,,5")
    assert [s.load for s in rows(*lines, header=header).sets] == [lb("225"), kg("100")]
    header = "Date,Exercise Name,Weight (lb),Reps"
    assert rows("2024-05-01 18:00:00,Squat,225,5", header=header).sets[0].load == lb("225")
    assert rows(row(), unit="lb").sets[0].load == lb("100")
    unknown = "2024-05-01 18:00:00,Squat,225,stone,5"
    assert reason(unknown, "Date,Exercise Name,Weight,Weight Unit,Reps") == "weight unit: neither kg nor lb"


def test_columns_are_found_by_name_and_unknown_ones_are_named() -> None:
    export = rows("5,2024-05-01 18:00:00,tired,100,Squat", header="Reps,Date,Mood,Weight,EXERCISE NAME")
    assert (export.sets[0].exercise, export.sets[0].reps, export.unknown_columns) == ("Squat", 5, ("Mood",))


def test_rows_shorter_than_the_header_lack_only_what_they_leave_out() -> None:
    assert rows('2024-05-01 18:00:00,"A",1h,"Squat (Barbell)",1,100,5').sets[0].reps == 5


def test_blank_lines_are_no_rows() -> None:
    export = rows("", row(), "", ",,,", row())
    assert (export.rows, [s.line for s in export.sets]) == (2, [3, 6])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("Datum;Name der Übung;Gewicht;Wiederh.\n", "no column 'date' or 'exercise name' or 'weight' or 'reps'"),
        ("Date,Exercise Name,Weight,Reps,Reps\n", "two columns called 'Reps'"),
        ("Date,Exercise Name,Weight (stone),Reps\n", "'Weight (stone)' has a unit that is neither kg nor lb"),
        (f'{HEADER}\n{row()}\n2024-05-01,"A,1h\n{row()}\n', "from line 3 on"),
    ],
)
def test_a_file_that_is_no_export_is_refused_whole(text: str, message: str) -> None:
    with pytest.raises(ExportUnreadable, match=message.replace("(", r"\(").replace(")", r"\)")):
        read_export_text(text, Answers("kg", UTC), "strong")


def test_text_that_is_not_utf8_is_refused_with_its_line() -> None:
    with pytest.raises(ExportUnreadable, match="line 2 is not UTF-8"):
        read_text(b"Date\n\xfcbung")


fields = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.one_of(st.integers(-5, 1200).map(str), st.sampled_from(["", "2,5", "102.5", "x", "1e9", "٣"]))
orders = st.sampled_from(["1", "2", "W", "F", "D", "Note", "Rest Timer", "", "SS"])
lines = st.builds(
    lambda **given: row(**{name: str(value).replace('"', '""') for name, value in given.items()}),
    date=st.sampled_from(["2024-05-01 18:00:00", "2024-05-02 18:00:00", "", "2024-13-01 18:00:00"]),
    workout=st.sampled_from(["A", "B"]),
    exercise=st.sampled_from(["Squat (Barbell)", "Plank", "", "Rest Timer"]),
    order=orders,
    weight=numbers,
    reps=numbers,
    seconds=numbers,
    notes=fields,
    rpe=numbers,
)


@given(st.lists(lines, max_size=12))
def test_every_row_is_taken_or_skipped_once(written: list[str]) -> None:
    export = rows(*written)
    assert export.rows == len(written)
    taken = [s.line for s in export.sets] + [n.line for n in export.notes] + [s.line for s in export.skipped]
    assert len(set(taken)) == len(taken) == export.rows


@given(st.lists(lines, max_size=12), st.lists(lines, max_size=4))
def test_a_grown_export_repeats_what_it_said_before(written: list[str], more: list[str]) -> None:
    before, after = rows(*written), rows(*written, *more)
    assert after.sets[: len(before.sets)] == before.sets
    assert after.notes[: len(before.notes)] == before.notes
