"""Wake-ups that are on their way."""

import threading

from service.store.wake import GATHERING


def await_wake_ups() -> None:
    """Wait until every wake-up that this process owes is in its queue."""
    for thread in threading.enumerate():
        if thread.name == GATHERING:
            thread.join()
