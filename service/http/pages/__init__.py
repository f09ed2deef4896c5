"""Pages for people: a coach, a lifter, an auditor looks here at what the API answers to programs.

They are made on the server from the same use cases as the API, work without scripts, and need nothing from elsewhere.
"""

from __future__ import annotations

from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import TooMuchToReplay
from service.http.costly import CostlyRequests
from service.http.pages import (
    changes,
    coming_in,
    imports,
    keys,
    lifters,
    linked_proofs,
    logs,
    overrides,
    proofs,
    rules,
    sample,
    tracks,
    walks,
    webhooks,
    workbench,
)
from service.http.pages.browsers import Browsers
from service.http.pages.frame import Frame
from service.usecases.services import Services

__all__ = ["Browsers", "register"]


def register(app: Flask, services: Services, costly: CostlyRequests) -> Browsers:
    """Add the pages to ``app``; what comes back says who is signed in, before anything else of a page is done."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    browsers = Browsers(app, services)
    frame = Frame(pages)
    coming_in.register(pages, services, browsers, frame)
    sample.register(pages, services, browsers)
    lifters.register(pages, services, frame)
    logs.register(pages, services, frame)
    tracks.register(pages, services, frame)
    proofs.register(pages, services, frame)
    linked_proofs.register(pages, services, frame)
    changes.register(pages, services, frame)
    keys.register(pages, services, frame)
    webhooks.register(pages, services, frame)
    overrides.register(pages, services, frame)
    imports.register(pages, services, frame)
    rules.register(pages, services, frame)
    workbench.register(pages, services, frame)
    walks.register(pages, services, frame)
    pages.register_error_handler(TooMuchToReplay, lambda _: costly.forwarded(request.get_data()))
    app.register_blueprint(pages)

    def nothing_here(error: HTTPException) -> AnyResponse:
        browsers.recognise()
        return frame.nothing_here(error)

    app.register_error_handler(404, nothing_here)
    return browsers
