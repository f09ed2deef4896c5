"""A gym's lifters, one of them, and what can be written from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import NotFound
from service.domain.identifiers import GYM_OR_LIFTER
from service.domain.prescription import PrescribedSet, Prescription
from service.http.auth import caller, lifter_of
from service.http.pages.forms import Form, fresh
from service.http.pages.frame import Frame
from service.http.pages.writing import write
from service.usecases.gym.lifters import ONLY, lifters_at_a_glance
from service.usecases.lifter import prescribe
from service.usecases.services import Services

_LIFTERS_A_PAGE = 50


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/lifters")
    def list_lifters() -> Response:
        """The gym's lifters."""
        after = request.args.get("after")
        if after is not None and not GYM_OR_LIFTER.fullmatch(after):
            raise NotFound("no lifter is called that")
        named, gym = request.args.get("named", "").strip(), caller().gym
        only = next((each for each in ONLY if each == request.args.get("only")), None)
        listed = lifters_at_a_glance(services, gym, after=after, limit=_LIFTERS_A_PAGE, named=named, only=only)
        return frame.page("lifters.html", listed=listed, now=services.now(gym), named=named, only=only)

    def page_of(lifter: str, form: Form | None = None) -> Response:
        state, due = prescribe.state_and_next_session(services, lifter_of(lifter))
        forms = {each.id: each for each in _forms(state, due)} | ({} if form is None else {form.id: form})
        status = 200 if form is None else 422
        return frame.page("lifter.html", status, lifter=lifter, state=state, due=due, forms=forms, refused=form)

    @pages.get("/lifters/<lifter>")
    def show_lifter(lifter: str) -> Response:
        """What a lifter does next, and where they stand."""
        return page_of(lifter)

    @pages.post("/lifters/<lifter>")
    def write_for_lifter(lifter: str) -> AnyResponse:
        """Log a set, end or skip a session or slot, or have one asked with another load."""
        return write(services, lifter, url_for("pages.show_lifter", lifter=lifter), lambda form: page_of(lifter, form))


def _forms(state: Mapping[str, Any], due: list[Prescription]) -> list[Form]:
    """The forms of a lifter's page: of the session, and of each slot that is due."""
    forms = [
        fresh("end", "session_completed"),
        fresh("skip", "session_skipped", data__reason=""),
        fresh(
            "set",
            "set_logged",
            data__exercise="",
            data__load__value="",
            data__load__unit=state["unit"] or "kg",
            data__reps="",
            data__rir="",
            data__kind="work",
            data__note="",
            occurred_at="",
        ),
    ]
    for one in due:
        first = next((each for each in one.sets if each.kind != "warmup"), None)
        forms += [
            fresh(f"set:{one.slot}", "set_logged", **_as_asked(one, first, state["unit"] or "kg")),
            fresh(f"skip:{one.slot}", "session_skipped", data__slots=one.slot, data__reason=""),
            fresh(
                f"override:{one.slot}",
                "overridden",
                data__slot=one.slot,
                data__load__value="",
                data__load__unit=_unit(first, state["unit"] or "kg"),
                data__reason="",
            ),
        ]
    return forms


def _as_asked(one: Prescription, first: PrescribedSet | None, unit: str) -> dict[str, Any]:
    """A form for a set, with what is asked for."""
    counted = "seconds" if first is not None and first.seconds is not None else "reps"
    asked = None if first is None else first.seconds if counted == "seconds" else first.reps
    return {
        "data__exercise": one.exercise,
        "data__slot": one.slot,
        "data__load__value": None if first is None or first.load is None else first.load.value,
        "data__load__unit": _unit(first, unit),
        f"data__{counted}": None if asked is None else asked.min,
        "data__rir": None,
        "data__kind": "work" if first is None else first.kind,
        "data__side": None if first is None else first.side,
        "data__note": None,
        "occurred_at": None,
    }


def _unit(first: PrescribedSet | None, unit: str) -> str:
    return unit if first is None or first.load is None else first.load.unit
