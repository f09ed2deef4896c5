"""How pages write numbers, loads, times and sets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from service.domain.instants import Instant, parse
from service.domain.prescription import PrescribedSet, Range, ShownLoad
from service.domain.time_zones import zone
from service.engine.prescribe.adherence import SetAdherence

_LOCALE: Final = "en_GB"
"""What pages are written in."""

_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE: Final = "EEE d MMM y, HH:mm"
_TO_SECONDS: Final = f"{_WHOLE}:ss"
_DAY: Final = "EEE d MMM y"

Time = Instant | str
"""An instant, or the RFC 3339 text of one."""


class SetGroup(NamedTuple):
    """Sets in a row that are the same."""

    times: int
    first: Any


def when(time: Time | None, time_zone: str = "UTC", *, seconds: bool = False) -> str:
    """A time on the calendar and the clock of a zone."""
    if time is None:
        return "never"
    return format_datetime(_moment(time), _TO_SECONDS if seconds else _WHOLE, tzinfo=zone(time_zone), locale=_LOCALE)


def day(time: Time | None, time_zone: str = "UTC") -> str:
    """The day of a time in a zone."""
    return "never" if time is None else format_datetime(_moment(time), _DAY, tzinfo=zone(time_zone), locale=_LOCALE)


def date(day_: dt.date) -> str:
    """A date on the calendar."""
    return format_date(day_, _DAY, locale=_LOCALE)


def machine(time: Time) -> str:
    """A time as HTML's ``datetime`` has it."""
    return _moment(time).isoformat().replace("+00:00", "Z")


def number(value: Decimal | float) -> str:
    """A number with at most two decimals."""
    return format_decimal(value, "#,##0.##", locale=_LOCALE).replace("-", "−")


def counted(count: int, what: str) -> str:
    """How many there are of something, in its number."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def load(shown: ShownLoad | None) -> str:
    """A load with its unit."""
    return "a load of your choice" if shown is None else f"{number(shown.value)}{_SPACE}{shown.unit}"


def span(range_: Range | None) -> str:
    """From least to most."""
    if range_ is None:
        return ""
    least, most = number(range_.min), number(range_.max)
    return least if least == most else f"{least}–{most}"


def rest(seconds: int | None) -> str:
    """How long to rest."""
    if seconds is None:
        return ""
    return f"{seconds}{_SPACE}s" if seconds < 60 else f"{seconds // 60}:{seconds % 60:02d}{_SPACE}min"


def amount(one: PrescribedSet) -> str:
    """How much of a set is to be done."""
    if one.seconds is not None:
        return f"{span(one.seconds)}{_SPACE}s"
    if one.reps is None:
        return "as many as go" if one.kind == "amrap" else ""
    return f"{span(one.reps)}{'+' if one.kind == 'amrap' else ''}"


def grouped(sets: Iterable[Any]) -> list[SetGroup]:
    """Sets with those in a row together that are the same."""

    def alike(one: Any) -> tuple[Any, ...]:
        return (
            one.kind,
            one.load,
            one.reps,
            one.seconds,
            one.rir,
            one.rest_s,
            one.total_reps,
            one.side,
            one.optional,
            one.notes,
        )

    rows = (list(row) for _, row in groupby(sets, alike))
    return [SetGroup(len(row), row[0]) for row in rows]


def work(sets: Iterable[Any]) -> str:
    """Work sets in a line: "5 × 5 × 100 kg"."""
    rows = grouped(each for each in sets if each.kind != "warmup")
    return "; ".join(f"{times} × {amount(first)} × {load(first.load)}" for times, first in rows) or "nothing to do"


def done(sets: Iterable[SetAdherence]) -> str:
    """Sets as they were done, in a line."""

    def alike(one: SetAdherence) -> tuple[Any, ...]:
        return (one.load, one.reps, one.seconds)

    rows = [(len(list(row)), *of) for of, row in groupby(sets, alike)]
    return "; ".join(f"{count} × {_reps(reps, seconds)} × {load(lifted)}" for count, lifted, reps, seconds in rows)


def how(one: PrescribedSet) -> str:
    """What a set is, how much it leaves in reserve, and the rest after it."""
    parts = (
        "" if one.kind == "work" else plain(one.kind),
        "optional" if one.optional else "",
        "" if one.rir is None else f"{span(one.rir)} in reserve",
        "" if one.rest_s is None else f"rest {rest(one.rest_s)}",
        one.notes,
    )
    return " · ".join(filter(None, parts))


def _reps(reps: int | None, seconds: int | None) -> str:
    return f"{seconds}{_SPACE}s" if reps is None else str(reps)


def ago(time: Time, now: Instant) -> str:
    """How long ago a time was."""
    passed = timedelta(microseconds=now) - (_moment(time) - _EPOCH)
    return f"{format_timedelta(passed, locale=_LOCALE)} ago"


def plain(word: str) -> str:
    """A word of ours as people read it: ``as_asked`` is "as asked"."""
    return word.replace("_", " ").replace("warmup", "warm-up")


def _moment(time: Time) -> datetime:
    return _EPOCH + timedelta(microseconds=parse(time) if isinstance(time, str) else time)


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    function.__name__: function
    for function in (
        when,
        day,
        date,
        machine,
        number,
        counted,
        load,
        rest,
        amount,
        grouped,
        work,
        done,
        how,
        ago,
        plain,
    )
}
