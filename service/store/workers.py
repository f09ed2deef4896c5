"""Who is at work: workers as RQ reports them, the sweeper, what waits in queues; asked of the queue's server."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker_registration import get_keys

from service.domain.instants import SECOND, Instant, parse
from service.store import key_names
from service.store.connections import answering
from service.store.wake import QUEUE, flag_of

SILENT_AT_MOST_S: Final = 45.0
"""An idle worker says every fifteen seconds that it lives; one silent for three times that is counted out."""

_SWEEPER: Final = "spotter:sweeper"
_SWEEPER_MS: Final = 5000

_FIELDS: Final = ("hostname", "pid", "state", "last_heartbeat", "current_job", "successful_job_count")


class WorkerSeen(NamedTuple):
    """A worker: where it is, what it does, for how many seconds it has said nothing, and how many jobs it did."""

    host: str
    process: int
    state: str
    job: str | None
    silent_s: float
    jobs_done: int

    @property
    def is_alive(self) -> bool:
        """Whether it can be counted on; while it is at a job, it says nothing."""
        return self.state == "busy" or self.silent_s <= SILENT_AT_MOST_S


class FailedJob(NamedTuple):
    """A job that failed, and the last line of why."""

    id: str
    description: str
    why: str


class QueueSeen(NamedTuple):
    """A queue: how many jobs wait in it, for how many seconds the first, and how many failed, a few of them."""

    name: str
    waiting: int
    oldest_s: float
    failed: int
    some_failed: Sequence[FailedJob]


class Workers:
    """What the queue's server knows of those who work; every method raises `Unavailable` where it does not answer."""

    def __init__(self, url: str) -> None:
        """Connections are made when first used."""
        self._client = redis.Redis.from_url(url, socket_connect_timeout=0.25, socket_timeout=1.0)

    def sweeper_was_here(self) -> None:
        """Say that the sweeper of this process has just swept."""
        with answering():
            self._client.set(_SWEEPER, f"{socket.gethostname()}:{os.getpid()}", px=_SWEEPER_MS)

    def sweeper(self) -> str | None:
        """Which process swept in the last seconds, as ``host:process``; None where none did."""
        with answering():
            found: Any = self._client.get(_SWEEPER)
        return None if found is None else found.decode()

    def all(self, now: Instant) -> list[WorkerSeen]:
        """The workers of wake-ups that ended without saying so lately, or did not end."""
        with answering():
            names = sorted(get_keys(Queue(QUEUE, connection=self._client)))
            pipeline = self._client.pipeline(transaction=False)
            for name in names:
                pipeline.hmget(name, _FIELDS)
            found = pipeline.execute()
        return [_worker(values, now) for values in found if values[2] and values[3]]

    def awake(self) -> list[int]:
        """The groups of partitions of which a drain is under way or on its way."""
        pipeline = self._client.pipeline(transaction=False)
        for group in range(key_names.GROUPS):
            pipeline.exists(flag_of(group))
        with answering():
            return [group for group, exists in enumerate(pipeline.execute()) if exists]

    def queues(self, now: Instant, *, failed: int) -> list[QueueSeen]:
        """Every queue that there is, with up to ``failed`` of its failed jobs, the newest first."""
        with answering():
            names = {QUEUE} | {queue.name for queue in Queue.all(connection=self._client, serializer=JSONSerializer)}
            return [self._queue(name, now, failed) for name in sorted(names)]

    def _queue(self, name: str, now: Instant, failed: int) -> QueueSeen:
        queue = Queue(name, connection=self._client, serializer=JSONSerializer)
        first = next(iter(queue.get_jobs(0, 1)), None)
        since = None if first is None else first.enqueued_at
        oldest = 0.0 if since is None else max(now / SECOND - since.timestamp(), 0.0)
        registry = FailedJobRegistry(queue=queue)
        ids = registry.get_job_ids(0, failed - 1, desc=True) if failed else []
        some = []
        for each in ids:
            with suppress(NoSuchJobError):  # forgotten meanwhile
                job = queue.job_class.fetch(each, connection=self._client, serializer=JSONSerializer)
                result = job.latest_result()
                why = (result.exc_string if result is not None else None) or "unknown"
                some.append(FailedJob(job.id, job.description or str(job.func_name), why.strip().splitlines()[-1]))
        return QueueSeen(name, queue.count, oldest, registry.count, some)


def _worker(values: Sequence[bytes | None], now: Instant) -> WorkerSeen:
    host, process, state, heartbeat, job, done = [(value or b"").decode() for value in values]
    silent = max((now - parse(heartbeat)) / SECOND, 0.0)
    return WorkerSeen(host, int(process or 0), state, job or None, silent, int(done or 0))
