"""Waiting for what is on its way: wake-ups, and what workers make of them."""

import threading

from service.bootstrap import Services
from service.store.wake import GATHERING
from service.usecases.projection.drain import replay_lag
from tests.support.running import eventually


def await_wake_ups() -> None:
    """Wait until every wake-up that this process owes is in its queue."""
    for thread in threading.enumerate():
        if thread.name == GATHERING:
            thread.join()


def await_told(services: Services) -> None:
    """Wait until running workers have replayed all there is and told of it."""
    eventually(lambda: replay_lag(services).lifters == 0, "every projection is up to date")
    eventually(lambda: services.feeds.waiting() == [], "every change is in its feed")
