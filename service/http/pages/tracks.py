"""The course of a track, drawn and as a table."""

from __future__ import annotations

from flask import Blueprint, Response

from service.http.auth import lifter_of
from service.http.pages.chart import chart_of
from service.http.pages.frame import Frame
from service.usecases.lifter.track_course import track_course
from service.usecases.services import Services


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the view to ``pages``."""

    @pages.get("/lifters/<lifter>/tracks/<path:track>")
    def show_track(lifter: str, track: str) -> Response:
        """What was prescribed and what was lifted, session by session."""
        course = track_course(services, lifter_of(lifter), track)
        return frame.page("track.html", lifter=lifter, course=course, chart=chart_of(course))
