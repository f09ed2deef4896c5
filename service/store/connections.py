"""Connecting to Redis, and what its silence or refusal means to whoever asked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar, cast

import redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import (
    AskError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.retry import Retry

from service import logs
from service.domain.errors import Unavailable
from service.store.cluster import Cluster, Send
from service.store.sentinels import watched

_Answer = TypeVar("_Answer")


class Pipeline(Protocol):
    """Commands to be sent in one round trip."""

    def execute_command(self, *command: Any) -> Any:
        """Add a command."""

    def execute(self, *, raise_on_error: bool = True) -> list[Any]:
        """Send the commands; their replies in order, errors among them unless they are to be raised."""


class Client(Protocol):
    """What the store asks of redis-py's `Redis` and `RedisCluster`; replies are bytes, never decoded."""

    def execute_command(self, *command: Any) -> Any:
        """Send a command and return its reply."""

    def pipeline(self, *, transaction: bool) -> Pipeline:
        """Start a pipeline."""


_CONNECT_TIMEOUT: Final = 1.0
_ANSWER_TIMEOUT: Final = 5.0
_RETRIES: Final = 3
_MOST_CONNECTIONS: Final = 2**16
"""No limit of the pool's own, which would be 100: how many threads ask at a time is limited where they are started."""

_SOON: Final = 1
_WHEN_LOADED: Final = 5
_WHEN_SOMEONE_ACTED: Final = 30
"""Seconds after which trying again makes sense."""

_ASKED_AGAIN: Final = 0.5
"""Seconds between two attempts of a process that can do nothing until a server serves."""

_log = logs.logger("spotter.connections")


def connect(url: str) -> Client:
    """A client for a single server, a cluster or what Sentinels watch over, by the URL's scheme.

    ``redis://``, ``rediss://``, ``unix://``; ``redis+cluster://[user:password@]host:port,host:port``;
    ``redis+sentinel://[user:password@]host:port,host:port/service[?db=0]``; the latter two also with ``rediss``.
    Nothing is sent yet, except by a cluster's client, which asks for the cluster's layout. A command whose reply was
    lost is sent again, so every command of the store may be run twice.
    """
    scheme, _, rest = url.partition("://")
    options: dict[str, Any] = {
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "socket_timeout": _ANSWER_TIMEOUT,
        "max_connections": _MOST_CONNECTIONS,
        "retry": Retry(ExponentialBackoff(base=0.02, cap=0.25), _RETRIES),
    }
    plain, _, kind = scheme.partition("+")
    if kind == "cluster":
        with answering():
            return cast("Client", Cluster(f"{plain}://{rest}", **options))
    if kind == "sentinel":
        return cast("Client", watched(url, options))
    return cast("Client", _Server(url, options))


def connect_briefly(url: str) -> redis.Redis:
    """A client of the queue's server for what a request does beside its work: it gives up soon, after a second try."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=0.25,
        socket_timeout=0.5,
        max_connections=_MOST_CONNECTIONS,
        retry=Retry(NoBackoff(), 1),
    )


class _Server(redis.Redis):
    """A single server. What a thread asks of it singly goes over a connection of the thread's own.

    Taking a connection from the pool and putting it back costs redis-py as much as all the rest of a command, and so
    does what it looks for and measures around each one. A connection that the server closed meanwhile is noticed when
    it is used, and made anew.
    """

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        super().__init__(connection_pool=redis.ConnectionPool.from_url(url, **options))
        self._threads = threading.local()

    def execute_command(self, *command: Any, **options: Any) -> Any:
        """Send a command and return its reply."""
        connection = self._own().connection

        def ask() -> Any:
            connection.send_command(*command, **options)
            return self.parse_response(connection, command[0], **options)  # type: ignore[no-untyped-call]

        return connection.retry.call_with_retry(ask, lambda _: connection.disconnect())

    def _own(self) -> Any:
        own: Any = getattr(self._threads, "client", None)
        if own is None or own.connection.pid != os.getpid():  # a child must not talk on its parent's connection
            own = redis.Redis(connection_pool=self.connection_pool, single_connection_client=True)
            self._threads.client = own
        return own


def send_each(client: Client, keys: Sequence[str], send: Send) -> list[Any]:
    """What ``send`` gets for each key from the server that holds it: one, unless it is a cluster.

    It is called with the client of a server and the places of the keys that are there, and may be called again.
    """
    return client.send_each(keys, send) if isinstance(client, Cluster) else send(client, range(len(keys)))


def primaries_of(client: Client) -> list[Any]:
    """The clients of every server that takes writes just now: one, unless it is a cluster."""
    return client.primaries() if isinstance(client, Cluster) else [client]


@contextmanager
def answering() -> Iterator[None]:
    """Turn what redis-py raises when the server cannot serve just now into `Unavailable`.

    Anything else that a server refuses is a mistake of ours and goes through as it is.
    """
    try:
        yield
    except (RedisError, RedisClusterException) as error:
        unavailable = as_unavailable(error)
        if unavailable is None:
            raise
        raise unavailable from error


def when_served(ask: Callable[[], _Answer]) -> _Answer:
    """What ``ask`` gives, however long a server stays away.

    For processes that serve as they start: one that ended for it would only be started again, until whoever starts
    it takes that for a fault of its own.
    """
    while True:
        try:
            with answering():
                return ask()
        except Unavailable as error:
            _log.warning("waiting for a server", why=error.in_full)
            time.sleep(_ASKED_AGAIN)


def as_unavailable(error: Exception) -> Unavailable | None:
    """What an error of redis-py means where trying again makes sense; None where it never does."""
    retry_after = _retry_after(error)
    if retry_after is None:
        return None
    return Unavailable("the database does not serve this just now", retry_after, inside=str(error))


def _retry_after(error: Exception) -> int | None:
    """Seconds until trying again makes sense; None where it never does."""
    if isinstance(error, OutOfMemoryError):
        return _WHEN_SOMEONE_ACTED
    if isinstance(error, ReadOnlyError | ClusterDownError | TryAgainError | AskError):
        return _SOON
    if isinstance(error, ResponseError):
        # What a pipeline raises tells of its command before it tells what the server said.
        word = str(error).rpartition(" caused error: ")[2].partition(" ")[0]
        if word in {"MISCONF", "OOM"}:
            return _WHEN_SOMEONE_ACTED
        if word == "NOREPLICAS":  # that of `spotter run` says so while its disk is nearly full
            return _WHEN_LOADED
        return _SOON if word in {"BUSY", "MASTERDOWN", "READONLY", "UNBLOCKED"} else None
    return _WHEN_LOADED if isinstance(error, redis.BusyLoadingError) else _SOON
