"""Redis Cluster: redis-py's client, made to go on where a node is away and while slots move."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import redis
from redis.cluster import PRIMARY, ClusterNode, RedisCluster
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, TryAgainError

Send: TypeAlias = Callable[[Any, Sequence[int]], list[Any]]
"""Sends something for each of some places to a server, given its client; the replies, errors among them."""

_Node: Any = ClusterNode  # whose parameters have no types

_PORT: Final = 6379
_PAUSE_S: Final = 0.05

_AWAY: Final = (redis.ConnectionError, redis.TimeoutError, ClusterDownError)
_LATER: Final = (*_AWAY, AskError, TryAgainError)
"""What is answered where the same may be served soon, perhaps by another node; `MovedError` is an `AskError`."""


class Cluster(RedisCluster):
    """A cluster. Several nodes may be named to start from; whichever answers tells of all others.

    A slot that moved is followed to where its old node sends us. The whole layout is asked for again only where a node
    is away, and before all primaries are named.
    """

    def __init__(self, url: str, **options: Any) -> None:
        """``url``: ``redis://[user:password@]host[:port][,host[:port]...]``, or ``rediss``."""
        scheme, _, rest = url.partition("://")
        login, at, hosts = rest.rpartition("@")
        first, *others = hosts.split(",")
        super().__init__(
            url=f"{scheme}://{login}{at}{first}",
            startup_nodes=[_node(host) for host in others],
            reinitialize_steps=0,
            **options,
        )
        self.commands_parser: Any = _Keys(self.commands_parser)

    def pipeline(self, *arguments: Any, **options: Any) -> Any:
        """Start a pipeline."""
        made: Any = super().pipeline(*arguments, **options)  # type: ignore[no-untyped-call]
        made.get_node = self.get_node
        return made

    def get_node(self, host: Any = None, port: Any = None, node_name: str | None = None) -> Any:
        """A node by its address. One that has no slot yet, but gets its first just now, is in no layout."""
        node = self.nodes_manager.get_node(host, port, node_name)
        if node is None and node_name is not None:
            host, _, port = node_name.rpartition(":")
            node = self.nodes_manager.nodes_cache.setdefault(node_name, _Node(host, int(port), PRIMARY))
        return node

    def refresh(self, failed: str | None = None) -> None:
        """Ask for the layout; a node that just failed is asked last."""
        self.nodes_manager.initialize(disconnect_startup_nodes_pools=False, last_failed_node_name=failed)

    def primaries(self) -> list[Any]:
        """Clients of the nodes that take writes just now."""
        self.refresh()
        return [self.get_redis_connection(node) for node in self.nodes_manager.get_nodes_by_server_type("primary")]

    def send_each(self, keys: Sequence[str], send: Send) -> list[Any]:
        """What ``send`` gets for each key, called once for every node with the places of the keys that the node holds.

        Each node is a server's plain client, so that what is sent together goes over one connection. What a node does
        not serve (any more, or yet) is sent again, some times, to whoever holds the key then.
        """
        replies: list[Any] = [None] * len(keys)
        left: Sequence[int] = range(len(keys))
        for attempt in range(1 + self.retry.get_retries()):
            if any(not isinstance(replies[place], MovedError) for place in left):
                time.sleep(attempt * _PAUSE_S)
            by_node: dict[str, list[int]] = {}
            for place in left:
                node = self.nodes_manager.get_node_from_slot(key_slot(keys[place].encode()))
                by_node.setdefault(node.name, []).append(place)
            for name, places in by_node.items():
                for place, reply in zip(places, self._sent(name, places, send), strict=True):
                    replies[place] = reply
            left = [place for place in left if isinstance(replies[place], _LATER)]
        return replies

    def _sent(self, name: str, places: Sequence[int], send: Send) -> list[Any]:
        """What ``send`` gets from a node; where it tells of another layout, that is taken over."""
        try:
            replies = send(self.get_redis_connection(self.get_node(node_name=name)), places)
        except _AWAY as error:
            replies = [error] * len(places)
        if any(isinstance(reply, _AWAY) for reply in replies):
            self.refresh(name)
        for reply in replies:
            if isinstance(reply, MovedError):
                self.nodes_manager.move_slot(reply)
        return replies


class _Keys:
    """Tells which arguments of a command are keys.

    Of a command that says so itself, redis-py asks one server (``COMMAND GETKEYS``) every time: it costs a round trip,
    and none of its pipelines goes on while that very server is away.
    """

    def __init__(self, others: Any) -> None:
        self._others = others

    def get_keys(self, client: Any, *command: Any) -> Any:
        """The keys of a command, None where it has none."""
        match command:
            case ("EVALSHA" | "EVAL", _, count, *rest):
                return rest[:count]
            case ("XREAD", *options):
                streams = options[options.index("STREAMS") + 1 :]
                return streams[: len(streams) // 2]
            case _:
                return self._others.get_keys(client, *command)


def _node(host: str) -> Any:
    parts = urlsplit(f"//{host}")
    return _Node(parts.hostname, parts.port or _PORT)
