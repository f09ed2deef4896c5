"""The course of a track, drawn and as a table."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, Response

from service.domain.instants import Instant, parse
from service.engine.prescribe.recommendation_history import Recommendation
from service.engine.statistics.marks import CourseMark
from service.engine.statistics.series import Point
from service.http.auth import lifter_of
from service.http.pages.chart import chart_of, proof_after, said_of
from service.http.pages.frame import Frame
from service.usecases.lifter.track_course import TrackCourse, find_track, track_course
from service.usecases.services import Services


class _Step(NamedTuple):
    """A prescription in the table, with what its session did of the exercise; or that alone, where none led to it."""

    at: Instant
    given: Recommendation | None
    done: Point | None


class _Beside(NamedTuple):
    """What happened beside the loads; it leads to a proof, or to an event of the log."""

    at: Instant
    mark: CourseMark
    said: str
    prescription_id: str | None


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the view to ``pages``."""

    @pages.get("/lifters/<lifter>/tracks/<path:track>")
    def show_track(lifter: str, track: str) -> Response:
        """What was prescribed and what was lifted, session by session."""
        reference = lifter_of(lifter)
        found = find_track(services, reference, track)

        def course() -> dict[str, Any]:
            whole = track_course(services, reference, found)
            return {"course": whole, "chart": chart_of(whole), "rows": _rows(whole)}

        return frame.begun_page("track.html", "_course.html", course, lifter=lifter, found=found)


def _rows(course: TrackCourse) -> list[_Step | _Beside]:
    """The table beside the chart, the newest first: all that the chart shows."""
    left = {point.top_set.event_id: point for point in course.points if point.top_set is not None}
    steps = []
    for given in course.recommendations:
        done = next((event_id for each in given.performed for event_id in each.event_ids if event_id in left), None)
        steps.append(_Step(parse(given.valid_from), given, None if done is None else left.pop(done)))
    steps += [_Step(point.at, None, point) for point in left.values()]
    beside = [_Beside(each.until, each, said_of(course, each), proof_after(course, each)) for each in course.marks]
    return sorted([*steps, *beside], key=lambda row: row.at, reverse=True)
