"""A worker process, run as `python -m workers.worker`: performs jobs one after the other, in this very process.

`python -m workers.worker spotter-webhooks` is the deliverer, which does nothing but tell webhooks.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from threading import Event, Thread

import redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import WorkerStatus

from service.config import Settings
from service.logs import configure_logs
from service.store.connections import when_served
from service.store.wake import QUEUE
from service.traces import configure_traces
from workers.jobs import services

_WORKER_TTL = 30
"""Seconds. RQ waits for a job this long less 15, so a queue server that vanished is noticed soon."""

_MAINTENANCE_INTERVAL = 60
"""Seconds between cleaning up what killed workers left behind."""


_NICENESS = 5
"""Where processors are short, acknowledging what clients send goes before replaying it, which no reader waits for."""


class _NoDeathPenalty(BaseDeathPenalty):
    """Lets a job take its time: a drain ends by itself, and an exception thrown into a fold would park its lifter."""

    def setup_death_penalty(self) -> None:
        """Nothing is set up."""

    def cancel_death_penalty(self) -> None:
        """Nothing is cancelled."""


class Worker(SimpleWorker):
    """RQ's worker that starts no process for a job, which would cost more than the job."""

    death_penalty_class = _NoDeathPenalty
    max_connection_wait_time = 1.0
    """Seconds between attempts while the queue's server does not answer."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Perform a job and say all the while that it is under way: RQ takes one that is silent for one that failed."""
        execution = self.prepare_execution(job)
        ended = Event()

        def say_so() -> None:
            while not ended.wait(self.job_monitoring_interval):
                with suppress(redis.RedisError):  # the next may be heard
                    self.maintain_heartbeats(job, execution)

        heartbeats = Thread(target=say_so, name="heartbeats", daemon=True)
        heartbeats.start()
        try:
            self.perform_job(job, queue, execution)
        finally:
            ended.set()
            heartbeats.join()
        self.set_state(WorkerStatus.IDLE)

    @property
    def stopped_on_request(self) -> bool:
        """Whether the worker ended because it was asked to."""
        return self._shutdown_requested_date is not None


def main() -> int:
    """Work until SIGTERM; the exit status is 1 when something else ended the work, to be started again."""
    settings = Settings.from_environment(os.environ)
    configure_logs(settings.log_level)
    configure_traces("worker", send=settings.traces)
    os.nice(_NICENESS)
    queue = redis.Redis.from_url(settings.queue_url)
    when_served(lambda: queue.set("spotter:probe", 1, ex=_WORKER_TTL))  # one whose disk is full answers all but this
    worker = Worker(
        sys.argv[1:] or [QUEUE],
        connection=queue,
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL,
        maintenance_interval=_MAINTENANCE_INTERVAL,
        log_job_description=False,
    )
    services()  # whatever is wrong with them is better known now than at the first job
    # What was imported stays for ever: looking through it at every collection would only cost.
    gc.collect()
    gc.freeze()
    worker.work(logging_level="WARNING")
    return 0 if worker.stopped_on_request else 1


if __name__ == "__main__":
    sys.exit(main())
