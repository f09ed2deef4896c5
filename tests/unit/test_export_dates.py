"""Dates as apps write them, in the languages that apps have."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from service.domain.instants import parse as instant
from service.trackers.dates import DateReading, read_date
from service.trackers.export import NotTaken, Unanswered

UTC = ZoneInfo("UTC")


def read(written: str, order: str | None = None) -> int:
    assert order in (None, "day-month", "month-day")
    return read_date(written, DateReading(UTC, order)).instant  # type: ignore[arg-type] # narrowed just above


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("15 Sep 2025, 07:48", "2025-09-15T07:48:00Z"),
        ("Jun 11, 2026, 1:01 PM", "2026-06-11T13:01:00Z"),
        ("Nov 2, 2025, 12:30\N{NARROW NO-BREAK SPACE}AM", "2025-11-02T00:30:00Z"),
        ("1 Sept. 2026, 07:30", "2026-09-01T07:30:00Z"),
        ("16 Juni 2026, 18:00", "2026-06-16T18:00:00Z"),
        ("3 März 2026, 18:00", "2026-03-03T18:00:00Z"),
        ("3 mrt 2026, 18:00", "2026-03-03T18:00:00Z"),
        ("20 giu 2026, 14:13", "2026-06-20T14:13:00Z"),
        ("5 août 2026, 06:10", "2026-08-05T06:10:00Z"),
        ("5 de fev. de 2026, 06:10", "2026-02-05T06:10:00Z"),
        ("5 paź 2026, 06:10", "2026-10-05T06:10:00Z"),
        ("5 сент. 2026, 06:10", "2026-09-05T06:10:00Z"),
        ("5 Ağu 2026, 06:10", "2026-08-05T06:10:00Z"),
        ("5 9월 2026, 06:10", "2026-09-05T06:10:00Z"),
        ("2026年9月5日 06:10", "2026-09-05T06:10:00Z"),
        ("22.09.2026, 17:00", "2026-09-22T17:00:00Z"),
        ("2026/04/29", "2026-04-29T12:00:00Z"),
        ("2026-04-29", "2026-04-29T12:00:00Z"),
        ("2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00Z"),
        ("2021-12-27 10:02:51 +0100", "2021-12-27T09:02:51Z"),
        ("2021-12-27T10:02:51-05:30", "2021-12-27T15:32:51Z"),
    ],
)
def test_a_date_is_read_in_any_apps_words(written: str, meant: str) -> None:
    assert read(written) == instant(meant)


def test_which_number_is_the_month_is_asked_and_never_guessed() -> None:
    with pytest.raises(Unanswered, match="the day or the month first") as asked:
        read("03/04/2026 10:00")
    assert asked.value.question == "date_order"
    assert read("03/04/2026 10:00", "day-month") == instant("2026-04-03T10:00:00Z")
    assert read("03/04/2026 10:00", "month-day") == instant("2026-03-04T10:00:00Z")


@pytest.mark.parametrize("written", ["5 jui 2026", "5 ma 2026", "5 xyz 2026"])
def test_a_month_that_could_be_two_is_none(written: str) -> None:
    with pytest.raises(NotTaken, match="a month that is not known"):
        read(written)


def test_a_zone_is_asked_for_where_a_time_has_none() -> None:
    with pytest.raises(Unanswered) as asked:
        read_date("2026-04-29 10:00", DateReading(None, None))
    assert asked.value.question == "time_zone"
    assert read_date("2026-04-29T10:00Z", DateReading(None, None)).instant == instant("2026-04-29T10:00:00Z")
