"""The sample gym on the first page: one button makes it and looks at it, another takes it away.

It is made only by whoever has every right in the first gym, in a Spotter in which nobody has trained: where gyms are
served, none of them makes another.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from service.domain.api_keys import SCOPES
from service.domain.errors import NotFound
from service.domain.gyms import DEFAULT_GYM
from service.http.auth import Forbidden
from service.http.pages.browsers import Browsers, who
from service.usecases.gym.sample import SAMPLE, is_there, make_sample, remove_sample
from service.usecases.services import Services

Offer: TypeAlias = Literal["make", "remove"] | None
"""What can be done about the sample gym by whoever looks at a page."""

_SEE_OTHER: Final = 303


def register(pages: Blueprint, services: Services, browsers: Browsers) -> None:
    """Add the operations to ``pages``."""

    @pages.post("/sample")
    def make_sample_gym() -> Response:
        """Make the sample gym, and sign the browser in to it."""
        _check(services, "make")
        browsers.step_into(make_sample(services).key)
        return redirect(url_for("pages.list_lifters"), _SEE_OTHER)

    @pages.post("/sample/removal")
    def remove_sample_gym() -> Response:
        """Take the sample gym away; the browser is signed in as it was before."""
        _check(services, "remove")
        remove_sample(services)
        browsers.step_back()
        return redirect(url_for("pages.show_home"), _SEE_OTHER)


def offer(services: Services) -> Offer:
    """What whoever looks at a page may do about the sample gym."""
    key = who()
    if key is None or set(key.scopes) < set(SCOPES) or key.gym not in (DEFAULT_GYM, SAMPLE):
        return None
    if is_there(services):
        return "remove"
    return "make" if next(iter(services.log.lifters()), None) is None else None


def _check(services: Services, wanted: Offer) -> None:
    offered = offer(services)
    if offered is None:
        raise Forbidden(
            "the sample gym is for whoever is signed in with a key of the first gym that has every scope, in a Spotter "
            "in which nobody has trained yet"
        )
    if offered != wanted:
        raise NotFound("the sample gym is there already" if wanted == "make" else "there is no sample gym")
