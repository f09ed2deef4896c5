"""Browsers that are signed in: who is asking for a page, and that what is posted came from a page of ours.

A signed cookie holds the secret of a session that the store knows, so signing out or revoking the key ends it. Nothing
under ``/v1`` looks at a cookie.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from flask import Flask, g, request, session
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.wrappers import Request as FlaskRequest
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge

from service.domain.api_keys import ApiKey
from service.domain.errors import SpotterError, Unavailable
from service.http.auth import CALLER, Forbidden, count_request
from service.http.bodies import TooLarge
from service.usecases.gym.browser_sessions import sign_in, sign_in_by_link, signed_in
from service.usecases.gym.proof_links import open_proof_link
from service.usecases.services import Services

NEEDED: Final = {
    "pages.list_lifters": "read",
    "pages.show_lifter": "read",
    "pages.write_for_lifter": "write",
    "pages.show_log": "read",
    "pages.show_event": "read",
    "pages.mend_event": "write",
    "pages.show_track": "audit",
    "pages.show_proof": "audit",
    "pages.find_proof": "audit",
    "pages.get_bundle": "audit",
    "pages.change_proof_links": "audit",
    "pages.list_changes": "read",
    "pages.list_overrides": "read",
    "pages.show_keys": "admin",
    "pages.change_keys": "admin",
    "pages.show_webhooks": "admin",
    "pages.change_webhooks": "admin",
    "pages.show_imports": "write",
    "pages.change_imports": "write",
    "pages.list_rules": "read",
    "pages.show_programme": "read",
    "pages.show_loads": "read",
    "pages.show_scheme": "read",
    "pages.show_exercise": "read",
    "pages.show_workbench": "rules",
    "pages.try_rules": "rules",
    "pages.show_backtest": "rules",
    "pages.change_backtest": "rules",
    "pages.show_draft": "rules",
    "pages.change_draft": "rules",
    "pages.show_rollout": "rules",
    "pages.change_rollout": "rules",
    "pages.begin_rollout": "rules",
    "pages.make_sample_gym": "admin",
    "pages.remove_sample_gym": "admin",
}
"""The scope that each page needs of the key that a browser is signed in with; the others are for everybody."""

LARGEST_FORMS: Final = {"pages.change_imports": 6 * 1024 * 1024, "pages.try_rules": 640 * 1024}
"""Bytes of forms that hold more than fields: a file of 4 MiB, which may not be packable, in base 64; rule files."""

WRITTEN: Final = frozenset({"pages.try_rules"})
"""The pages whose forms hold texts that somebody wrote, which come back whatever happens."""

BY_LINK: Final = frozenset({"pages.show_linked_proof", "pages.get_linked_bundle"})
"""The pages that whoever has their address may see: it holds the secret of a link."""

COOKIES: Final = frozenset({*NEEDED, "pages.show_home", "pages.sign_in", "pages.sign_out"})
"""The pages that look at cookies."""

_OF_SESSION: Final = "session"
_BEFORE: Final = "before"


class NotSignedIn(SpotterError):
    """A page that is for whoever is signed in (HTTP 401)."""


class _Cookies(SecureCookieSessionInterface):
    """Flask's signed cookies, for pages only, under a secret that all processes share."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._others: frozenset[str] = frozenset()
        """First parts of the paths at which nothing looks at a cookie; a page says so where there is nothing at all."""

    def open_session(self, app: Flask, request: FlaskRequest) -> SecureCookieSession | None:
        """What the cookie of a page's request says; Flask asks before it knows which operation the request is for."""
        if not self._others:
            looks = {rule.rule: rule.endpoint in COOKIES for rule in app.url_map.iter_rules()}
            pages = {_first_part(path) for path, is_page in looks.items() if is_page}
            self._others = frozenset(map(_first_part, looks)) - pages
        if _first_part(request.path) in self._others:
            return None
        if app.secret_key is None:
            try:
                app.secret_key = self._services.browser_sessions.signing_secret()
            except Unavailable:  # nobody could answer yet: `Browsers.let_in` says so
                return None
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser came by TLS, to us or to a proxy in front."""
        del app
        return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Only what changed is written: a page that is looked at sets no cookie."""
        del app
        return session.modified


class Browsers:
    """Signing in and out, and who is asking."""

    def __init__(self, app: Flask, services: Services) -> None:
        self._services = services
        app.session_interface = _Cookies(services)
        app.config.update(
            SESSION_COOKIE_NAME="spotter",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Lax",
            WTF_CSRF_CHECK_DEFAULT=False,  # asked for by `let_in`, of pages only
            WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        )
        self._forms = CSRFProtect(app)
        app.teardown_request(lambda _: request.close())  # files that a form came with

    def let_in(self) -> None:
        """Let the request for a page pass or raise; afterwards `who` says who asks."""
        if request.blueprint != "pages":
            return
        if request.endpoint in LARGEST_FORMS:
            request.max_content_length = request.max_form_memory_size = LARGEST_FORMS[request.endpoint]
        if CALLER in request.environ:  # a web process has let it pass, and forwarded it here
            g.caller, g.token = request.environ[CALLER], None
            return
        if request.endpoint in BY_LINK:
            g.caller, g.token = open_proof_link(self._services, (request.view_args or {})["link"]).bearer
            count_request(self._services)
            return
        if isinstance(session, NullSession) and request.endpoint in COOKIES - {"pages.show_home"}:
            raise Unavailable("who is signed in is not known, for the database does not answer")
        self._let_in(NEEDED.get(request.endpoint or ""))
        if request.method == "POST":
            self._check_form()

    def _let_in(self, needed: str | None) -> None:
        key = self._known()
        if needed is None:
            return
        if key is None:
            raise NotSignedIn("this page is for whoever is signed in")
        count_request(self._services)
        if needed not in key.scopes:
            raise Forbidden(
                f"this page needs the scope {needed}, and the key that you are signed in with has "
                f"{' and '.join(key.scopes)}: sign in with another key"
            )

    def _check_form(self) -> None:
        """Read a form, and raise unless it is one of ours."""
        try:
            request.get_data()  # kept, so that another process can be asked with it
            self._forms.protect()
        except RequestEntityTooLarge:
            raise TooLarge(f"a form here has at most {request.max_content_length} bytes") from None

    def recognise(self) -> None:
        """Know who asks where there is nothing, so that the page that says so has their links; else nobody is known."""
        if "caller" not in g:
            with suppress(Unavailable):
                self._known()

    def _known(self) -> ApiKey | None:
        """The key that the browser is signed in with, by which the rest of the request knows who asks."""
        secret = session.get(_OF_SESSION)
        key = None if secret is None else signed_in(self._services, secret)
        if key is not None:
            g.caller, g.token = key, None
        return key

    def sign_in(self, presented: str) -> None:
        """Sign the browser in with a key; raises as `service.usecases.gym.browser_sessions.sign_in` does."""
        self._begin(sign_in(self._services, presented))

    def sign_in_by_link(self, link: str) -> None:
        """Sign the browser in with the secret of a link."""
        self._begin(sign_in_by_link(self._services, link))

    def sign_out(self) -> None:
        """End the browser's session, and the one that it stepped out of."""
        begun = [session.get(_OF_SESSION), session.get(_BEFORE)]
        session.clear()
        for secret in begun:
            if secret is not None:
                self._services.browser_sessions.end(secret)

    def step_into(self, key: ApiKey) -> None:
        """Sign the browser in with another key, until it steps back."""
        before = session.get(_OF_SESSION)
        self._begin(self._services.browser_sessions.begin(key.sha256))
        session[_BEFORE] = before

    def step_back(self) -> None:
        """Sign the browser in as it was before it stepped into another gym; one that did not stays as it is."""
        before = session.get(_BEFORE)
        if before is not None:
            self._services.browser_sessions.end(session[_OF_SESSION])
            self._begin(before)

    def _begin(self, secret: str) -> None:
        session.clear()
        session[_OF_SESSION] = secret


def _first_part(path: str) -> str:
    return path.split("/", 2)[1]


def who() -> ApiKey | None:
    """The key that the browser is signed in with, if it is."""
    key: ApiKey | None = None if request.endpoint in BY_LINK else g.get("caller")
    return key
