"""Coming in: the first page, signing in and out."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from service.domain.errors import GymSuspended, KeyEnded, NotFound
from service.http.pages import sample
from service.http.pages.browsers import Browsers, who
from service.http.pages.frame import Frame, see_other
from service.usecases.readiness import readiness
from service.usecases.services import Services

_HERE: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path on this host: browsers take what begins with two slashes, or has a backslash, to another one."""


class _KeyForm(FlaskForm):  # type: ignore[misc]  # published without type information
    key = PasswordField("API key", [InputRequired("Enter an API key."), Length(max=256)])
    next = HiddenField()


class _LinkForm(FlaskForm):  # type: ignore[misc]
    link = HiddenField()


def register(pages: Blueprint, services: Services, browsers: Browsers, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/")
    def show_home() -> Response:
        """What this is, whether it is well, and where to go."""
        parts = readiness(services)
        well = all(part["status"] == "ok" for part in parts.values())
        return frame.page("home.html", well=well, parts=parts, sample=sample.offer(services))

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> AnyResponse:
        """Sign in with a key, or with a link that was made for this browser."""
        if "link" in request.args or "link" in request.form:
            return _by_link()
        form = _KeyForm(next=request.args.get("next", ""))
        if form.validate_on_submit():
            try:
                browsers.sign_in(form.key.data.strip())
            except (NotFound, KeyEnded, GymSuspended) as error:
                form.key.errors = [f"{str(error)[0].upper()}{str(error)[1:]}."]
            else:
                return see_other(_there(form.next.data))
        return frame.page("sign_in.html", 422 if form.errors or form.key.errors else 200, form=form)

    def _by_link() -> AnyResponse:
        form = _LinkForm(link=request.args.get("link", ""))
        if not form.validate_on_submit():  # whoever only looks at a link, as mail programs do, does not use it up
            return frame.page("use_link.html", form=form, who_now=who())
        browsers.sign_in_by_link(form.link.data)
        return see_other(url_for("pages.list_lifters"))

    @pages.post("/sign-out")
    def sign_out() -> AnyResponse:
        """Sign out."""
        browsers.sign_out()
        return see_other(url_for("pages.show_home"))


def _there(path: str | None) -> str:
    """Where to go after signing in: a page of ours, whatever was asked for."""
    return path if path and _HERE.fullmatch(path) else url_for("pages.list_lifters")
