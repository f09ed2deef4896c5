"""Writes sets in the layout of another app's export: that of Strong with units, or that of Hevy.

What the layouts have no column for is left out: sides, body weights, slots, and kinds but for warm-ups, drop sets
and sets to failure. Names are such that they are read as the same exercises.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from service.domain.events import Event, SetKind, SetLogged
from service.domain.instants import HOUR, SECOND, Instant
from service.domain.limits import MOST_RIR
from service.domain.loads import Unit, canonical
from service.trackers.exercise_names import is_assisted

WrittenApp: TypeAlias = Literal["strong", "hevy"]
"""The apps whose layout can be written."""

_GAP: Final[Instant] = 3 * HOUR
"""Between two sets that name no session: after more than this, another one began."""

_STRONG: Final = [
    "Date",
    "Workout Name",
    "Exercise Name",
    "Set Order",
    "Weight",
    "Weight Unit",
    "Reps",
    "RPE",
    "Distance",
    "Distance Unit",
    "Seconds",
    "Notes",
    "Workout Notes",
    "Workout Duration",
]
_HEVY: Final = [
    "title",
    "start_time",
    "end_time",
    "description",
    "exercise_title",
    "superset_id",
    "exercise_notes",
    "set_index",
    "set_type",
    "weight_kg",
    "reps",
    "distance_km",
    "duration_seconds",
    "rpe",
]
_STRONG_KINDS: Final[Mapping[SetKind | None, str]] = {"warmup": "W", "drop": "D", "failure": "F"}
_HEVY_KINDS: Final[Mapping[SetKind | None, str]] = {"warmup": "warmup", "drop": "dropset", "failure": "failure"}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEAST_RPE: Final = 1


class _Written(NamedTuple):
    """A set with where it stands: its session's start and title, and which of its exercise's sets it is, from 0."""

    started: datetime
    title: str
    place: int
    name: str
    weight: str
    data: SetLogged


def written(
    app: WrittenApp, history: Iterable[Event], name_of: Callable[[str], str], time_zone: ZoneInfo
) -> Iterator[str]:
    """The lines of an export of the sets in a history, the header first.

    ``history`` is in the order in which things happened, with corrections applied; ``name_of`` gives the name that an
    exercise is written with. Times are on the clock of ``time_zone``.
    """
    sets = list(_placed(history, name_of, time_zone))
    units: list[Unit] = sorted({each.data.load.unit for each in sets}) or ["kg"]
    yield _line(_STRONG if app == "strong" else _hevy_header(units))
    for each in sets:
        yield _line(_strong_row(each) if app == "strong" else _hevy_row(each, units))


def _placed(history: Iterable[Event], name_of: Callable[[str], str], time_zone: ZoneInfo) -> Iterator[_Written]:
    session: tuple[str | None, Instant] | None = None
    started, title = datetime.fromtimestamp(0, time_zone), ""
    last: Instant = 0
    begun: dict[datetime, int] = {}
    places: dict[str, int] = {}
    for event in history:
        data = event.data
        if not isinstance(data, SetLogged):
            continue
        if (
            session is None
            or session[0] != data.session_id
            or (data.session_id is None and event.occurred_at - last > _GAP)
        ):
            session = (data.session_id, event.occurred_at)
            started = datetime.fromtimestamp(event.occurred_at // SECOND, time_zone)
            begun[started] = begun.get(started, 0) + 1
            title = "Workout" if begun[started] == 1 else f"Workout {begun[started]}"
            places = {}
        last = event.occurred_at
        name = name_of(data.exercise)
        place = places[data.exercise] = places.get(data.exercise, -1) + 1
        yield _Written(started, title, place, name, _weight(name, data), data)


def _weight(name: str, data: SetLogged) -> str:
    """The load as apps write it: of what is called assisted, how much is taken off the body."""
    helps = data.load.value < 0 and is_assisted(name, data.exercise)
    return canonical(abs(data.load.value) if helps else data.load.value)


def _strong_row(each: _Written) -> list[str]:
    data = each.data
    return [
        f"{each.started:%Y-%m-%d %H:%M:%S}",
        each.title,
        each.name,
        _STRONG_KINDS.get(data.kind, str(each.place + 1)),
        each.weight,
        "lbs" if data.load.unit == "lb" else "kg",
        str(data.reps or 0),
        _rpe(data.rir),
        "0",
        "",
        str(data.seconds or 0),
        data.note or "",
        "",
        "",
    ]


def _hevy_header(units: list[Unit]) -> list[str]:
    place = _HEVY.index("weight_kg")
    return [*_HEVY[:place], *(f"weight_{_hevy_unit(unit)}" for unit in units), *_HEVY[place + 1 :]]


def _hevy_unit(unit: Unit) -> str:
    return "lbs" if unit == "lb" else "kg"


def _hevy_row(each: _Written, units: list[Unit]) -> list[str]:
    data, started = each.data, each.started
    at = f"{started.day} {_MONTHS[started.month - 1]} {started:%Y, %H:%M}"
    return [
        each.title,
        at,
        at,
        "",
        each.name,
        "",
        data.note or "",
        str(each.place),
        _HEVY_KINDS.get(data.kind, "normal"),
        *(each.weight if unit == data.load.unit else "" for unit in units),
        str(data.reps or ""),
        "",
        str(data.seconds or ""),
        _rpe(data.rir),
    ]


def _rpe(rir: Decimal | None) -> str:
    """10 - reps in reserve, where that is on the scale."""
    return "" if rir is None or MOST_RIR - rir < _LEAST_RPE else canonical(MOST_RIR - rir)


def _line(fields: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue()
