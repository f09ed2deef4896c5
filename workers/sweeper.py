"""The sweeper process, run as `python -m workers.sweeper`: wakes workers for what has been left lying."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from service.domain.errors import Unavailable
from service.usecases.replay import sweep
from workers.jobs import services

_INTERVAL_S = 1.0

_log = logging.getLogger(__name__)


def main() -> int:
    """Sweep every second until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    while not stop.wait(_INTERVAL_S):
        try:
            sweep(services())
        except Unavailable as error:
            _log.warning("not swept: %s", error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
