"""Waking workers. A job only says "look": the work itself is what the log's server holds as dirty."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock, Thread
from typing import Final, NamedTuple

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from service import logs, traces
from service.store import key_names
from service.store.connections import connect_briefly

QUEUE: Final = "spotter"

DELIVERIES: Final = "spotter-webhooks"
"""A queue of its own for webhooks: a receiver may be slow to answer, and replay must not wait for it."""

FLAG_MS: Final = 4000
"""How long a drain counts as awake since it last said so. A killed one is missed after that, so it bounds, with the
sweeper's interval, how long a crash can hold replay up."""

GATHER_S: Final = 0.02
"""How long wake-ups gather that nobody waits for: many appends then cost one question to the queue's server."""

GATHERING: Final = "wake"
"""The name of the thread that sends them."""

_JOBS_AT_MOST: Final = 4 * key_names.GROUPS
"""Waiting wake-ups beyond which another one adds nothing; without workers the queue stays this short."""

_JOB_TTL: Final = 60
_JOB_TIMEOUT: Final = 60

_log = logs.logger("spotter.wake")


class _WakeUp(NamedTuple):
    """A job to be enqueued unless its flag is up; ``carried`` is what it takes along of the request that wants it."""

    flag: str
    job: str
    arguments: tuple[int, ...]
    carried: Mapping[str, str]


class Wake:
    """The wake-ups, kept by the queue's server. None of it is needed for correctness: the sweeper wakes again."""

    def __init__(self, url: str, *, carry: Callable[[], dict[str, str]] = dict) -> None:
        """Connections are made when first used; whoever waits for an append waits for them only briefly.

        ``carry`` gives what a job takes along, as its metadata, of whoever wakes.
        """
        self._carry = carry
        self._client = connect_briefly(url)
        self._queue = Queue(QUEUE, connection=self._client, serializer=JSONSerializer)
        self._deliveries = Queue(DELIVERIES, connection=self._client, serializer=JSONSerializer)
        self._gathered: dict[int, _WakeUp] = {}
        self._gathering = Lock()
        self._sender: Thread | None = None

    def wake(self, group: int) -> bool:
        """Enqueue a drain of a group unless one is awake; false also when the queue's server does not answer."""
        return self._send(self._queue, [self._drain(group)]) > 0

    def wake_soon(self, groups: Collection[int]) -> None:
        """`wake` each within some milliseconds, with all others of that time; nothing is waited for.

        A process that ends properly still does it; what a killed one leaves undone, the sweeper does.
        """
        with self._gathering:
            wanted = {group: self._drain(group) for group in groups if group not in self._gathered}
            is_first = bool(wanted) and not self._gathered
            self._gathered |= wanted
        if is_first:
            try:
                self._sender = Thread(target=self._send_gathered, name=GATHERING)
                self._sender.start()
            except RuntimeError:  # there is no thread to be had
                self._send_gathered()

    def finish(self) -> None:
        """Wait until all of `wake_soon` is done, in a process that ends at once."""
        if self._sender is not None:
            self._sender.join()

    def wake_deliverer(self) -> bool:
        """Enqueue a look at the webhooks, likewise."""
        return self._send(self._deliveries, [_WakeUp(_DELIVERER, "workers.jobs.deliver", (), self._carry())]) > 0

    def wake_tasks(self) -> bool:
        """Enqueue a look at the tasks that take long, likewise."""
        return self._send(self._queue, [_WakeUp(_TASKS, "workers.jobs.work_on_tasks", (), self._carry())]) > 0

    def _drain(self, group: int) -> _WakeUp:
        with traces.span("wake", "producer", spotter__group=group):
            return _WakeUp(flag_of(group), "workers.jobs.drain", (group,), self._carry())

    def _send_gathered(self) -> None:
        time.sleep(GATHER_S)
        with self._gathering:
            gathered, self._gathered = self._gathered, {}
        self._send(self._queue, list(gathered.values()))

    def _send(self, queue: Queue, wake_ups: Sequence[_WakeUp]) -> int:
        """Enqueue those whose flag is not up yet, as long as there is room; how many."""
        try:
            pipeline = self._client.pipeline(transaction=False)
            for wake_up in wake_ups:
                pipeline.set(wake_up.flag, 1, nx=True, px=FLAG_MS)
            pipeline.llen(queue.key)
            *raised, waiting = pipeline.execute()
            due = [wake_up for wake_up, was_down in zip(wake_ups, raised, strict=True) if was_down]
            due = due[: max(0, _JOBS_AT_MOST - waiting)]
            for wake_up in due:
                _enqueue(queue, wake_up)
        except redis.RedisError as error:
            _log.warning("cannot wake a worker, the sweeper will", why=str(error))
            return 0
        return len(due)

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

    def keep_tasks_awake(self) -> None:
        """Say that somebody is (still) working on tasks."""
        self._client.set(_TASKS, 1, px=FLAG_MS)

    def let_tasks_sleep(self) -> None:
        """Say that nobody is working on tasks: whoever begins one from now on wakes somebody."""
        self._client.delete(_TASKS)

    def waiting(self) -> int:
        """How many wake-ups no worker has taken up yet."""
        return int(self._client.llen(self._queue.key))

    def ping(self) -> bool:
        """Whether the queue's server answers."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False


def _enqueue(queue: Queue, wake_up: _WakeUp) -> None:
    queue.enqueue_call(
        wake_up.job,
        args=wake_up.arguments,
        timeout=_JOB_TIMEOUT,
        result_ttl=0,
        ttl=_JOB_TTL,
        failure_ttl=_JOB_TTL,
        description=" ".join(map(str, (wake_up.job, *wake_up.arguments))),
        meta=dict(wake_up.carried),
    )


_DELIVERER: Final = "spotter:awake:webhooks"
_TASKS: Final = "spotter:awake:tasks"


def flag_of(group: int) -> str:
    """The key that exists while a drain of the group is awake."""
    return f"spotter:awake:{group}"
