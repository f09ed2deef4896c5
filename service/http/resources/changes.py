"""The feed of changes of the caller's gym: page by page, or as a stream of Server-Sent Events."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, request

from service.domain.errors import InvalidInput
from service.domain.feed import Place, change_id, change_json, place_in_feed
from service.http.auth import bearer, bound_to, caller, has_ticket
from service.http.replies import OF_ANOTHER_LIST, place_of, reply
from service.http.schemas.queries import PAGE, STREAM, query
from service.http.streams import Streams
from service.usecases.gym import feed
from service.usecases.gym.feed import FeedPage
from service.usecases.gym.lifter_tokens import still_valid
from service.usecases.services import Services

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"

NOW: Final = "now"
"""As ``after``: from the end of the feed on. It is no cursor that there can be."""


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""
    streams = Streams(services)

    @app.get("/v1/changes")
    def list_changes() -> Response:
        """The changes of the gym, oldest first, and where to go on; as a stream to whoever asks for events."""
        asked = query(STREAM if has_ticket() else PAGE)
        gym, lifter = caller().gym, bound_to()
        accepted = request.accept_mimetypes.best_match([_JSON, _EVENTS], _JSON)
        wants_events = has_ticket() or accepted == _EVENTS
        last_event_id = request.headers.get("Last-Event-ID") if wants_events else None
        after = _place(services, gym, last_event_id or asked.get("after"))
        page = feed.read_feed(services, gym, after, asked["limit"], lifter)
        response = stream(page, after) if wants_events else listed(page)
        response.vary.add("Accept")
        return response

    def stream(page: FeedPage, after: Place) -> Response:
        listener = bearer()
        leave = streams.enter(listener)
        events = streams.events(listener, page, after, lambda: still_valid(services, listener))
        response = Response(events, content_type=f"{_EVENTS}; charset=utf-8")
        response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers a reply would hold it for ever
        response.call_on_close(leave)
        return response

    def listed(page: FeedPage) -> Response:
        path = f"{request.path}?{urlencode({**request.args.to_dict(), 'after': change_id(page.last)})}"
        response = reply({"changes": [msgspec.Raw(change_json(change)) for change in page.changes], "next": path})
        response.headers["Link"] = f'<{path}>; rel="next"'
        return response


def _place(services: Services, gym: str, after: str | None) -> Place:
    """The place after which to read; by default, from the oldest change that is kept."""
    if after is None:
        return feed.before_oldest(services, gym)
    if after == NOW:
        return feed.newest(services, gym)
    place = place_in_feed(place_of(after))
    if place is None:
        raise InvalidInput(OF_ANOTHER_LIST)
    return place
