"""Fields of an export as what they mean: names, notes, numbers, durations, kinds of sets."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from service.domain.events import LONGEST_NOTE, SetKind
from service.domain.limits import MOST_RIR, MOST_SECONDS
from service.domain.loads import LARGEST, Load, Unit, canonical
from service.trackers.export import NotTaken

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES: Final = re.compile(r"\s+")
_NUMBER: Final = re.compile(r"-?\d{1,6}(?:[.,]\d{1,20})?", re.ASCII)
_THOUSAND_OR_ONE: Final = re.compile(r"-?[1-9]\d{0,2},000")
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,]\d+)?", re.ASCII)
_SPELT_OUT: Final = re.compile(r"(?:(\d{1,3})\s*h\w*)?\s*(?:(\d{1,4})\s*m\w*)?\s*(?:(\d{1,5})\s*s\w*)?", re.ASCII)
_PLACES: Final = Decimal("0.0001")
_REMEMBERED: Final = 4096
UNITS: Final[dict[str, Unit]] = {
    "kg": "kg",
    "kgs": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "lb": "lb",
    "lbs": "lb",
    "pound": "lb",
    "pounds": "lb",
}
_KINDS: Final[dict[str, SetKind | None]] = {
    "": None,
    "normal": None,
    "regular": None,
    "work": "work",
    "working": "work",
    "w": "warmup",
    "warmup": "warmup",
    "d": "drop",
    "drop": "drop",
    "dropset": "drop",
    "f": "failure",
    "failure": "failure",
    "amrap": "amrap",
}
_NUMBERED: Final = re.compile(r"[wdf]\d+")
_YES: Final = frozenset({"1", "true", "yes", "y", "x", "ja", "wahr"})


@lru_cache(_REMEMBERED)
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
    value = _signed(written, what)
    if value < 0:
        raise NotTaken(f"{what}: not a number of 0 or more")
    return value


@lru_cache(_REMEMBERED)
def _signed(written: str, what: str) -> Decimal:
    if not written:
        return Decimal(0)
    if _NUMBER.fullmatch(written) is None:
        raise NotTaken(f"{what}: not a number of 0 or more")
    if _THOUSAND_OR_ONE.fullmatch(written):
        raise NotTaken(f"{what}: a comma before 000, which may be a thousand or one")
    return Decimal(canonical(Decimal(written.replace(",", ".")).quantize(_PLACES, ROUND_HALF_EVEN)))


@lru_cache(_REMEMBERED)
def load_of(written: str, unit: Unit) -> Load:
    """A load; below 0 where the app says so of an assisted exercise."""
    value = _signed(written, "weight")
    if abs(value) > LARGEST[unit]:
        raise NotTaken(f"weight: more than {LARGEST[unit]} {unit}")
    return Load(value, unit)


def unit_of(written: str) -> Unit:
    """A unit by its name."""
    unit = UNITS.get(written.strip().casefold())
    if unit is None:
        raise NotTaken("weight unit: neither kg nor lb")
    return unit


@lru_cache(_REMEMBERED)
def whole(written: str, what: str, most: int) -> int:
    """A whole number from 0 to ``most``; 0 where nothing stands."""
    value = number(written, what)
    if value != value.to_integral_value():
        raise NotTaken(f"{what}: not a whole number")
    if value > most:
        raise NotTaken(f"{what}: more than {most}")
    return int(value)


@lru_cache(_REMEMBERED)
def seconds_of(written: str) -> int:
    """A duration in whole seconds: ``75``, ``1:15``, ``0:01:15`` or ``1h 15m``; 0 where nothing stands."""
    if (clock := _CLOCK.fullmatch(written)) or (written and (clock := _SPELT_OUT.fullmatch(written))):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        total = hours * 3600 + minutes * 60 + seconds
    else:
        total = int(number(written, "seconds"))
    if total > MOST_SECONDS:
        raise NotTaken(f"seconds: more than {MOST_SECONDS}")
    return total


@lru_cache(_REMEMBERED)
def rir_of(rpe: str) -> Decimal | None:
    """Reps in reserve, 10 - RPE. Nothing, or the 0 that stands for a number that does not apply, is None."""
    value = number(rpe, "RPE")
    if not value:
        return None
    if not 1 <= value <= MOST_RIR:
        raise NotTaken("RPE: not between 1 and 10")
    return Decimal(canonical(MOST_RIR - value))


def reserve_of(written: str) -> Decimal | None:
    """Reps in reserve as such; None where nothing stands, for 0 is an answer."""
    if not written:
        return None
    value = number(written, "RIR")
    if value > MOST_RIR:
        raise NotTaken(f"RIR: more than {MOST_RIR}")
    return value


@lru_cache(_REMEMBERED)
def kind_of(written: str) -> SetKind | None:
    """A kind of set by any app's word for it; a number only counts the sets."""
    word = written.casefold().replace("-", "").replace("_", "").replace(" ", "").removesuffix("sets")
    if word.isdecimal():
        return None
    if _NUMBERED.fullmatch(word):
        word = word[0]
    if word not in _KINDS:
        raise NotTaken("kind of set: none that is known")
    return _KINDS[word]


def yes(written: str) -> bool:
    """Whether a field says yes."""
    return written.casefold() in _YES
