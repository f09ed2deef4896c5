"""A gym's feed: the changes of its lifters' prescriptions, read page by page or waited for."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.feed import NumberedChange, Place, whose
from service.usecases.services import Services


class FeedPage(NamedTuple):
    """Changes, and the place up to which the feed was looked through for them."""

    changes: list[NumberedChange]
    last: Place


def read_feed(services: Services, gym: str, after: Place, limit: int, lifter: str | None = None) -> FeedPage:
    """Of the up to ``limit`` changes that follow a place those of a lifter, or all; the oldest first.

    Raises `ChangesGone`.
    """
    found = services.feeds.read(gym, after.number, limit, after.mark)
    last = found[-1].place if found else after
    return FeedPage(found if lifter is None else [each for each in found if whose(each.json) == lifter], last)


def wait_for_changes(services: Services, gym: str, after: Place, seconds: float) -> None:
    """Wait until the feed has something after a place, or for so long."""
    services.feeds.wait(gym, after.number, seconds)


def before_oldest(services: Services, gym: str) -> Place:
    """The place after which to read for every change that is kept."""
    oldest, _ = services.feeds.ends(gym)
    return Place(oldest)


def newest(services: Services, gym: str) -> Place:
    """The place after which to read for what comes from now on."""
    return services.feeds.end(gym)
