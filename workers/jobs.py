"""What RQ runs: each job calls one use case with the services of its process."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from rq import get_current_job

from service import logs, traces
from service.bootstrap import Services, bootstrap_when_served
from service.config import Settings
from service.domain.errors import Unavailable
from service.usecases.projection.drain import drain as drain_group
from service.usecases.rules.rollout import Rollout
from service.usecases.rules.rollout_preview import preview_partition
from service.usecases.rules.work_on_tasks import work_on
from service.usecases.webhooks.deliver import deliver as deliver_due

_TAKER: Final = secrets.token_hex(8)
"""This process, to those whom it delivers to."""

_log = logs.logger("spotter.jobs")


@cache
def services() -> Services:
    """The services of this process, put together when first asked for and the database serves."""
    return bootstrap_when_served(Settings.from_environment(os.environ))


def drain(group: int) -> None:
    """Bring every dirty lifter of a group of partitions up to date."""
    # When it is given up, what is dirty stays dirty, and the sweeper wakes again.
    with _performing("drain", group=group):
        logs.note(commits=drain_group(services(), group))


def deliver() -> None:
    """Tell every webhook what is due."""
    # When it is given up, the sweeper sees who is behind.
    with _performing("deliver"):
        logs.note(messages=deliver_due(services(), _TAKER))


def preview_rollout(run: str, partition: int, programme: str, target: str, source: str | None, now: int) -> None:
    """Preview a rollout for one partition of lifters."""
    # When it is given up, whoever waits for it gives the job out again.
    with _performing("preview_rollout", partition=partition, programme=programme):
        preview_partition(services(), run, partition, Rollout(programme, target, source), now)


def work_on_tasks() -> None:
    """Work on what gyms asked for that takes long."""
    # When it is given up, the sweeper sees what is open.
    with _performing("work_on_tasks"):
        logs.note(lifters=work_on(services(), _TAKER))


@contextmanager
def _performing(name: str, **fields: Any) -> Iterator[None]:
    """Log and trace a job, in the name of the request that it comes from; it is given up where a server is away."""
    job = get_current_job()
    carried = {} if job is None else job.meta
    logs.begin(job=job and job.id, request_id=carried.get("request_id"), **fields)
    attributes = {f"spotter__{field}": value for field, value in fields.items()}
    with traces.span(name, "consumer", carried, **attributes):
        if (trace_id := traces.trace_id()) is not None:
            logs.note(trace_id=trace_id)
        begun = time.perf_counter()
        try:
            yield
        except Unavailable as error:
            traces.failed("unavailable")
            _log.warning(f"{name} given up", why=error.in_full)
        else:
            _log.info(f"{name} done", ms=round((time.perf_counter() - begun) * 1000, 1))
