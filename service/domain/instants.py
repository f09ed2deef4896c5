"""Instants: whole microseconds since the Unix epoch, UTC; RFC 3339 at the edges; a lifter's days and weeks."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from typing import Final, TypeAlias

from service.domain.time_zones import zone

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC_3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_EARLIEST: Final = -2_208_988_800 * SECOND
_LATEST: Final = 7_258_118_400 * SECOND


def parse(text: str) -> Instant:
    """Read an RFC 3339 time with an offset, between the years 1900 and 2200; ``ValueError`` says what is wrong."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError("not an RFC 3339 time with an offset, such as 2026-11-22T18:03:00+01:00")
    try:
        moment = datetime.fromisoformat(text.upper())
        instant = (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise ValueError("not a time that exists on the calendar") from None
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("not between the years 1900 and 2200")
    return instant


def render(instant: Instant) -> str:
    """Write an instant in RFC 3339, UTC; the fraction only where there is one."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def day_number(instant: Instant, time_zone: str) -> int:
    """The lifter's calendar day, counted from 1970-01-01 (day 0)."""
    if time_zone == "UTC":
        return instant // DAY
    local = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone(time_zone))
    return local.date().toordinal() - _EPOCH.toordinal()


def day_of(number: int) -> date:
    """The date of a calendar day counted from 1970-01-01 (day 0)."""
    return _EPOCH.date() + timedelta(days=number)


def week_number(instant: Instant, time_zone: str) -> int:
    """The lifter's calendar week, Monday to Sunday; the week of 1970-01-01 is 0."""
    return week_of(day_number(instant, time_zone))


def week_of(day: int) -> int:
    """The calendar week of a day; the week of day 0, 1970-01-01, is 0."""
    return (day + 3) // 7  # that day was a Thursday


@lru_cache(maxsize=4096)
def midnight(day: int, time_zone: str) -> Instant:
    """The first instant of a lifter's day (in a zone that skips midnight, the first that exists)."""
    date = _EPOCH.date() + timedelta(days=day)
    local = datetime.combine(date, clock_time.min, tzinfo=zone(time_zone))
    return (local - _EPOCH) // timedelta(microseconds=1)
