"""Being told: the changes of the caller's gym."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, request

from service.http.auth import caller
from service.http.replies import cursor, number_of, reply
from service.http.schemas.queries import PAGE, query
from service.store.feeds import Numbered
from service.usecases.services import Services

NOW = "now"
"""As ``after``: from the end of the feed on. It is no cursor that there can be."""


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/changes")
    def list_changes() -> Response:
        """The changes of the gym, oldest first, and where to go on."""
        page = query(PAGE)
        gym = caller().gym
        after = _place(services, gym, page.get("after"))
        changes = services.feeds.read(gym, after, page["limit"])
        number = changes[-1].number if changes else after
        path = f"{request.path}?{urlencode({**request.args.to_dict(), 'after': cursor(str(number))})}"
        response = reply({"changes": [shown(change) for change in changes], "next": path})
        response.headers["Link"] = f'<{path}>; rel="next"'
        return response


def shown(change: Numbered) -> msgspec.Raw:
    """A change as the contract shows it; its id is also the cursor of what follows it."""
    return msgspec.Raw(b'{"change_id":"' + cursor(str(change.number)).encode() + b'",' + change.change[1:])


def _place(services: Services, gym: str, after: str | None) -> int:
    """The number after which to read; by default, from the oldest change that is kept."""
    if after is not None and after != NOW:
        return number_of(after)
    oldest, newest = services.feeds.ends(gym)
    return newest if after == NOW else oldest
