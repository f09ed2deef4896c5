"""Waking workers. A job only says "look": the work itself is what the log's server holds as dirty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from service import logs, traces
from service.store import keys

QUEUE: Final = "spotter"

DELIVERIES: Final = "spotter-webhooks"
"""A queue of its own: who is called may let us wait, and nobody's replay must wait with us."""

FLAG_MS: Final = 4000
"""How long a drain counts as awake since it last said so. A killed one is missed after that, so it bounds, with the
sweeper's interval, how long a crash can hold replay up."""

_JOBS_AT_MOST: Final = 4 * keys.GROUPS
"""Waiting wake-ups beyond which another one adds nothing; without workers the queue stays this short."""

_JOB_TTL: Final = 60
_JOB_TIMEOUT: Final = 60

_log = logs.logger("spotter.wake")


class Wake:
    """The wake-ups, kept by the queue's server. None of it is needed for correctness: the sweeper wakes again."""

    def __init__(self, url: str, *, carry: Callable[[], dict[str, str]] = dict) -> None:
        """Connections are made when first used; whoever waits for an append waits for them only briefly.

        ``carry`` gives what a job takes along, as its metadata, of whoever wakes.
        """
        self._carry = carry
        self._client = redis.Redis.from_url(
            url, socket_connect_timeout=0.25, socket_timeout=0.5, retry=Retry(NoBackoff(), 1)
        )
        self._queue = Queue(QUEUE, connection=self._client, serializer=JSONSerializer)
        self._deliveries = Queue(DELIVERIES, connection=self._client, serializer=JSONSerializer)

    def wake(self, group: int) -> bool:
        """Enqueue a drain of a group unless one is awake; false also when the queue's server does not answer."""
        return self._enqueue(self._queue, flag_of(group), "workers.jobs.drain", group)

    def wake_deliverer(self) -> bool:
        """Enqueue a look at the webhooks, likewise."""
        return self._enqueue(self._deliveries, _DELIVERER, "workers.jobs.deliver")

    def _enqueue(self, queue: Queue, flag: str, job: str, *arguments: int) -> bool:
        try:
            with traces.span("wake", "producer", spotter__group=arguments[0] if arguments else -1):
                return self._wake(queue, flag, job, arguments)
        except redis.RedisError as error:
            _log.warning("cannot wake a worker, the sweeper will", why=str(error))
            return False

    def _wake(self, queue: Queue, flag: str, job: str, arguments: Sequence[int]) -> bool:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.set(flag, 1, nx=True, px=FLAG_MS)
        pipeline.llen(queue.key)
        is_first, waiting = pipeline.execute()
        if not is_first or waiting >= _JOBS_AT_MOST:
            return False
        queue.enqueue_call(
            job,
            args=tuple(arguments),
            timeout=_JOB_TIMEOUT,
            result_ttl=0,
            ttl=_JOB_TTL,
            failure_ttl=_JOB_TTL,
            description=" ".join(map(str, (job, *arguments))),
            meta=self._carry(),
        )
        return True

    def stay_awake(self, group: int) -> None:
        """Say that a drain of the group is (still) at work."""
        self._client.set(flag_of(group), 1, px=FLAG_MS)

    def sleep(self, group: int) -> None:
        """Say that no drain of the group is awake: whoever marks a lifter dirty from now on wakes one."""
        self._client.delete(flag_of(group))

    def keep_deliverer_awake(self) -> None:
        """Say that somebody is (still) telling webhooks."""
        self._client.set(_DELIVERER, 1, px=FLAG_MS)

    def let_deliverer_sleep(self) -> None:
        """Say that nobody is telling webhooks: whoever adds to a feed from now on wakes somebody."""
        self._client.delete(_DELIVERER)

    def waiting(self) -> int:
        """How many wake-ups no worker has taken up yet."""
        return int(self._client.llen(self._queue.key))

    def ping(self) -> bool:
        """Whether the queue's server answers."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False


_DELIVERER: Final = "spotter:awake:webhooks"


def flag_of(group: int) -> str:
    """The key that exists while a drain of the group is awake."""
    return f"spotter:awake:{group}"
