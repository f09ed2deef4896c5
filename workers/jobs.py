"""What RQ runs: each job calls one use case with the services of its process."""

from __future__ import annotations

import logging
import os
from functools import cache

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import Unavailable
from service.usecases import backtest as backtests
from service.usecases import replay
from service.usecases.rollout import Rollout

_log = logging.getLogger(__name__)


@cache
def services() -> Services:
    """The services of this process, put together when first asked for."""
    return bootstrap(Settings.from_environment(os.environ))


def drain(group: int) -> None:
    """Bring every dirty lifter of a group of partitions up to date."""
    try:
        replay.drain(services(), group)
    except Unavailable as error:
        # What is dirty stays dirty, and the sweeper wakes again.
        _log.warning("drain of group %d given up: %s", group, error)


def backtest(run: str, partition: int, programme: str, target: str, source: str | None, now: int) -> None:
    """Run one errand of a backtest."""
    try:
        backtests.run_errand(services(), run, partition, Rollout(programme, target, source), now)
    except Unavailable as error:
        # Whoever waits for it gives the errand out again.
        _log.warning("backtest of partition %d given up: %s", partition, error)
