"""Reading Hevy's exports: sets in their sessions, and a reason for every row that is not taken."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.identifiers import SESSION_ID
from service.domain.instants import SECOND
from service.domain.instants import parse as instant
from service.domain.loads import Load
from service.trackers.export import Export, ExportUnreadable, Unanswered
from service.trackers.reader import Answers, read_export_text
from service.usecases.log.tracker_logs import tracker_log
from tests.support.training import LIBRARY

HEADER = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)
UTC = ZoneInfo("UTC")


def row(
    exercise: str = "Squat (Barbell)",
    *,
    start: str = "15 Sep 2025, 07:48",
    kind: str = "normal",
    weight: str = "100",
    reps: str = "5",
    seconds: str = "0",
    rpe: str = "",
) -> str:
    before = f'"Legs","{start}","15 Sep 2025, 09:13","","{exercise}",,"a ""note"", with commas",0'
    return f'{before},"{kind}",{weight},{reps},,{seconds},{rpe}'


def read(*lines: str, header: str = HEADER, time_zone: ZoneInfo = UTC) -> Export:
    return read_export_text("\n".join((header, *lines)), Answers(None, time_zone))


def test_sets_are_a_second_apart_from_the_start_of_their_session() -> None:
    export = read(row(), row("Plank", weight="", reps="", seconds="75"), row(start="16 Sep 2025, 18:00"), row())
    first, plank, other_day, third = export.sets
    assert (first.line, first.exercise, first.kind, first.load, first.reps, first.seconds, first.rir) == (
        2,
        "Squat (Barbell)",
        None,
        Load(Decimal(100), "kg"),
        5,
        0,
        None,
    )
    start = instant("2025-09-15T07:48:00Z")
    assert [each.occurred_at for each in (first, plank, third)] == [start, start + SECOND, start + 2 * SECOND]
    assert (plank.reps, plank.seconds) == (0, 75)
    assert other_day.occurred_at == instant("2025-09-16T18:00:00Z")
    assert len({first.session_id, plank.session_id, third.session_id, other_day.session_id}) == 2
    assert len({each.event_id for each in export.sets}) == 4


def test_times_are_those_of_the_gym() -> None:
    (performed,) = read(row(), time_zone=ZoneInfo("Europe/Vienna")).sets
    assert performed.occurred_at == instant("2025-09-15T05:48:00Z")


@pytest.mark.parametrize(
    ("written", "kind"), [("warmup", "warmup"), ("dropset", "drop"), ("failure", "failure"), ("normal", None)]
)
def test_kinds_are_those_of_the_log(written: str, kind: str | None) -> None:
    assert read(row(kind=written)).sets[0].kind == kind


def test_rpe_is_what_was_left_in_reserve() -> None:
    assert [each.rir for each in read(row(rpe="8.5"), row()).sets] == [Decimal("1.5"), None]


def test_pounds_are_read_from_the_header() -> None:
    assert read(row(weight="225"), header=HEADER.replace("weight_kg", "weight_lbs")).sets[0].load == Load(
        Decimal(225), "lb"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row(reps="0"), "neither reps nor seconds: nothing was done"),
        (row(reps="many"), "reps: not a number of 0 or more"),
        (row(reps="1001"), "reps: more than 1000"),
        (row(seconds="90000", reps=""), "seconds: more than 86400"),
        (row(weight="2001"), "weight: more than 2000 kg"),
        (row(rpe="11"), "RPE: not between 1 and 10"),
        (row(""), "no exercise named"),
        (row(start="last Monday"), "date: not like 2026-11-22 18:03:00"),
        (row(start="3 Foo 2025, 07:48"), "date: a month that is not known"),
        (row(start="31 Feb 2025, 07:48"), "date: not one that exists"),
        (row(kind="myorep"), "kind of set: none that is known"),
        (row() + ",more", "more fields than the header has: a decimal comma or a separator outside quotes"),
    ],
)
def test_every_row_that_is_not_taken_has_a_reason(line: str, reason: str) -> None:
    export = read(row(), line, row())
    assert [(each.line, each.reason) for each in export.skipped] == [(3, reason)]
    assert (export.rows, len(export.sets)) == (3, 2)


def test_another_file_is_refused() -> None:
    with pytest.raises(ExportUnreadable, match="no column 'set type'"):
        read(header=HEADER.replace('"set_type",', ""))


def test_the_unit_is_asked_for_where_the_header_does_not_say_it() -> None:
    with pytest.raises(Unanswered, match="kilograms or pounds") as asked:
        read(row(), header=HEADER.replace("weight_kg", "weight"))
    assert asked.value.question == "unit"


def test_a_file_may_have_a_column_for_each_unit() -> None:
    header = "title,start_time,exercise_title,set_type,weight_kg,weight_lbs,reps"
    rows = ["A,15 Sep 2025 07:48,Squat,normal,50,,5", "A,15 Sep 2025 07:48,Squat,normal,,110,5"]
    assert [str(each.load) for each in read(*rows, header=header).sets] == ["50 kg", "110 lb"]


def test_assistance_may_be_written_below_nothing() -> None:
    assert read(row("Pull Up (Assisted)", weight="-22.05")).sets[0].load == Load(Decimal("-22.05"), "kg")


def test_an_exercise_twice_in_a_session_stays_apart_and_a_later_export_repeats_its_ids() -> None:
    before = read(row(), row("Plank", seconds="60"), row(weight="80"))
    assert len({each.event_id for each in before.sets}) == 3
    after = read(row(start="18 Sep 2025, 07:48"), row(), row("Plank", seconds="60"), row(weight="80"))
    assert [each.event_id for each in after.sets[1:]] == [each.event_id for each in before.sets]


def test_the_note_of_an_exercise_stands_on_its_first_set_alone() -> None:
    export = read(row(), row(), row("Plank", seconds="60"))
    assert [each.note for each in export.sets] == ['a "note", with commas', None, 'a "note", with commas']


def test_line_breaks_that_the_app_escaped_are_line_breaks() -> None:
    header = "title,start_time,description,exercise_title,exercise_notes,set_type,weight_kg,reps"
    export = read('A,15 Sep 2025 07:48,"one\\ntwo",Squat,"wide\\nfeet",normal,50,5', header=header)
    assert (export.workout_notes[0].text, export.sets[0].note) == ("one\ntwo", "wide\nfeet")


API = """
{"page": 1, "page_count": 1, "workouts": [{
  "id": "w-1", "title": "Push", "description": "felt strong", "start_time": "2026-07-20T11:00:00+02:00",
  "exercises": [{"index": 0, "title": "Bench Press (Barbell)", "notes": "pause", "superset_id": null, "sets": [
    {"index": 0, "type": "warmup", "weight_kg": 40, "reps": 10, "rpe": null},
    {"index": 1, "type": "normal", "weight_kg": 61.23496995, "reps": 5, "rpe": 8.5}]},
   {"index": 1, "title": "Dead Hang", "notes": null, "sets": [
    {"index": 0, "type": "normal", "weight_kg": null, "reps": null, "duration_seconds": 40},
    {"index": 1, "type": "normal", "weight_kg": null, "reps": null, "distance_meters": 400}]}]}]}
"""


def test_what_hevys_api_answers_is_read_as_its_file_is() -> None:
    export = read_export_text(API, Answers())
    assert [(s.line, s.exercise, s.kind, str(s.load), s.reps, s.seconds, s.rir, s.note) for s in export.sets] == [
        (1, "Bench Press (Barbell)", "warmup", "40 kg", 10, 0, None, "pause"),
        (2, "Bench Press (Barbell)", None, "61.235 kg", 5, 0, Decimal("1.5"), None),
        (3, "Dead Hang", None, "0 kg", 0, 40, None, None),
    ]
    assert export.sets[0].occurred_at == instant("2026-07-20T09:00:00Z")
    assert [(each.line, each.reason) for each in export.skipped] == [
        (4, "only a distance, which Spotter does not keep")
    ]
    assert [each.text for each in export.workout_notes] == ["felt strong"]
    assert (export.says_zone, export.says_unit, export.rows) == (True, True, 4)


@given(st.lists(st.lists(st.text(alphabet="0159.,- abé\"'\n", max_size=8), max_size=16), max_size=4))
def test_whatever_stands_there_each_row_is_accounted_for(table: list[list[str]]) -> None:
    lines = [",".join('"' + each.replace('"', '""') + '"' for each in fields) for fields in table]
    export = read(*lines)
    assert export.rows == len(export.sets) + len(export.skipped)
    assert all(SESSION_ID.fullmatch(each.session_id) for each in export.sets)


def test_names_are_looked_up_in_the_catalogue() -> None:
    content = "\n".join((HEADER, row(), row("My own Machine", start="14 Sep 2025, 07:48"))).encode("utf-8-sig")
    made = tracker_log(content, LIBRARY.exercises, time_zone=UTC, unit="lb")
    assert made is not None
    exercises = [getattr(each.data, "exercise", None) for each in made.submissions]
    assert exercises == ["my-own-machine", "squat"]
    assert (made.rows, made.sets, made.skipped) == (2, 2, {})
    assert tracker_log(b'{"type": "set_logged"}', LIBRARY.exercises, time_zone=UTC, unit="kg") is None
