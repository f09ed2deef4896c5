"""When a set was done, in the ways in which apps write it: ISO, months in words, and numbers in either order."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from service.domain.instants import Instant
from service.trackers.export import NotTaken, Unanswered
from service.trackers.fields import tidy

DateOrder: TypeAlias = Literal["day-month", "month-day"]


class DateReading(NamedTuple):
    """What the dates of a file are read with: where the lifter trained, and what ``03/04/2026`` means."""

    time_zone: ZoneInfo | None
    order: DateOrder | None


class When(NamedTuple):
    """A moment: on the clock that it is written by, such as ``2026-11-22T18:03:00``, and as an instant.

    ``has_time`` and ``has_zone`` say whether a time of day and a zone stand there.
    """

    clock: str
    instant: Instant
    has_time: bool
    has_zone: bool


_CLOCK: Final = (
    r"(?:[T,\s]\s*(?:(?:at|um)\s)?(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:\.\d+)?)?"
    r"(?:\s*([ap])\.?\s?m\.?)?\s*(z|[+-]\d\d:?\d\d)?)?"
)
_FLAGS: Final = re.IGNORECASE
_ISO: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})" + _CLOCK, _FLAGS)
_DAY_WORD: Final = re.compile(
    r"([0-9]{1,2})\.?\s(?:de\s)?([^\d\s,.]+|[0-9]{1,2}[월月])\.?\s(?:de\s)?([0-9]{4})" + _CLOCK, _FLAGS
)
_WORD_DAY: Final = re.compile(r"([^\d\s,.]+)\.?\s([0-9]{1,2}),?\s([0-9]{4})" + _CLOCK, _FLAGS)
_DOTS: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})" + _CLOCK, _FLAGS)
_NUMBERS: Final = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})" + _CLOCK, _FLAGS)
_CHARACTERS: Final = re.compile(r"([0-9]{4})[年년]\s?([0-9]{1,2})[月월]\s?([0-9]{1,2})[日일]" + _CLOCK, _FLAGS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOON: Final = 12
_REMEMBERED: Final = 1024
_SHORTEST: Final = 3

_MONTHS: Final = tuple(
    line.split()
    for line in """
    january januar janvier enero gennaio janeiro januari stycznia января ocak janner
    february februar fevrier febrero febbraio fevereiro februari lutego февраля subat feber
    march marz mars marzo marco maart mrt mrz marca марта mart
    april avril abril aprile kwietnia апреля nisan
    may mai mayo maggio maio mei maja maj мая mayis
    june juni juin junio giugno junho czerwca июня haziran
    july juli juillet julio luglio julho lipca июля temmuz
    august aout agosto augustus sierpnia августа agustos augusti
    september septembre septiembre settembre setembro wrzesnia сентября eylul
    october oktober octobre octubre ottobre outubro pazdziernika октября ekim
    november novembre noviembre novembro listopada ноября kasim
    december dezember decembre diciembre dicembre dezembro desember grudnia декабря aralik
    """.strip().splitlines()
)
"""Month names as the languages of the apps have them, without accents; any beginning of three letters will do."""


def slashed(written: str) -> tuple[int, int] | None:
    """The two numbers before the year of a date whose order its form does not say; else None."""
    parts = _NUMBERS.fullmatch(tidy(written))
    return None if parts is None else (int(parts[1]), int(parts[3]))


@lru_cache(_REMEMBERED)
def read_date(written: str, reading: DateReading) -> When:
    """The moment that a field names; noon where it has no time of day.

    Of an hour that the clocks went through twice the first is meant, and a time that they skipped is read as if they
    had not been moved yet. Raises `NotTaken` for what is no date, `Unanswered` where zone or order must be known.
    """
    year, month, day, clock = _parts(tidy(written), reading.order)
    hour, minute, second, half, zone = clock
    hours, minutes, seconds = int(hour or _NOON), int(minute or 0), int(second or 0)
    if half and not 1 <= hours <= _NOON:
        raise NotTaken("date: not one that exists")
    if half:
        hours = hours % _NOON + (_NOON if half.casefold() == "p" else 0)
    if not 1900 < year < 2199:
        raise NotTaken("date: not between 1901 and 2198")
    try:
        local = datetime(year, month, day, hours, minutes, seconds, tzinfo=_zone(zone, reading))
    except ValueError:
        raise NotTaken("date: not one that exists") from None
    instant = (local - _EPOCH) // timedelta(microseconds=1)
    return When(f"{local:%Y-%m-%dT%H:%M:%S}", instant, hour is not None, zone is not None)


def _parts(text: str, order: DateOrder | None) -> tuple[int, int, int, tuple[str | None, ...]]:
    """Year, month, day, and what stands of the time: hour, minute, second, half of the day, zone."""
    if (found := _ISO.fullmatch(text) or _CHARACTERS.fullmatch(text)) is not None:
        return int(found[1]), int(found[2]), int(found[3]), found.groups()[3:]
    if (found := _DOTS.fullmatch(text)) is not None:
        return int(found[3]), int(found[2]), int(found[1]), found.groups()[3:]
    if (found := _DAY_WORD.fullmatch(text)) is not None:
        return int(found[3]), _month(found[2]), int(found[1]), found.groups()[3:]
    if (found := _WORD_DAY.fullmatch(text)) is not None:
        return int(found[3]), _month(found[1]), int(found[2]), found.groups()[3:]
    if (found := _NUMBERS.fullmatch(text)) is not None:
        if order is None:
            raise Unanswered("date_order", f"whether {found[0][:10]!r} has the day or the month first, no date says")
        first, second = int(found[1]), int(found[3])
        day, month = (first, second) if order == "day-month" else (second, first)
        return int(found[4]), month, day, found.groups()[4:]
    raise NotTaken("date: not like 2026-11-22 18:03:00")


@lru_cache(_REMEMBERED)
def _month(word: str) -> int:
    if word[-1] in "월月":
        return int(word[:-1])
    letters = "".join(
        each for each in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(each)
    )
    meant = {
        place
        for place, names in enumerate(_MONTHS, 1)
        if any(name.startswith(letters) for name in names) and len(letters) >= _SHORTEST
    }
    if len(meant) != 1:
        raise NotTaken("date: a month that is not known")
    return meant.pop()


def _zone(written: str | None, reading: DateReading) -> ZoneInfo | timezone:
    if written is None:
        if reading.time_zone is None:
            raise Unanswered("time_zone", "the times of the file are on the gym's clock, and it does not say which")
        return reading.time_zone
    if written in "zZ":
        return UTC
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))
