"""The primary that Sentinels name: found by asking them, left when they name another, and what outlives it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

_PORT: Final = 26379
_PATIENCE: Final = 0.5
"""Seconds for an answer of a Sentinel."""

_LEFT_ALONE_FOR: Final = 10.0
"""Seconds in which one that did not answer is not asked."""

_BELIEVED_FOR: Final = 1.0
"""Seconds after which they are asked again. A primary that froze, was replaced and wakes would else be written to until
a Sentinel makes it a replica, some ten seconds later: in vain where replicas confirm, and lost where none must."""

_Address: TypeAlias = tuple[str, int]


class Standing(NamedTuple):
    """How things stand: which server is the primary, how many replicas it has, and how many are its heirs.

    Those are what may take its place: one that lacks an event is promoted like any other, and those that have it then
    take over what that one has. ``primary`` is None while another one is sought.
    """

    primary: _Address | None
    replicas: int
    heirs: int


class _Told(NamedTuple):
    """What one Sentinel says of the primary and of its replicas."""

    primary: dict[str, Any]
    replicas: Sequence[dict[str, Any]]

    @property
    def address(self) -> _Address:
        return self.primary["ip"], self.primary["port"]

    @property
    def names_one(self) -> bool:
        state = self.primary
        return bool(state["is_master"] and not state["is_sdown"] and not state["is_odown"])

    @property
    def is_failing_over(self) -> bool:
        return "failover_in_progress" in self.primary["flags"]

    @property
    def following(self) -> int:
        """The replicas that are well: one that is away or still being given the data is not promoted before them."""
        return sum(
            not (each["is_sdown"] or each["is_disconnected"])
            and (each["role-reported"], each["master-link-status"]) == ("slave", "ok")
            for each in self.replicas
        )


class _Sentinels(Sentinel):
    """All Sentinels of a primary, each of which is asked: only the one at work on a failover knows of it."""

    def __init__(self, addresses: Sequence[_Address]) -> None:
        options = {"socket_connect_timeout": _PATIENCE, "socket_timeout": _PATIENCE, "retry": Retry(NoBackoff(), 1)}
        super().__init__(addresses, sentinel_kwargs=options)  # type: ignore[no-untyped-call]
        self._not_before = [0.0] * len(addresses)

    def discover_master(self, service_name: str) -> _Address:
        """The address of the primary, for redis-py. Raises `MasterNotFoundError`."""
        primary = self.standing(service_name).primary
        if primary is None:
            raise MasterNotFoundError(f"the Sentinels name no primary of {service_name!r} just now")
        return primary

    def standing(self, service: str, *, in_passing: bool = False) -> Standing:
        """How things stand, by the Sentinel that knows of the newest failover.

        In passing, those are left alone that did not answer lately. Raises `MasterNotFoundError` where none answers.
        """
        after = time.monotonic() if in_passing else math.inf
        everyone = range(len(self.sentinels))
        asked = [number for number in everyone if self._not_before[number] <= after] or everyone
        told = [each for number in asked if (each := self._ask(number, service)) is not None]
        if not told:
            raise MasterNotFoundError(f"no Sentinel answers about {service!r}")
        naming = [each for each in told if each.names_one]
        newest = max(naming or told, key=lambda each: each.primary["config-epoch"])
        changing = any(each.is_failing_over or each.address != newest.address for each in told)
        replicas = len(newest.replicas)
        heirs = replicas if changing or not naming else max(each.following for each in told)
        return Standing(newest.address if naming else None, replicas, heirs)

    def _ask(self, number: int, service: str) -> _Told | None:
        try:
            pipeline = self.sentinels[number].pipeline(transaction=False)
            pipeline.sentinel_master(service)
            pipeline.sentinel_slaves(service)
            return _Told(*pipeline.execute())
        except RedisError:
            self._not_before[number] = time.monotonic() + _LEFT_ALONE_FOR
            return None


class _Connection(SentinelManagedConnection):
    """A connection that asks where to connect to every time that it does.

    What redis-py sends again when a reply is lost goes, over its own connections, to the address that they had before:
    to a primary that froze, which takes connections all the while, until every attempt has timed out.
    """

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's
        """Send a command that is packed."""
        if not self.is_connected:
            self.connect()  # type: ignore[no-untyped-call]
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]


class _TlsConnection(_Connection, SentinelManagedSSLConnection):
    """The same over TLS."""


class _Pool(SentinelConnectionPool):
    """Connections to the primary; those to one that is no longer it are closed, as soon as they are not in use."""

    def __init__(self, service: str, sentinels: _Sentinels, **options: Any) -> None:
        super().__init__(service, sentinels, **options)  # type: ignore[no-untyped-call]
        self._sentinels = sentinels
        self._standing = Standing(None, 0, 0)
        self._until = 0.0
        self._asking = threading.Lock()

    def get_connection(self, *arguments: Any, **options: Any) -> Any:
        """A connection to the primary as the Sentinels named it at most a second ago, where one of them answers."""
        if time.monotonic() >= self._until and self._asking.acquire(blocking=False):
            try:
                self.look(in_passing=True)
            finally:
                self._asking.release()
        return super().get_connection(*arguments, **options)

    @property
    def standing(self) -> Standing:
        """How things stood when somebody last said so."""
        return self._standing

    def look(self, *, in_passing: bool = False) -> Standing | None:
        """How things stand now, None where nobody says; what is connected to another primary is closed."""
        self._until = time.monotonic() + _BELIEVED_FOR
        try:
            self._standing = self._sentinels.standing(self.service_name, in_passing=in_passing)
        except RedisError:  # what is connected either serves, or says itself that it does not
            return None
        self._leave_all_but(self._standing.primary)
        return self._standing

    def _leave_all_but(self, primary: _Address | None) -> None:
        if primary is not None and self.proxy.master_address != primary:
            self.proxy.master_address = primary  # others, which are in use yet, are closed when they are given back
            self.disconnect(inuse_connections=False)


def watched(url: str, options: dict[str, Any]) -> redis.Redis:
    """A client of the primary that ``redis+sentinel://[user:password@]host:port,host:port/service[?db=0]`` leads to.

    With ``rediss+sentinel`` it speaks TLS to the primary. ``options`` are of the connections. Nothing is sent yet.
    """
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    if login:
        options |= {"username": unquote(user) or None, "password": unquote(password)}
    options |= {name: int(value) for name, value in parse_qsl(parts.query) if name == "db"}
    addresses = [host.rpartition(":") if ":" in host else (host, "", str(_PORT)) for host in hosts.split(",")]
    sentinels = _Sentinels([(host, int(port)) for host, _, port in addresses])
    connection = _TlsConnection if parts.scheme.startswith("rediss") else _Connection
    return redis.Redis.from_pool(_Pool(parts.path.strip("/"), sentinels, connection_class=connection, **options))


def is_watched(client: Any) -> bool:
    """Whether it is Sentinels that say which server a client talks to."""
    return _pool_of(client) is not None


def standing_of(client: Any) -> Standing:
    """How things stand as far as is known; no heirs where no Sentinels watch over the server."""
    pool = _pool_of(client)
    return Standing(None, 0, 0) if pool is None else pool.standing


def outlives(client: Any, standing: Standing, confirmed: int) -> bool:
    """Whether a write that as many replicas confirmed outlives the primary; ``standing`` is how things stood before it.

    What all of them have does. Where some lack it, and are away or are no replicas yet, the Sentinels are asked whether
    one of those is the primary by now, or about to be.
    """
    pool = _pool_of(client)
    if pool is None or 0 < standing.replicas <= confirmed:
        return True
    now = pool.look()
    return now is not None and now.primary == standing.primary is not None and confirmed >= now.heirs


def _pool_of(client: Any) -> _Pool | None:
    pool = getattr(client, "connection_pool", None)
    return pool if isinstance(pool, _Pool) else None
