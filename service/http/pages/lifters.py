"""A gym's lifters, one of them, and their log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request

from service.domain.effective_history import acts_on
from service.domain.errors import NotFound
from service.domain.identifiers import GYM_OR_LIFTER
from service.domain.log_entry import LogEntry
from service.http.auth import caller, lifter_of
from service.http.event_json import fields_json
from service.http.pages.frame import Frame
from service.usecases.gym.lifters import lifters_at_a_glance
from service.usecases.lifter import prescribe
from service.usecases.log.read import read_log
from service.usecases.services import Services

_LIFTERS_A_PAGE: Final = 50
_EVENTS_A_PAGE: Final = 100


class _Line(NamedTuple):
    """An entry of a log as a page shows it; ``acts_on`` is the entry that it corrects or voids."""

    entry: LogEntry
    fields: dict[str, Any]
    acts_on: LogEntry | None


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/lifters")
    def list_lifters() -> Response:
        """The gym's lifters."""
        after = request.args.get("after")
        if after is not None and not GYM_OR_LIFTER.fullmatch(after):
            raise NotFound("no lifter is called that")
        listed = lifters_at_a_glance(services, caller().gym, after=after, limit=_LIFTERS_A_PAGE)
        return frame.page("lifters.html", listed=listed, now=services.now(caller().gym))

    @pages.get("/lifters/<lifter>")
    def show_lifter(lifter: str) -> Response:
        """What a lifter does next, and where they stand."""
        reference = lifter_of(lifter)
        state = prescribe.lifter_state(services, reference)
        due = prescribe.next_session(services, reference, displayed=True)
        return frame.page("lifter.html", lifter=lifter, state=state, due=due)

    @pages.get("/lifters/<lifter>/log")
    def show_log(lifter: str) -> Response:
        """All that was logged, oldest first, corrections beside what they replaced."""
        reference = lifter_of(lifter)
        after = request.args.get("after", 0, type=int)
        entries, more = read_log(services, reference, after=max(after, 0), limit=_EVENTS_A_PAGE)
        zone = prescribe.state_at(services, reference).shared.time_zone
        return frame.page(
            "log.html",
            lifter=lifter,
            lines=_lines(services, reference, entries),
            more=more,
            time_zone=zone,
            after=after,
        )


def _lines(services: Services, lifter: Any, entries: Sequence[LogEntry]) -> list[_Line]:
    known = {entry.event.event_id: entry for entry in entries}
    targets = {target for entry in entries if (target := acts_on(entry.event.data))}
    known |= services.log.find(lifter, sorted(targets - known.keys()))
    return [
        _Line(entry, fields_json(entry.event.data), known.get(acts_on(entry.event.data) or "")) for entry in entries
    ]
