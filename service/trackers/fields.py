"""Fields of an export as what they mean: names, numbers, times on the gym's clock."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from service.domain.events import LONGEST_NOTE
from service.domain.limits import MOST_RIR
from service.domain.loads import canonical

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES: Final = re.compile(r"\s+")
_NUMBER: Final = re.compile(r"\d{1,6}(?:[.,]\d{1,20})?", re.ASCII)
_PLACES: Final = Decimal("0.0001")
_WHEN: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T\s]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\s*([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE
)


class NotTaken(Exception):
    """A row that cannot be taken; the message says why, without the value, so that like rows count together."""


def tidy(name: str) -> str:
    """A name in one way of writing it: composed characters, single spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip()


def note_of(written: str) -> str | None:
    """A note without control characters, cut where the log takes no more; None where there is nothing to read."""
    text = _CONTROL.sub("", unicodedata.normalize("NFC", written)).strip()
    if len(text) > LONGEST_NOTE:
        text = f"{text[: LONGEST_NOTE - 1]}…"
    return text or None


def number(written: str, what: str) -> Decimal:
    """A number of 0 or more, with a point or a comma; 0 where nothing stands.

    It is rounded to four places: what apps write beyond them is the noise of binary floats and converted units.
    """
    if not written:
        return Decimal(0)
    if _NUMBER.fullmatch(written) is None:
        raise NotTaken(f"{what}: not a number of 0 or more")
    return Decimal(canonical(Decimal(written.replace(",", ".")).quantize(_PLACES, ROUND_HALF_EVEN)))


def whole(written: str, what: str, most: int) -> int:
    """A whole number from 0 to ``most``; 0 where nothing stands."""
    value = number(written, what)
    if value != value.to_integral_value():
        raise NotTaken(f"{what}: not a whole number")
    if value > most:
        raise NotTaken(f"{what}: more than {most}")
    return int(value)


def rir_of(rpe: str) -> Decimal | None:
    """Reps in reserve, 10 - RPE. Nothing, or the 0 that stands for a number that does not apply, is None."""
    value = number(rpe, "RPE")
    if not value:
        return None
    if not 1 <= value <= MOST_RIR:
        raise NotTaken("RPE: not between 1 and 10")
    return Decimal(canonical(MOST_RIR - value))


def local_time(written: str, time_zone: ZoneInfo) -> datetime:
    """A time on the gym's clock, ``2026-11-22 18:03:00`` or with ``AM`` and ``PM``."""
    parts = _WHEN.fullmatch(tidy(written))
    if parts is None:
        raise NotTaken("date: not like 2026-11-22 18:03:00")
    year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
    if parts[7] and not 1 <= hour <= 12:
        raise NotTaken("date: not one that exists")
    if parts[7]:
        hour = hour % 12 + (12 if parts[7].casefold() == "p" else 0)
    if not 1900 < year < 2199:
        raise NotTaken("date: not between 1901 and 2198")
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=time_zone)
    except ValueError:
        raise NotTaken("date: not one that exists") from None
