"""A gym's feed: the changes of its lifters' prescriptions, read page by page or waited for."""

from __future__ import annotations

from service.domain.feed import NumberedChange
from service.usecases.services import Services


def read_feed(services: Services, gym: str, after: int, limit: int) -> list[NumberedChange]:
    """Up to ``limit`` changes that follow number ``after``, the oldest first; raises `ChangesGone`."""
    return services.feeds.read(gym, after, limit)


def wait_for_changes(services: Services, gym: str, after: int, seconds: float) -> None:
    """Wait until the feed has something after a number, or for so long."""
    services.feeds.wait(gym, after, seconds)


def before_oldest(services: Services, gym: str) -> int:
    """The number after which to read for every change that is kept."""
    return services.feeds.ends(gym)[0]


def newest(services: Services, gym: str) -> int:
    """The number after which to read for what comes from now on."""
    return services.feeds.ends(gym)[1]
