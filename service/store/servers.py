"""The servers themselves: what memory they use, of what they may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import redis

from service.store.connections import Client, answering, primaries_of


class Memory(NamedTuple):
    """Bytes that a server uses, and that it may; 0 where it sets no limit and knows of none."""

    used: int
    most: int

    @classmethod
    def of(cls, info: Mapping[str, Any]) -> Memory:
        """What a server's ``INFO`` says of it."""
        return cls(int(info.get("used_memory", 0)), int(info.get("maxmemory") or info.get("total_system_memory") or 0))


class Servers:
    """The log's servers, and the queue's."""

    def __init__(self, client: Client, queue_url: str) -> None:
        """Connections are made when first used."""
        self._client = client
        self._queue = redis.Redis.from_url(queue_url, socket_connect_timeout=0.25, socket_timeout=1.0)

    def memory_of_log(self) -> list[Memory]:
        """Of every server that takes writes just now."""
        with answering():
            return [Memory.of(server.info("memory")) for server in primaries_of(self._client)]

    def memory_of_queue(self) -> Memory:
        """Of the queue's server."""
        with answering():
            info: Any = self._queue.info("memory")
        return Memory.of(info)
