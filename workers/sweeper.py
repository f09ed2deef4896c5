"""The sweeper process, run as `python -m workers.sweeper`: wakes workers for lifters and webhooks left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

from service import logs
from service.config import Settings
from service.domain.errors import Unavailable
from service.logs import configure_logs
from service.usecases.lifter.erase import follow_up_earlier
from service.usecases.projection.drain import forget_outdated, sweep
from service.usecases.webhooks.deliver import due
from workers.jobs import services
from workers.operator_page import serve_operator_page

_INTERVAL_S = 1.0

_LOOK_AGAIN_S = 15.0

_log = logs.logger("spotter.sweeper")


def main() -> None:
    """Sweep every second until SIGTERM or SIGINT; at first, do again what another version did.

    What an older engine made is looked for again until there is none, for while machines are upgraded one after the
    other, those that are not yet make some.
    """
    settings = Settings.from_environment(os.environ)
    configure_logs(settings.log_level)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    serve_operator_page(settings)
    is_followed_up = False
    look_at: float | None = 0.0
    while True:
        time.sleep(_INTERVAL_S)
        try:
            if not is_followed_up:
                if lifters := follow_up_earlier(services()):
                    _log.info("files are written without who was erased earlier", lifters=lifters)
                is_followed_up = True
            if look_at is not None and time.monotonic() >= look_at:
                look_at = time.monotonic() + _LOOK_AGAIN_S if forget_outdated(services()) else None
            if groups := sweep(services()):
                _log.info("woken", groups=groups)
            if due(services()):
                services().wake.wake_deliverer()
            if services().long_tasks.open():
                services().wake.wake_tasks()
            services().file_rewrites.follow_up()
            services().workers.sweeper_was_here()
        except Unavailable as error:
            _log.warning("not swept", why=error.in_full)


def _leave(_number: int, _frame: FrameType | None) -> None:
    # A sweep may be cut short anywhere: what it did not wake, the next one will.
    sys.exit(0)


if __name__ == "__main__":
    main()
