"""What developers read: the contract and its page, and a page for each kind of problem. None of it needs a key."""

from __future__ import annotations

from flask import Flask, Response, request

from service.domain.errors import NotFound
from service.http.docs_pages import assets, docs_page, problem_pages
from service.http.problem_kinds import EVERY
from service.package_data import package_data


def register(app: Flask) -> None:
    """Add the operations to ``app``; the contract is read, and every page made, once."""
    contract = package_data("openapi.yaml").read_bytes()
    docs, docs_policy = docs_page()
    parts = assets()
    problems, problem_of, problems_policy = problem_pages(EVERY.values())

    def html(page: str, policy: str) -> Response:
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return Response(page, headers=headers, content_type="text/html; charset=utf-8")

    @app.get("/openapi.yaml")
    def get_contract() -> Response:
        """The contract itself."""
        return Response(contract, content_type="application/yaml")

    @app.get("/docs")
    def get_docs() -> Response:
        """The contract as a page to read and to try."""
        return html(docs, docs_policy)

    @app.get("/docs/<asset>")
    def get_docs_asset(asset: str) -> Response:
        """A file that the contract's page loads."""
        part = parts.get(asset)
        if part is None:
            raise NotFound(f"the contract's page has no part {asset!r}")
        response = Response(part.content, content_type=part.media_type)
        response.set_etag(part.tag)
        response.headers["Cache-Control"] = "public, no-cache"
        response.make_conditional(request)
        return response

    @app.get("/problems")
    def list_problems() -> Response:
        """Every kind of problem."""
        return html(problems, problems_policy)

    @app.get("/problems/<kind>")
    def get_problem(kind: str) -> Response:
        """What a kind of problem means, and what to do about it."""
        page = problem_of.get(kind)
        if page is None:
            raise NotFound("no problem is called that; /problems lists them all")
        return html(page, problems_policy)
