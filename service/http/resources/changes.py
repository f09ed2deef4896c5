"""The feed of changes of the caller's gym: page by page, or as a stream of Server-Sent Events."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, request

from service.domain.feed import NumberedChange, change_id, change_json
from service.http.auth import caller
from service.http.replies import number_of, reply, vary
from service.http.schemas.queries import PAGE, query
from service.http.streams import Streams
from service.usecases.gym import feed
from service.usecases.gym.api_keys import still_valid
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
        page = query(PAGE)
        gym = caller().gym
        wants_events = request.accept_mimetypes.best_match([_JSON, _EVENTS], _JSON) == _EVENTS
        last_event_id = request.headers.get("Last-Event-ID") if wants_events else None
        after = _place(services, gym, last_event_id or page.get("after"))
        changes = feed.read_feed(services, gym, after, page["limit"])
        response = stream(gym, changes, after) if wants_events else listed(changes, after)
        vary(response, "Accept")
        return response

    def stream(gym: str, changes: list[NumberedChange], after: int) -> Response:
        key = caller()
        leave = streams.enter(key.id)
        events = streams.events(gym, changes, after, lambda: still_valid(services, key))
        response = Response(events, content_type=f"{_EVENTS}; charset=utf-8")
        response.headers["X-Accel-Buffering"] = "no"  # a proxy that gathers a reply would hold it for ever
        response.call_on_close(leave)
        return response

    def listed(changes: list[NumberedChange], after: int) -> Response:
        number = changes[-1].number if changes else after
        path = f"{request.path}?{urlencode({**request.args.to_dict(), 'after': change_id(number)})}"
        response = reply({"changes": [msgspec.Raw(change_json(change)) for change in changes], "next": path})
        response.headers["Link"] = f'<{path}>; rel="next"'
        return response


def _place(services: Services, gym: str, after: str | None) -> int:
    """The number after which to read; by default, from the oldest change that is kept."""
    if after is None:
        return feed.before_oldest(services, gym)
    return feed.newest(services, gym) if after == NOW else number_of(after)
