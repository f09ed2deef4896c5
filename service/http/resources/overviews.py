"""What screens show of lifters beside prescriptions."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from service.domain.equipment import Equipment
from service.domain.identifiers import GYM_OR_LIFTER
from service.domain.instants import render
from service.engine.statistics.series import Wanted
from service.http.auth import caller, lifter_of
from service.http.event_json import fields_json, load_json
from service.http.kept_replies import worth_keeping
from service.http.replies import place_of, reply, reply_page, this_path, time_or_none
from service.http.schemas.queries import AS_OF, LIFTERS_QUERY, STATISTICS_QUERY, in_path, query
from service.http.statistics_json import statistics_json
from service.usecases.gym.lifters import ListedLifter, lifters_at_a_glance
from service.usecases.lifter.profile import Profile, profile
from service.usecases.lifter.statistics import lifter_statistics
from service.usecases.services import Services

_PLACE: Final = (GYM_OR_LIFTER, "the cursor of this list's next page, as it was given")


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/lifters")
    def list_lifters() -> Response:
        """The gym's lifters, each at a glance."""
        page = query(LIFTERS_QUERY)
        after, limit = lifter_after(page), page["limit"]
        listed = lifters_at_a_glance(services, caller().gym, after=after, limit=limit, only=page.get("only"))
        return reply_page("lifters", [_listed(each) for each in listed.lifters], listed.after)

    @app.get("/v1/lifters/<lifter>/profile")
    def get_profile(lifter: str) -> Response:
        """What is known of the lifter themselves."""
        return reply(_profile(profile(services, lifter_of(lifter), **query(AS_OF))))

    @app.get("/v1/lifters/<lifter>/statistics")
    def get_statistics(lifter: str) -> Response:
        """The lifter's numbers over time."""
        reference = lifter_of(lifter)
        asked = query(STATISTICS_QUERY)
        wanted = Wanted(asked.get("exercise"), asked.get("from"), asked.get("to"))
        known = lifter_statistics(
            services, reference, wanted, as_of=asked.get("as_of"), at_version=asked.get("at_version")
        )
        cut_at = known.series.cut_at
        earlier = None if cut_at is None else this_path(to=render(cut_at))
        return worth_keeping(reply(statistics_json(known, earlier)), reference.gym)


def lifter_after(page: dict[str, Any]) -> str | None:
    """The lifter after whom a page of lifters begins; None at the beginning. Raises `InvalidInput`."""
    return in_path("after", place_of(page["after"]), *_PLACE) if "after" in page else None


def _listed(lifter: ListedLifter) -> dict[str, Any]:
    due_on = None if lifter.due_on is None else lifter.due_on.isoformat()
    return {**lifter._asdict(), "last_trained_at": time_or_none(lifter.last_trained_at), "due_on": due_on}


def _profile(known: Profile) -> dict[str, Any]:
    following = known.next_session
    shown = {
        **known._asdict(),
        "body_weight": None if known.body_weight is None else load_json(known.body_weight),
        "equipment": _equipment(known.equipment),
        "next_session": following and {"unit": following.unit, "equipment": _equipment(following.equipment)},
    }
    if known.parked is None:
        del shown["parked"]
    return shown


def _equipment(described: Equipment | None) -> dict[str, Any] | None:
    return None if described is None else fields_json(described)
