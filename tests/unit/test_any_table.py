"""Reading tables of no known app, and what all tables have in common: encodings, separators, quotes, summary rows."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.identifiers import EVENT_ID, SESSION_ID
from service.trackers.export import ExportUnreadable, NotTaken, Unanswered
from service.trackers.fields import kind_of, number, seconds_of
from service.trackers.layouts import LAYOUTS, proposed
from service.trackers.reader import APPS, Answers, read_export, read_export_text
from service.trackers.table import read_text, records

UTC = ZoneInfo("UTC")
GERMAN = "Datum;Übung;Gewicht (kg);Wdh.;RIR;Notiz\r\n"
MEANT = {"Datum": "date", "Übung": "exercise", "Gewicht (kg)": "weight", "Wdh.": "reps", "RIR": "rir"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_told_apart(encoding: str) -> None:
    assert read_text(GERMAN.encode(encoding)).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}") == GERMAN


def test_text_of_no_known_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(ExportUnreadable, match="line 2 is not UTF-16 text"):
        read_text(b"\xff\xfea\0\n\0\x00\xdc")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_told_by_the_header(separator: str) -> None:
    text = (
        f'a{separator}b{separator}c\r\n1{separator}"2\r\n{separator}3"{separator}4\r\n\r\n5{separator}{separator}\r\n'
    )
    assert [(each.line, each.values) for each in records(text)] == [
        (1, ["a", "b", "c"]),
        (2, ["1", f"2\r\n{separator}3", "4"]),
        (5, ["5", "", ""]),
    ]


def test_a_line_for_spreadsheets_is_no_row() -> None:
    assert [(each.line, each.values) for each in records("sep=;\na;b\n1;2\n")] == [(2, ["a", "b"]), (3, ["1", "2"])]


def test_a_mapping_is_proposed_and_not_used_before_it_is_said() -> None:
    text = GERMAN + "2026-04-29;Kniebeuge;102,5;5;2;tief\r\n"
    with pytest.raises(Unanswered, match="date=Datum, exercise=Übung, weight=Gewicht") as asked:
        read_export_text(text, Answers(None, UTC))
    assert asked.value.question == "columns"
    export = read_export_text(text, Answers(None, UTC, None, MEANT))
    assert [(s.exercise, str(s.load), s.reps, s.rir, s.note) for s in export.sets] == [
        ("Kniebeuge", "102.5 kg", 5, Decimal(2), None)
    ]
    assert (export.app, export.unknown_columns) == ("csv", ("Notiz",))
    assert export.columns[:2] == (("date", "Datum"), ("exercise", "Übung"))


def test_every_meaning_is_proposed_once() -> None:
    header = ["Name", "StartTime", "Exercise", "Reps", "Weight", "IsWarmup", "Status", "Title"]
    assert proposed(header) == {
        "Name": "workout",
        "StartTime": "date",
        "Exercise": "exercise",
        "Reps": "reps",
        "Weight": "weight",
        "IsWarmup": "warm-up",
    }


def test_date_and_time_of_day_may_stand_apart() -> None:
    columns = {"Day": "date", "At": "time", "Lift": "exercise", "kg": "weight", "Reps": "reps"}
    export = read_export_text("Day,At,Lift,kg,Reps\n2026-04-29,18:05,Squat,100,5\n", Answers(None, UTC, None, columns))
    assert (export.has_times, str(export.sets[0].load)) == (True, "100 kg")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"Day": "date"}, "the header has no column 'Day'"),
        ({"Datum": "when"}, "'when' is nothing a column may hold: date, time"),
        ({"Datum": "date", "Wdh.": "reps"}, "nothing says which column is exercise"),
        ({"Datum": "date", "Übung": "exercise"}, "nothing says which column is reps"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(columns: dict[str, str], message: str) -> None:
    with pytest.raises(ExportUnreadable, match=message):
        read_export_text(GERMAN, Answers(None, UTC, None, columns))


def test_another_apps_file_is_not_taken_for_the_one_that_was_named() -> None:
    with pytest.raises(ExportUnreadable, match="no Hevy export"):
        read_export_text("Date,Exercise Name,Weight,Reps\n", Answers("kg", UTC), "hevy")
    with pytest.raises(ExportUnreadable, match="an export of Hevy, not of Strong"):
        read_export_text('{"workouts": [{"exercises": []}]}', Answers("kg", UTC), "strong")
    for text in ("{", "[1, 2]", '{"type": "set_logged"}', "[" * 100_000):
        with pytest.raises(ExportUnreadable, match="JSON"):
            read_export_text(text, Answers("kg", UTC))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("", 0), ("75", 75), ("75.9", 75), ("1:15", 75), ("0:01:15", 75), ("1h 2m", 3720), ("1m 15s", 75), ("90s", 90)],
)
def test_durations(written: str, seconds: int) -> None:
    assert seconds_of(written) == seconds


def test_a_comma_before_three_noughts_is_not_guessed_at() -> None:
    with pytest.raises(NotTaken, match="a thousand or one"):
        number("1,000", "weight")
    assert number("61,235", "weight") == number("61.235", "weight")


@pytest.mark.parametrize(
    ("written", "kind"), [("Warm-up", "warmup"), ("W2", "warmup"), ("Drop Set", "drop"), ("3", None)]
)
def test_kinds_of_sets_by_any_apps_word(written: str, kind: str | None) -> None:
    assert kind_of(written) == kind


def test_there_is_a_layout_for_every_app() -> None:
    assert APPS == ("hevy", "strong", "liftosaur", "fitnotes", "csv")


names = st.sampled_from(
    [name for layout in LAYOUTS.values() for name in layout.columns] + ["category", "set_index", "x"]
)
cells = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["2026-04-29", "3/4/2026", "15 Sep 2025, 07:48", "5", "100", "102,5", "Squat", "kg", "w", "1:30"]),
)
tables = st.lists(names, min_size=1, max_size=10).flatmap(
    lambda header: st.lists(st.lists(cells, min_size=len(header), max_size=len(header)), max_size=6).map(
        lambda rows: [header, *rows]
    )
)


@given(tables, st.sampled_from([None, *APPS]), st.sampled_from([None, "kg"]))
def test_whatever_stands_there_every_row_is_accounted_for(table: list[list[str]], app: str | None, unit: None) -> None:
    lines = [",".join('"' + each.replace('"', '""') + '"' for each in fields) for fields in table]
    try:
        export = read_export("\n".join(lines).encode("utf-8", "replace"), Answers(unit, UTC), app)
    except ExportUnreadable:
        return
    assert export.rows == len(export.sets) + len(export.notes) + len(export.skipped)
    assert all(EVENT_ID.fullmatch(each.event_id) and SESSION_ID.fullmatch(each.session_id) for each in export.sets)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_a_file_is_read_or_refused(content: bytes) -> None:
    for beginning in (b"", b"SQLite format 3\0", b"\xff\xfe", b'{"workouts": '):
        try:
            read_export(beginning + content, Answers("kg", UTC))
        except ExportUnreadable:
            continue


@pytest.mark.parametrize(
    ("header", "suggestion"),
    [
        (
            "Titel,Startzeit,Übungstitel,Gewicht (kg),Wiederholungen",
            "workout=Titel, date=Startzeit, exercise=Übungstitel, weight=Gewicht (kg), reps=Wiederholungen",
        ),
        (
            "Título del ejercicio,Hora de inicio,Peso (kg),Repeticiones,x",
            "exercise=Título del ejercicio, date=Hora de inicio, weight=Peso (kg), reps=Repeticiones",
        ),
        ("Exercise,kg,x", "exercise=Exercise, weight=kg, date=..., reps=..."),
    ],
)
def test_what_names_of_columns_suggest_can_be_said_as_it_is(header: str, suggestion: str) -> None:
    with pytest.raises(Unanswered) as asked:
        read_export_text(f"{header}\n", Answers(None, UTC))
    assert asked.value.suggestion == suggestion
    if "..." not in suggestion:
        said = dict(each.split("=")[::-1] for each in suggestion.split(", "))
        assert read_export_text(f"{header}\n", Answers(None, UTC, None, said)).rows == 0
