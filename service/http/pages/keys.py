"""A gym's API keys: made, looked at and revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.api_keys import SCOPES
from service.domain.errors import InvalidInput, TooManyKeys
from service.domain.instants import DAY, Instant
from service.http.auth import caller
from service.http.pages.forms import whole_number
from service.http.pages.frame import SHOWN_ONCE, Frame, see_other, sentences
from service.http.schemas.keys import NEW_KEY
from service.http.schemas.loading import loaded
from service.usecases.gym import api_keys
from service.usecases.services import Services

_LONGEST_DAYS: Final = 3650


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    def page(status: int = 200, **said: Any) -> Response:
        found, _ = api_keys.list_keys(services, caller().gym, after="", limit=api_keys.MOST_KEPT)
        found.sort(key=lambda each: -each.key.created_at)
        known = {"found": found, "now": services.clock(), "scopes": SCOPES, "sent": request.form}
        return frame.page("keys.html", status, headers=SHOWN_ONCE if "secret" in said else None, **known, **said)

    @pages.get("/settings/keys")
    def show_keys() -> Response:
        """The gym's API keys."""
        return page()

    @pages.post("/settings/keys")
    def change_keys() -> AnyResponse:
        """Make a key, whose secret is shown this once, or revoke one."""
        form, now = request.form, services.clock()
        if "revoke" in form:
            revoked = api_keys.revoke_key(services, form["revoke"], caller().gym)
            flash(f"The key {revoked.key.id} is revoked: within five seconds it opens nothing any more.")
            return see_other(url_for("pages.show_keys"))
        try:
            name = {"name": form["name"]} if form.get("name") else {}
            wanted = loaded(NEW_KEY, {"scopes": form.getlist("scopes"), **name})
            made = api_keys.make_key_by(services, caller(), **wanted, expires_at=_expiry(form, now))
        except (InvalidInput, TooManyKeys) as error:
            return page(422, wrong=sentences(error))
        return page(201, secret=made.secret, made=made.key)


def _expiry(form: Mapping[str, str], now: Instant) -> Instant | None:
    days = form.get("days", "").strip()
    return now + whole_number("days", days, _LONGEST_DAYS) * DAY if days else None
