"""A gym's feed: the changes of its lifters' prescriptions, read page by page or waited for."""

from __future__ import annotations

from service.domain.feed import NumberedChange, Place
from service.usecases.services import Services


def read_feed(services: Services, gym: str, after: Place, limit: int) -> list[NumberedChange]:
    """Up to ``limit`` changes that follow a place, the oldest first; raises `ChangesGone`."""
    return services.feeds.read(gym, after.number, limit, after.mark)


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
