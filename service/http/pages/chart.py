"""Where the marks of a track's chart stand: what was prescribed, what was lifted, and what that is worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from babel.dates import format_date

from service.domain.instants import DAY, Instant, parse
from service.domain.prescription import PrescribedSet
from service.usecases.lifter.track_course import TrackCourse

WIDTH: Final = 960
HEIGHT: Final = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 16, 28
_LINES: Final = 5
"""Lines across, about."""
_DATES: Final = 8
"""Dates along, at most."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(NamedTuple):
    """A mark at a place of the picture; ``prescription_id`` leads to its proof."""

    x: float
    y: float
    text: str
    prescription_id: str | None = None
    kind: str = ""


class Chart(NamedTuple):
    """A chart in ``WIDTH`` by ``HEIGHT``; ``steps`` and ``estimate`` are points of lines."""

    across: list[Mark]
    along: list[Mark]
    steps: str
    estimate: str
    asked: list[Mark]
    lifted: list[Mark]
    falls: list[Mark]


class _Scale(NamedTuple):
    begin: float
    end: float
    least: float
    most: float

    def x(self, at: float) -> float:
        """Where an instant stands."""
        share = (at - self.begin) / (self.end - self.begin)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        """Where a load stands."""
        share = (value - self.least) / (self.most - self.least)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def chart_of(course: TrackCourse) -> Chart | None:
    """The chart of a track; None where there is nothing yet that could be drawn."""
    asked = [(parse(each.valid_from), each, heaviest) for each in course.recommendations
             if (heaviest := heaviest_of(each.sets)) is not None]  # fmt: skip
    tops = [(point.at, float(point.top_set.load)) for point in course.points if point.top_set is not None]
    worth = [(point.at, float(point.e1rm)) for point in course.points if point.e1rm is not None]
    values = [*(heaviest for _, _, heaviest in asked), *(value for _, value in (*tops, *worth))]
    if not values:
        return None
    times = [*(at for at, *_ in asked), *(at for at, _ in (*tops, *worth))]
    step = _step(max(values) - min(values))
    scale = _Scale(
        min(times), max(*times, min(times) + DAY),
        math.floor(min(values) / step) * step, math.ceil(max(values) / step + 0.2) * step,
    )  # fmt: skip
    marks = [
        Mark(
            scale.x(at),
            scale.y(heaviest),
            f"{heaviest:g} {course.unit}: {each.outcome}",
            each.prescription_id,
            each.outcome,
        )
        for at, each, heaviest in asked
    ]
    return Chart(
        _across(scale, step),
        _along(scale),
        _steps(marks),
        _line((scale.x(at), scale.y(value)) for at, value in worth),
        marks,
        [Mark(scale.x(at), scale.y(value), f"{value:g} {course.unit}") for at, value in tops],
        [mark for mark in marks if mark.kind == "deload"],
    )


def heaviest_of(sets: Iterable[PrescribedSet]) -> float | None:
    """The heaviest load of work sets; None where none has one."""
    loads = [float(each.load.value) for each in sets if each.load is not None and each.kind != "warmup"]
    return max(loads, default=None)


def _step(span: float) -> float:
    """How far apart lines stand: 1, 2 or 5 of a power of ten."""
    rough = max(span, 1.0) / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _across(scale: _Scale, step: float) -> list[Mark]:
    count = round((scale.most - scale.least) / step)
    values = [scale.least + number * step for number in range(count + 1)]
    return [Mark(_LEFT, scale.y(value), f"{value:g}") for value in values]


def _along(scale: _Scale) -> list[Mark]:
    days = (scale.end - scale.begin) / DAY
    every = max(1, math.ceil(days / _DATES))
    at: Instant = int(scale.begin)
    found = []
    while at <= scale.end:
        moment = _EPOCH + timedelta(microseconds=at)
        found.append(Mark(scale.x(at), HEIGHT - 8, format_date(moment, "d MMM", locale="en_GB")))
        at += every * DAY
    return found


def _steps(marks: Sequence[Mark]) -> str:
    points = []
    for number, mark in enumerate(marks):
        points.append((mark.x, mark.y))
        if number + 1 < len(marks):
            points.append((marks[number + 1].x, mark.y))
    return _line(points)


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
