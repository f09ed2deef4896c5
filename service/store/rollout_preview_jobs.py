"""The jobs of a rollout's preview, one per partition, and their results; on the queue's server, and soon forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from service.store.connections import answering
from service.store.wake import QUEUE

SIGN_MS: Final = 4000
"""How long a job counts as being run since its worker last said so; a killed worker is missed after that."""

_WAITING_S: Final = 30
"""How long a job waits for a worker before it is forgotten, and may be given out anew."""

_RESULTS_S: Final = 600
_TIMEOUT_S: Final = 3600


class RolloutPreviewJobs:
    """Jobs by run and partition. To run one twice, or to lose one, does no harm."""

    def __init__(self, url: str) -> None:
        """Connections are made when first used."""
        self._client = redis.Redis.from_url(url, socket_connect_timeout=0.25, socket_timeout=1.0)
        self._queue = Queue(QUEUE, connection=self._client, serializer=JSONSerializer)

    def worker_count(self) -> int:
        """How many workers there are to run jobs; none while the queue's server does not answer."""
        try:
            return len(Worker.all(queue=self._queue))
        except redis.RedisError:
            return 0

    def give_out(self, run: str, partition: int, arguments: Sequence[str | int | None]) -> None:
        """Enqueue the job of a partition, unless it waits for a worker already or one is at it."""
        with answering():
            if not self._client.set(_sign(run, partition), 1, nx=True, ex=_WAITING_S):
                return
            self._queue.enqueue_call(
                "workers.jobs.preview_rollout",
                args=(run, partition, *arguments),
                timeout=_TIMEOUT_S,
                result_ttl=0,
                ttl=_WAITING_S,
                failure_ttl=_RESULTS_S,
                description=f"preview {run}, partition {partition}",
            )

    def at_work(self, run: str, partition: int) -> None:
        """Say that a worker is (still) at the job of a partition."""
        with answering():
            self._client.set(_sign(run, partition), 1, px=SIGN_MS)

    def done(self, run: str, partition: int, result: bytes) -> None:
        """Keep what came of a job, for ten minutes."""
        with answering():
            pipeline = self._client.pipeline()
            pipeline.hset(_results(run), str(partition), result)
            pipeline.expire(_results(run), _RESULTS_S)
            pipeline.execute()

    def forget(self) -> None:
        """Forget what came of every job: it names lifters, and one of them was erased."""
        with answering():
            for name in self._client.scan_iter("spotter:preview:*", count=1000):
                self._client.unlink(name)

    def results(self, run: str) -> dict[int, bytes]:
        """What came of the jobs that are done, by partition."""
        with answering():
            stored = cast("dict[bytes, bytes]", self._client.hgetall(_results(run)))
        return {int(partition): result for partition, result in stored.items()}


def _sign(run: str, partition: int) -> str:
    return f"spotter:preview:{run}:{partition}"


def _results(run: str) -> str:
    return f"spotter:preview:{run}"
