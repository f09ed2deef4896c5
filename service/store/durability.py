"""How safe an appended event is: what the server's settings promise, asked of the server itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from redis.exceptions import NoPermissionError, ResponseError

from service.domain.errors import SpotterError, Unavailable
from service.store import key_names
from service.store.connections import Client, answering, primaries_of
from service.store.sentinels import is_watched

Durability: TypeAlias = Literal["memory", "primary", "everysec", "fsync", "replicated"]
"""``memory``: perhaps never on disk; ``everysec``: within a second after the reply; ``fsync``: before it;
``primary``: on one server of several, and lost where another takes its place before it had it; ``replicated``: held by
the demanded number of replicas before the reply."""

_WEAKEST_FIRST: Final = get_args(Durability)
_BELIEVED_FOR: Final = 10.0
"""Seconds after which the settings are read again: a server may come back with others."""

_ASKED_AGAIN: Final = 1.0
"""The same where one did not answer."""


class EvictingServer(SpotterError):
    """The server may drop keys when memory runs short, and a log with holes is no log."""


class Promise(NamedTuple):
    """The durability of an append, and in a sentence for the operator why it is that."""

    durability: Durability
    reason: str


class ServerPromise:
    """What the log's server promises, read when it was last asked, at most some seconds ago."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        self._client = client
        self._replicas = replicas
        self._promise = Promise("memory", "not asked yet")
        self._until = 0.0

    def now(self) -> Promise:
        """What an append is worth just now; `Unavailable` when the server has begun to evict keys."""
        if time.monotonic() >= self._until:
            try:
                self.check()
            except EvictingServer as error:
                raise Unavailable("the database is not safe to write to", retry_after=30, inside=str(error)) from error
            except Unavailable:
                if self._until == 0.0:
                    raise
                # One server of a cluster may be away, and what is appended elsewhere is as safe as before.
                self._until = time.monotonic() + _ASKED_AGAIN
        return self._promise

    def check_writable(self) -> None:
        """`Unavailable` where the server takes no writes just now."""
        check_writable(self._client)

    def check(self) -> Promise:
        """Ask the server; `EvictingServer` when it may drop keys: then Spotter must not start."""
        with answering():
            promise = check_server(self._client)
        if self._replicas:
            promise = Promise("replicated", f"{self._replicas} replica(s) confirm each append")
        self._promise, self._until = promise, time.monotonic() + _BELIEVED_FOR
        return promise


def check_writable(client: Client) -> None:
    """Write a mark on every server that takes writes; `Unavailable` where one takes none just now.

    Out of memory or of disk, or made a replica, a server answers everything else as if nothing were the matter.
    """
    with answering():
        partitions = key_names.PARTITIONS if len(primaries_of(client)) > 1 else 1
        pipeline = client.pipeline(transaction=False)
        for partition in range(partitions):
            pipeline.execute_command("SET", key_names.probe(partition), 1)
        pipeline.execute()


def check_server(client: Client) -> Promise:
    """What the settings of a server (of a cluster: the weakest of its primaries) promise.

    Raises `EvictingServer` for every ``maxmemory-policy`` but ``noeviction``.
    """
    promises = [_promise_of(server) for server in primaries_of(client)]
    return min(promises, key=lambda promise: _WEAKEST_FIRST.index(promise.durability))


def _promise_of(server: Any) -> Promise:
    settings = _settings(server)
    policy = settings.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        raise EvictingServer(
            f"the database's maxmemory-policy is {policy}: when memory runs short it would drop logged events. "
            "Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in its configuration file)."
        )
    promise = _promise_by(settings)
    if promise.durability == "memory" or not _is_one_of_several(server):
        return promise
    return Promise("primary", f"{promise.reason}, of one server of several: what the next primary lacks is lost")


def _promise_by(settings: Mapping[str, str]) -> Promise:
    """What a server promises that no other ever takes the place of."""
    if "appendfsync" not in settings:
        return Promise("memory", "the server does not tell its settings (CONFIG GET), so nothing is promised")
    if settings["appendonly"] != "yes":
        return Promise("memory", "appendonly is off: what was written since the last snapshot dies with the server")
    match settings["appendfsync"]:
        case "always":
            return Promise("fsync", "appendonly with appendfsync always: on disk before the reply")
        case "everysec":
            return Promise("everysec", "appendfsync everysec: a power cut may cost the last second")
        case other:
            return Promise("memory", f"appendfsync {other}: the operating system decides when it is on disk")


def _is_one_of_several(server: Any) -> bool:
    """Whether another server may take this one's place; also where it does not say."""
    if is_watched(server):  # whose replicas may all be away just now
        return True
    try:
        replication = server.info("replication")
    except NoPermissionError:
        return True
    return bool(replication["role"] != "master" or replication["connected_slaves"])


def _settings(server: Any) -> Mapping[str, str]:
    """The three settings, by CONFIG GET; of a server that forbids it, what INFO shows of them."""
    try:
        found = server.config_get("maxmemory-policy", "appendonly", "appendfsync")
    except NoPermissionError:
        found = {}
    except ResponseError as error:
        if "unknown command" not in str(error).lower():
            raise
        found = {}
    if found:
        return {str(name): str(value) for name, value in found.items()}
    return {"maxmemory-policy": str(server.info("memory").get("maxmemory_policy", "noeviction"))}
