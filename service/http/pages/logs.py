"""A lifter's log, and each event of it: what it said, what became of it, and how it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.effective_history import acts_on
from service.domain.events import Event, SetLogged
from service.domain.log_entry import LogEntry
from service.http.auth import lifter_of
from service.http.event_json import fields_json
from service.http.pages.forms import Form, fresh, local_time
from service.http.pages.frame import Frame
from service.http.pages.writing import write
from service.usecases.lifter import prescribe
from service.usecases.log.read import read_log
from service.usecases.log.standing_event import standing_event
from service.usecases.services import Services

_EVENTS_A_PAGE: Final = 100


class _Line(NamedTuple):
    """An entry of a log as a page shows it; ``acts_on`` is the entry that it corrects or voids."""

    entry: LogEntry
    fields: dict[str, Any]
    acts_on: LogEntry | None


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/lifters/<lifter>/log")
    def show_log(lifter: str) -> Response:
        """All that was logged, oldest first, corrections beside what they replaced."""
        reference = lifter_of(lifter)
        after = request.args.get("after", 0, type=int)
        entries, more = read_log(services, reference, after=max(after, 0), limit=_EVENTS_A_PAGE)
        shared = prescribe.state_at(services, reference).shared
        return frame.page(
            "log.html",
            lifter=lifter,
            lines=_lines(services, reference, entries),
            more=more,
            time_zone=shared.time_zone,
            parked=shared.parked,
            after=after,
        )

    def page_of(lifter: str, event_id: str, form: Form | None = None) -> Response:
        reference = lifter_of(lifter)
        found = standing_event(services, reference, event_id)
        zone = prescribe.state_at(services, reference).shared.time_zone
        forms = {each.id: each for each in _forms(event_id, found.stands, zone)}
        return frame.page(
            "event.html",
            200 if form is None else 422,
            lifter=lifter,
            found=found,
            logged=fields_json(found.logged.event.data),
            stands=None if found.stands is None else fields_json(found.stands.data),
            acts=[(each, fields_json(each.event.data)) for each in found.acts],
            time_zone=zone,
            forms=forms | ({} if form is None else {form.id: form}),
        )

    @pages.get("/lifters/<lifter>/log/<path:event_id>")
    def show_event(lifter: str, event_id: str) -> Response:
        """An event, and what became of it."""
        return page_of(lifter, event_id)

    @pages.post("/lifters/<lifter>/log/<path:event_id>")
    def mend_event(lifter: str, event_id: str) -> AnyResponse:
        """Correct an event, or void it."""
        there = url_for("pages.show_event", lifter=lifter, event_id=event_id)
        return write(services, lifter, there, lambda form: page_of(lifter, event_id, form))


def _forms(event_id: str, stands: Event | None, time_zone: str) -> list[Form]:
    """The forms of an event that stands: to void it and, of a set, to correct it."""
    if stands is None:
        return []
    forms = [fresh("void", "set_voided", data__voids=event_id, data__reason="")]
    said = stands.data
    if isinstance(said, SetLogged):
        now = {
            "data__load__value": said.load.value,
            "data__load__unit": said.load.unit,
            f"data__{'reps' if said.seconds is None else 'seconds'}": said.reps
            if said.seconds is None
            else said.seconds,
            "data__rir": said.rir,
            "data__kind": said.kind,
            "data__note": said.note,
            "data__occurred_at": local_time(stands.occurred_at, time_zone),
        }
        was = {f"was__{name}": value for name, value in now.items()}
        forms.append(fresh("correct", "set_corrected", data__corrects=event_id, time_zone=time_zone, **now, **was))
    return forms


def _lines(services: Services, lifter: Any, entries: Sequence[LogEntry]) -> list[_Line]:
    known = {entry.event.event_id: entry for entry in entries}
    targets = {target for entry in entries if (target := acts_on(entry.event.data))}
    known |= services.log.find(lifter, sorted(targets - known.keys()))
    return [
        _Line(entry, fields_json(entry.event.data), known.get(acts_on(entry.event.data) or "")) for entry in entries
    ]
