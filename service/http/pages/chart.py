"""Where the marks of a track's chart stand: what was prescribed, what was lifted, and what happened beside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from babel.dates import format_date

from service.domain.instants import DAY, SECOND, Instant, parse
from service.domain.prescription import PrescribedSet
from service.engine.statistics.marks import CourseMark
from service.http.pages.words import day, number, plain
from service.usecases.lifter.track_course import TrackCourse

WIDTH: Final = 960
HEIGHT: Final = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 36, 28
STRIP: Final = 16
"""How far down the strip is in which programmes and corrections are marked, above all loads."""
_LINES: Final = 5
"""Lines across, about."""
_DATES: Final = 8
"""Dates along, at most."""
KINDS: Final = ("deload", "layoff", "programme", "correction")
"""What is marked, in the order of the legend."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(NamedTuple):
    """A mark at a place of the picture; it leads to the proof of a prescription, or to an event of the log.

    What took some time reaches from ``x`` to ``until_x``. Scripts draw by ``at`` and ``until``, in seconds since 1970,
    by ``value``, by what that is ``worth``, and by the slot that it is of.
    """

    x: float
    y: float
    text: str
    prescription_id: str | None = None
    event_id: str | None = None
    kind: str = ""
    until_x: float = 0.0
    at: float = 0.0
    until: float = 0.0
    value: float | None = None
    worth: float | None = None
    slot: str = ""


class Chart(NamedTuple):
    """A chart in ``WIDTH`` by ``HEIGHT``; ``steps``, by slot, and ``estimate`` are points of lines."""

    across: list[Mark]
    along: list[Mark]
    steps: list[str]
    estimate: str
    asked: list[Mark]
    lifted: list[Mark]
    marks: list[Mark]

    @property
    def kinds(self) -> list[str]:
        """What is marked in it beside what was prescribed and lifted, each once: what the legend names."""
        found = {mark.kind for mark in (*self.marks, *self.asked)}
        return [kind for kind in KINDS if kind in found]


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
    zone = course.time_zone

    def mark(at: Instant, value: float, text: str) -> Mark:
        said = f"{day(at, zone)}: {number(value)} {course.unit} {text}"
        return Mark(scale.x(at), scale.y(value), said, at=at / SECOND, value=value)

    slots = dict.fromkeys(each.slot for _, each, _ in asked)
    steps = [
        mark(at, heaviest, plain(each.outcome))._replace(
            prescription_id=each.prescription_id, kind=each.outcome, slot=each.slot
        )
        for at, each, heaviest in asked
    ]
    lifted = [
        mark(point.at, float(point.top_set.load), "lifted")._replace(
            event_id=point.top_set.event_id, worth=None if point.e1rm is None else float(point.e1rm)
        )
        for point in course.points
        if point.top_set is not None
    ]
    return Chart(
        _across(scale, step),
        _along(scale),
        [_steps([each for each in steps if each.slot == slot]) for slot in slots],
        _line((scale.x(at), scale.y(value)) for at, value in worth),
        steps,
        lifted,
        [_beside(scale, each, course) for each in marks_within(course, scale.begin, scale.end)],
    )


def marks_within(course: TrackCourse, begin: float, end: float) -> list[CourseMark]:
    """What is marked of a time, and of programmes before it the one that is followed as it begins."""
    before = [each for each in course.marks if each.kind == "programme" and each.at < begin]
    return [*before[-1:], *(each for each in course.marks if begin <= each.until and each.at <= end
                            and each not in before)]  # fmt: skip


def proof_after(course: TrackCourse, mark: CourseMark) -> str | None:
    """The prescription that stood when a layoff ended, which says what came of it; None of what is in the log alone."""
    if mark.kind != "layoff":
        return None
    given = [each.prescription_id for each in course.recommendations if parse(each.valid_from) <= mark.until]
    return given[-1] if given else None


def said_of(course: TrackCourse, mark: CourseMark) -> str:
    """What a mark stands for, with its day, or its first and last."""
    begins, ends = (day(at, course.time_zone) for at in (mark.at, mark.until))
    return f"{begins if begins == ends else f'{begins} to {ends}'}: {mark.text}"


def _beside(scale: _Scale, mark: CourseMark, course: TrackCourse) -> Mark:
    x, until = (scale.x(min(max(at, scale.begin), scale.end)) for at in (mark.at, mark.until))
    proof = proof_after(course, mark)
    return Mark(
        x, STRIP, said_of(course, mark), proof, None if proof else mark.event_id, mark.kind, until,
        mark.at / SECOND, mark.until / SECOND,
    )  # fmt: skip


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
    for place, mark in enumerate(marks):
        points.append((mark.x, mark.y))
        if place + 1 < len(marks):
            points.append((marks[place + 1].x, mark.y))
    return _line(points)


def _line(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
