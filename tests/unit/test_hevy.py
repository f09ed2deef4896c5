"""Reading Hevy's exports: sets in their sessions, and a reason for every row that is not taken."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.identifiers import SESSION_ID
from service.domain.instants import parse as instant
from service.domain.loads import Load
from service.trackers.hevy import HevyExport, HevySet, parse
from service.trackers.table import ExportUnreadable
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


def read(*lines: str, header: str = HEADER, time_zone: ZoneInfo = UTC) -> HevyExport:
    return parse("\n".join((header, *lines)), time_zone=time_zone)


def test_sets_are_a_minute_apart_from_the_start_of_their_session() -> None:
    export = read(row(), row("Plank", weight="", reps="", seconds="75"), row(start="16 Sep 2025, 18:00"), row())
    first, plank, other_day, third = export.sets
    assert first == HevySet(
        line=2,
        occurred_at=instant("2025-09-15T07:48:00Z"),
        session_id="s202509150748",
        exercise="Squat (Barbell)",
        kind=None,
        load=Load(Decimal(100), "kg"),
        reps=5,
        seconds=None,
        rir=None,
    )
    assert (plank.occurred_at, plank.reps, plank.seconds) == (instant("2025-09-15T07:49:00Z"), None, 75)
    assert (other_day.occurred_at, other_day.session_id) == (instant("2025-09-16T18:00:00Z"), "s202509161800")
    assert (third.occurred_at, third.session_id) == (instant("2025-09-15T07:50:00Z"), first.session_id)


def test_times_are_those_of_the_gym() -> None:
    (performed,) = read(row(), time_zone=ZoneInfo("Europe/Vienna")).sets
    assert (performed.occurred_at, performed.session_id) == (instant("2025-09-15T05:48:00Z"), "s202509150748")


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
        (row(reps="0"), "neither reps nor seconds: nothing was done, or only a distance, which Spotter does not keep"),
        (row(reps="many"), "reps: not a number of 0 or more"),
        (row(reps="1001"), "reps: more than 1000"),
        (row(seconds="90000", reps=""), "duration: more than 86400"),
        (row(weight="2001"), "weight: more than 2000 kg"),
        (row(rpe="11"), "RPE: not between 1 and 10"),
        (row(""), "no exercise named"),
        (row(start="2025-09-15 07:48"), "start time: not like 15 Sep 2025, 07:48"),
        (row(start="31 Feb 2025, 07:48"), "start time: not one that exists"),
        (row() + ",more", "not as many fields as the header has"),
    ],
)
def test_every_row_that_is_not_taken_has_a_reason(line: str, reason: str) -> None:
    export = read(row(), line, row())
    assert [(each.line, each.reason) for each in export.skipped] == [(3, reason)]
    assert (export.rows, len(export.sets)) == (3, 2)


def test_another_file_is_refused() -> None:
    with pytest.raises(ExportUnreadable, match="no column set_type, weight_kg or weight_lbs"):
        read(header=HEADER.replace('"set_type","weight_kg",', ""))


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
