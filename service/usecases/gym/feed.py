"""A gym's feed: the changes of its lifters' prescriptions, read page by page or waited for."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.feed import NumberedChange, whose
from service.usecases.services import Services


class FeedPage(NamedTuple):
    """Changes, and the number up to which the feed was looked through for them."""

    changes: list[NumberedChange]
    last: int


def read_feed(services: Services, gym: str, after: int, limit: int, lifter: str | None = None) -> FeedPage:
    """Of the up to ``limit`` changes that follow number ``after`` those of a lifter, or all; the oldest first.

    Raises `ChangesGone`.
    """
    found = services.feeds.read(gym, after, limit)
    last = found[-1].number if found else after
    return FeedPage(found if lifter is None else [each for each in found if whose(each.json) == lifter], last)


def wait_for_changes(services: Services, gym: str, after: int, seconds: float) -> None:
    """Wait until the feed has something after a number, or for so long."""
    services.feeds.wait(gym, after, seconds)


def before_oldest(services: Services, gym: str) -> int:
    """The number after which to read for every change that is kept."""
    return services.feeds.ends(gym)[0]


def newest(services: Services, gym: str) -> int:
    """The number after which to read for what comes from now on."""
    return services.feeds.ends(gym)[1]
