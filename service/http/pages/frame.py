"""What every page stands in: its policy, its style sheet, the page of an error."""

from __future__ import annotations

import hashlib
import http
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, stream_with_context, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from service import logs
from service.domain.errors import InvalidInput, NotFound, SpotterError
from service.http.auth import needs_key
from service.http.pages import words
from service.http.pages.browsers import BY_LINK, WRITTEN, NotSignedIn, who
from service.http.problem_kinds import INTERNAL_ERROR
from service.http.problems import Refusal, not_served, refusal

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "private, no-cache",
}
"""Of every page."""

_HEADERS_BY_LINK: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""Headers of whatever is answered under an address that holds a secret."""

_PARTS: Final = (
    *("style.css", "pages.js", "icon.svg", "chart.js"),
    *("vendored/uPlot.iife.min.js", "vendored/uPlot.min.css"),
)
"""What pages load, all from here; what others wrote is as `vendored/SHA256SUMS` says."""
_MEDIA_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
SHOWN_ONCE: Final = {"Cache-Control": "no-store"}
"""Headers of a page with a secret in it."""

_REST: Final = Markup("<!-- rest -->")
"""Where a page goes on that was begun; what others wrote is escaped, so that it is nowhere else."""
_KINDS_OF_ERRORS: Final = ("application/problem+json", "application/json", "text/html")

_log = logs.logger("spotter.pages")


class Frame:
    """Makes pages of templates."""

    def __init__(self, pages: Blueprint) -> None:
        """Have ``pages`` know the templates' filters, serve what all pages load, and tell what went wrong."""
        for name, filter_ in words.FILTERS.items():
            pages.add_app_template_filter(filter_, name)
        pages.register_error_handler(Exception, self._failed)
        pages.after_request(_keep_link)
        self._tag = serve_parts(pages)

    def page(
        self, template: str, status: int = 200, *, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """The page that a template makes of values."""
        key = who()
        may_write = key is not None and "write" in key.scopes
        html = render_template(template, who=key, may_write=may_write, version=self._tag, **values)
        response = Response(html, status, {**HEADERS, **(headers or {})}, content_type="text/html; charset=utf-8")
        response.vary.add("Cookie")
        return response

    def begun_page(self, template: str, rest: str, slow: Callable[[], Mapping[str, Any]], **values: Any) -> Response:
        """A page that is sent in two pieces: at once what ``template`` makes of values, up to its ``{{ rest }}``.

        That is what the template ``rest`` makes of them and of what comes of ``slow``, which may take its time. By then
        the page has its status, so what goes wrong is told in its place.
        """
        page = self.page(template, rest=_REST, **values)
        begins, _, ends = page.get_data(as_text=True).partition(_REST)

        def pieces() -> Iterator[str]:
            yield begins
            try:
                yield render_template(rest, **{**values, **slow()})
            except Exception as error:  # noqa: BLE001 - as `_failed` is told of any
                said = _noted(error)
                yield render_template("_failed.html", said=said, request_id=g.request_id)
            yield ends

        headers = [(name, value) for name, value in page.headers if name != "Content-Length"]
        return Response(stream_with_context(pieces()), page.status, headers)

    def nothing_here(self, error: HTTPException) -> AnyResponse:
        """A page where a browser asks for what there is not; for programs, and under ``/v1``, a problem."""
        problem = not_served(error)
        wanted = request.accept_mimetypes.best_match(_KINDS_OF_ERRORS)
        if problem.status_code != http.HTTPStatus.NOT_FOUND or needs_key(request.path) or wanted != "text/html":
            return problem
        return self.page("error.html", 404, title=_NOTHING, detail=_NO_PAGE, request_id=g.request_id)

    def _failed(self, error: Exception) -> AnyResponse:
        kept = _kept()
        if isinstance(error, NotSignedIn):
            if kept:
                return self.page(
                    "error.html", 401, title=_SIGNED_OUT, detail=str(error), request_id=g.request_id, kept=kept
                )
            there = request.full_path.rstrip("?") if request.method == "GET" else None
            return see_other(url_for("pages.sign_in", next=there))
        if isinstance(error, CSRFError):
            title = "The form is out of date"
            return self.page("error.html", 400, title=title, detail=_OUT_OF_DATE, request_id=g.request_id, kept=kept)
        said = _noted(error)
        title = _NOTHING if isinstance(error, NotFound) else said.kind.title
        wrong = [problem["message"] for problem in said.members.get("errors", ())]
        return self.page(
            "error.html", said.kind.status, headers=said.headers,
            title=title, detail=said.detail, wrong=wrong, request_id=g.request_id, kept=kept,
        )  # fmt: skip


def serve_parts(pages: Blueprint | Flask) -> str:
    """Serve what pages load; what comes back changes whenever any of it does."""
    folder = files("service.http.pages")
    parts = {path.rpartition("/")[2]: folder.joinpath(path).read_bytes() for path in _PARTS}
    names = ", ".join(f'"{name}"' for name in parts)

    @pages.get(f"/pages/<any({names}):name>")
    def get_part(name: str) -> Response:
        """What pages load: how they look, what scripts add to them, and the icon beside their titles."""
        return _part(parts[name], _MEDIA_TYPES[name.rpartition(".")[2]])

    return hashlib.sha256(b"".join(parts.values())).hexdigest()[:16]


def _noted(error: Exception) -> Refusal:
    """What is told of an error, which the log is told, too."""
    said = refusal(error)
    logs.note(problem=said.kind.slug)
    if said.kind is INTERNAL_ERROR:
        _log.error("failed", operation=request.endpoint, exc_info=error)
    return said


def sentences(error: SpotterError) -> list[str]:
    """What is wrong with a form, in sentences without their full stops."""
    if isinstance(error, InvalidInput):
        return [f"{each.pointer[1:].partition('/')[0]}: {each.message}" for each in error.problems]
    return [str(error)]


def see_other(address: str) -> AnyResponse:
    """Have the browser get another page: loading that again sends no form again (RFC 9110, 303)."""
    return redirect(address, HTTPStatus.SEE_OTHER)


def _kept() -> list[tuple[str, str]]:
    """The texts of a long form that could not be taken, by their names, so that nobody has to write them again."""
    if request.endpoint not in WRITTEN or request.method != "POST":
        return []
    with suppress(HTTPException):  # it was too long to be read
        return list(zip(request.form.getlist("path"), request.form.getlist("text"), strict=False))
    return []


def _keep_link(response: Response) -> Response:
    if request.endpoint in BY_LINK:
        response.headers.update(_HEADERS_BY_LINK)
    return response


def _part(content: bytes, media_type: str) -> Response:
    response = Response(content, content_type=media_type)
    response.set_etag(hashlib.sha256(content).hexdigest())
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response


_NOTHING: Final = "There is nothing here"
_SIGNED_OUT: Final = "You are not signed in any more"
_NO_PAGE: Final = (
    "No page has this address. It may have been cut off or written wrong; the first page leads to all others"
)
_OUT_OF_DATE: Final = (
    "What was sent did not come from a form of ours, or from one that was made before you signed in. Go back, load the "
    "page again, and send it once more."
)
