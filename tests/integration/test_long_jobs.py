"""A job that takes longer than RQ's limit, as that of a deliverer may: it is under way, and not one that failed."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import redis
from rq import Queue
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from tests.support.running import eventually
from workers.worker import Worker

_begun, _may_end = Event(), Event()


def take_long() -> None:
    """A job that ends when it is let."""
    _begun.set()
    _may_end.wait()


def test_a_job_under_way_is_not_taken_for_one_that_failed(queue_server: redis.Redis) -> None:
    queue = Queue("long", connection=queue_server, serializer=JSONSerializer)
    job = queue.enqueue_call(take_long, timeout=1, result_ttl=0)
    worker = Worker([queue], connection=queue_server, serializer=JSONSerializer, job_monitoring_interval=0.05)
    started = StartedJobRegistry("long", connection=queue_server, serializer=JSONSerializer)
    failed = FailedJobRegistry("long", connection=queue_server, serializer=JSONSerializer)
    working = Thread(target=lambda: worker.execute_job(*_taken(worker)))
    working.start()
    try:
        assert _begun.wait(60)
        given_up_at = _given_up_at(queue_server, started)
        eventually(lambda: _given_up_at(queue_server, started) > given_up_at, "it is heard of again")
        started.cleanup(given_up_at)
        assert (job.id in failed, job.get_status()) == (False, "started")
    finally:
        _may_end.set()
        working.join()
    assert (queue_server.zcard(started.key), queue_server.zcard(failed.key)) == (0, 0)


def _given_up_at(queue_server: redis.Redis, started: StartedJobRegistry) -> float:
    """When the one job under way will be taken for one that failed."""
    found: Any = queue_server.zrange(started.key, 0, -1, withscores=True)
    ((_, at),) = found
    return float(at)


def _taken(worker: Worker) -> tuple[Job, Queue]:
    """The job that waits, as a worker takes it."""
    found = worker.dequeue_job_and_maintain_ttl(timeout=1)
    assert found is not None
    return found
