"""A gym's changes, as they come."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from service.domain.errors import ChangesGone
from service.domain.feed import Place
from service.domain.prescription import PrescribedSet
from service.http.auth import caller
from service.http.pages.frame import Frame
from service.usecases.gym import feed
from service.usecases.services import Services

_CHANGES_A_PAGE: Final = 50


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the view to ``pages``."""

    @pages.get("/changes")
    def list_changes() -> Response:
        """The gym's changes, the newest first."""
        gym = caller().gym
        oldest, newest = feed.before_oldest(services, gym).number, feed.newest(services, gym).number
        upto = min(max(request.args.get("upto", newest, type=int), oldest), newest)
        after = max(upto - _CHANGES_A_PAGE, oldest)
        try:
            found = feed.read_feed(services, gym, Place(after), upto - after).changes if upto > after else []
        except ChangesGone:  # trimmed just now
            found = []
        changes = [_change(each.json) for each in reversed(found)]
        return frame.page("changes.html", changes=changes, is_newest=upto == newest, older=after, more=after > oldest)


def _change(json: bytes) -> dict[str, Any]:
    """A change with its sets as the domain has them."""
    change: dict[str, Any] = msgspec.json.decode(json)
    for side in ("before", "after"):
        if change.get(side):
            change[side]["sets"] = msgspec.convert(change[side]["sets"], tuple[PrescribedSet, ...], strict=False)
    return change
