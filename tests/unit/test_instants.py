"""Instants: RFC 3339 with an offset at the edges, whole microseconds inside, days that are the lifter's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.instants import HOUR, SECOND, day_number, midnight, parse, render

ZONES = [
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "America/Havana",  # falls back over midnight
    "America/Sao_Paulo",  # used to spring forward at midnight, so that some days began at one
    "Asia/Kathmandu",
    "Pacific/Apia",  # left out the whole of 2011-12-30
    "Australia/Lord_Howe",  # changes by half an hour
]
INSTANTS = st.integers(parse("1970-01-02T00:00:00Z"), parse("2199-12-30T00:00:00Z"))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-22T18:03:00+01:00", "2026-11-22T17:03:00Z"),
        ("2026-11-22T17:03:00.5Z", "2026-11-22T17:03:00.500000Z"),
        ("2026-11-22t17:03:00z", "2026-11-22T17:03:00Z"),
        ("2026-11-22T00:00:00+14:00", "2026-11-21T10:00:00Z"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00Z"),
    ],
)
def test_one_instant_in_other_words_is_the_same(text: str, same: str) -> None:
    assert render(parse(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-11-22T17:03:00",
        "2026-11-22 17:03:00Z",
        "2026-11-22T17:03Z",
        "2026-11-22T17:03:00.1234567Z",
        "2026-11-22T17:03:00+1:00",
        "2026-11-22T17:03:00+01",
        "2026-11-22T17:03:00Z\n",
        "\uff12026-11-22T17:03:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T17:03:60Z",
        "2026-11-22T17:03:00+24:00",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "-2026-11-22T17:03:00Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not "):
        parse(text)


@given(INSTANTS)
def test_what_is_written_reads_back(instant: int) -> None:
    assert parse(render(instant)) == instant


def test_the_epoch_is_zero_and_a_microsecond_one() -> None:
    assert parse("1970-01-01T00:00:00Z") == 0
    assert parse("1970-01-01T00:00:00.000001Z") == 1
    assert parse("1969-12-31T23:59:59Z") == -SECOND


def test_a_day_is_the_lifters() -> None:
    late = parse("2026-11-22T23:30:00Z")
    assert day_number(late, "Europe/Vienna") == day_number(late, "UTC") + 1
    assert day_number(late, "America/New_York") == day_number(late, "UTC")
    assert day_number(-1, "UTC") == -1


@pytest.mark.parametrize("zone", ZONES)
@given(instant=INSTANTS)
def test_every_instant_lies_in_its_day(zone: str, instant: int) -> None:
    day = day_number(instant, zone)
    assert midnight(day, zone) <= instant < midnight(day + 1, zone)


@pytest.mark.parametrize("zone", ZONES)
@given(instant=INSTANTS)
def test_a_day_begins_with_its_midnight(zone: str, instant: int) -> None:
    begins = midnight(day_number(instant, zone), zone)
    assert day_number(begins, zone) == day_number(instant, zone)
    assert day_number(begins - 1, zone) < day_number(begins, zone)


def test_a_day_of_a_clock_change_has_other_than_24_hours() -> None:
    spring = (datetime(2026, 3, 29, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)
    assert midnight(spring + 1, "Europe/Vienna") - midnight(spring, "Europe/Vienna") == 23 * HOUR


def test_an_unknown_zone_is_no_zone() -> None:
    with pytest.raises(KeyError):
        day_number(0, "Europe/Atlantis")
