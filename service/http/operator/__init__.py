"""The operator's page: how a Spotter is, for whoever runs it. No gym's key opens it, and its token opens no gym.

An application of its own, on a listener of its own that only this machine reaches.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final, TypeAlias

from flask import Flask, Response, abort, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from service import logs
from service.config import Settings
from service.domain.errors import SpotterError, Unavailable
from service.http.bodies import MOST_READ
from service.http.pages import words
from service.http.pages.frame import HEADERS, serve_parts
from service.usecases.log.verification import Verification
from service.usecases.operator_token import is_operator, operator_sha256
from service.usecases.overview import overview
from service.usecases.services import Services

_OPERATOR: Final = "operator"
_LASTS: Final = timedelta(hours=12)
_OPEN: Final = ("sign_in", "get_part", None)
"""What is for whoever reaches this machine; None is what there is not."""

_log = logs.logger("spotter.operator")


Look: TypeAlias = Callable[[Settings], Iterable[tuple[str, str, str, str]]]
"""What `spotter doctor` does: a verdict, what about, what, and how to mend it, of each thing."""


def create_operator_app(settings: Settings, services: Callable[[], Services], look: Look) -> Flask:
    """The WSGI application, to be served at the operator's port of the settings and nowhere else.

    ``services`` gives those of this process, or raises `Unavailable`.
    """
    app = Flask("service.http.operator", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_READ,
        SECRET_KEY=secrets.token_bytes(32),  # with the process sessions end
        SESSION_COOKIE_NAME="spotter-operator",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=_LASTS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_CHECK_DEFAULT=False,  # asked for once the host is known to be this one
    )
    for name, filter_ in words.FILTERS.items():
        app.add_template_filter(filter_, name)
    _guard(app, settings)
    serve_parts(app)
    _let_sign_in(app, settings)
    _show(app, settings, services, look)
    app.register_error_handler(Exception, _failed)
    return app


def _guard(app: Flask, settings: Settings) -> None:
    """Let nobody pass who is not this machine's browser, signed in."""
    forms = CSRFProtect(app)
    hosts = {f"{name}:{settings.operator_port}" for name in ("127.0.0.1", "localhost")}

    @app.before_request
    def let_in() -> AnyResponse | None:
        # A page elsewhere whose name was made to lead to this machine names itself here (DNS rebinding).
        if request.host not in hosts:
            abort(421, f"this page is at http://127.0.0.1:{settings.operator_port}/ and has no other name")
        if request.method == "POST":
            forms.protect()
        if request.endpoint in _OPEN or _is_signed_in(settings):
            return None
        return redirect(url_for("sign_in"), 303)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers.update({**HEADERS, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return response


def _let_sign_in(app: Flask, settings: Settings) -> None:
    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> AnyResponse:
        """Sign in with the operator's token."""
        wrong = None
        if request.method == "POST":
            if is_operator(settings.data_dir, request.form.get("token", "").strip()):
                session.clear()
                session.permanent = True
                session[_OPERATOR] = operator_sha256(settings.data_dir)
                return redirect(url_for("show"), 303)
            wrong = "This is not the operator’s token. `spotter operator` makes one; a gym’s key opens nothing here."
        return _page("operator_sign_in.html", 422 if wrong else 200, wrong=wrong)

    @app.post("/sign-out")
    def sign_out() -> AnyResponse:
        """Sign out."""
        session.clear()
        return redirect(url_for("sign_in"), 303)


def _show(app: Flask, settings: Settings, services: Callable[[], Services], look: Look) -> None:
    verification = Verification()

    @app.get("/")
    def show() -> AnyResponse:
        """How everything is just now; asked to look closer, what `spotter doctor` says, too."""
        findings = list(look(settings)) if "closer" in request.args else None
        seen, now = overview(services()), services().clock()
        return _page("operator.html", it=seen, findings=findings, verified=verification.standing, now=now)

    @app.post("/verification")
    def verify() -> AnyResponse:
        """Begin to verify everything, or stop."""
        if request.form.get("do") == "stop":
            verification.stop()
        else:
            verification.begin(services())
        return redirect(url_for("show", _anchor="verify"), 303)


def _failed(error: Exception) -> AnyResponse:
    """What went wrong, in a sentence."""
    if isinstance(error, CSRFError):
        return _page(
            "operator_error.html", 400, why="The form is out of date, or not one of ours: load the page again."
        )
    if isinstance(error, HTTPException):
        return _page("operator_error.html", error.code or 500, why=error.description or error.name)
    if isinstance(error, SpotterError):
        why = error.in_full if isinstance(error, Unavailable) else str(error)
        return _page("operator_error.html", 503, why=why)
    _log.error("failed", operation=request.endpoint, exc_info=error)
    return _page("operator_error.html", 500, why="Something went wrong: the log of this process says what.")


def _is_signed_in(settings: Settings) -> bool:
    """Whether the session is of whoever showed the token that is valid now: another one ends it."""
    known, said = operator_sha256(settings.data_dir), session.get(_OPERATOR, "")
    return known is not None and hmac.compare_digest(said, known)


def _page(template: str, status: int = 200, /, **values: Any) -> Response:
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")
