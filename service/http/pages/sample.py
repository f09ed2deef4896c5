"""The sample gym on the first page: one button makes it and looks at it, another takes it away.

It is made only by whoever has every right in the first gym, in a Spotter in which nobody has trained: where gyms are
served, none of them makes another.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from service.domain.api_keys import SCOPES
from service.domain.errors import NotFound
from service.domain.gyms import DEFAULT_GYM
from service.domain.instants import Instant
from service.http.auth import Forbidden
from service.http.pages.browsers import Browsers, who
from service.http.pages.frame import see_other
from service.usecases.gym.sample import SAMPLE, begin_sample, comes_to, is_there, remove_sample
from service.usecases.services import Services

Can: TypeAlias = Literal["make", "remove"]
"""What can be done about the sample gym."""


def register(pages: Blueprint, services: Services, browsers: Browsers) -> None:
    """Add the operations to ``pages``."""

    @pages.post("/sample")
    def make_sample_gym() -> Response:
        """Make the sample gym, sign the browser in to it, and have a worker let its lifters train."""
        _check(services, "make")
        key = begin_sample(services).key
        browsers.step_into(key)
        services.wake.fill_sample(key.id)
        return see_other(url_for("pages.show_home"))

    @pages.post("/sample/removal")
    def remove_sample_gym() -> Response:
        """Take the sample gym away; the browser is signed in as it was before."""
        _check(services, "remove")
        remove_sample(services)
        browsers.step_back()
        return see_other(url_for("pages.show_home"))


class Offer(NamedTuple):
    """What whoever looks at a page may do about the sample gym; while it is being filled, the time it has come to."""

    can: Can | None
    comes_to: Instant | None = None


def offer(services: Services) -> Offer:
    """What whoever looks at a page may do about the sample gym."""
    can = _can(services)
    return Offer(can, comes_to(services) if can == "remove" else None)


def _can(services: Services) -> Can | None:
    key = who()
    if key is None or set(key.scopes) < set(SCOPES) or key.gym not in (DEFAULT_GYM, SAMPLE):
        return None
    if is_there(services):
        return "remove"
    return "make" if next(iter(services.log.lifters()), None) is None else None


def _check(services: Services, wanted: Can) -> None:
    offered = _can(services)
    if offered is None:
        raise Forbidden(
            "the sample gym is for whoever is signed in with a key of the first gym that has every scope, in a Spotter "
            "in which nobody has trained yet"
        )
    if offered != wanted:
        raise NotFound("the sample gym is there already" if wanted == "make" else "there is no sample gym")
