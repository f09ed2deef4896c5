"""How many requests a key may make: counted for all web processes together, on the queue's server.

A count begins with a key's first request and ends `WINDOW_S` later. Processes take requests from it in portions and
spend them without asking anybody, so that a busy key costs a round trip per portion and not per request. A portion is a
hundredth of the limit at most: all processes together never let more through than the limit, and what a process took
and did not spend is lost at the end of the window.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Any, Final

import redis

from service import logs
from service.domain.rate_limits import WINDOW_S, Allowance
from service.store.connections import connect_briefly

_LARGEST_PORTION: Final = 100
_PORTIONS: Final = 100

_KEPT_AT_MOST: Final = 4096

_UNCOUNTED_S: Final = 5
"""How long a process lets everything through, without asking again, when the queue's server does not answer."""

_log = logs.logger("spotter.keys")


class _Account:
    """What this process took of one key's requests in the present window; its lock is held by whoever changes it."""

    __slots__ = ("ends", "lock", "mine", "others")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ends = 0.0
        """When the window ends, on the monotonic clock."""
        self.mine = 0
        """Requests taken and not spent."""
        self.others = 0
        """Requests that nobody has taken yet."""


class RateLimits:
    """The counts of all keys. While the queue's server does not answer, nothing is limited."""

    def __init__(self, url: str) -> None:
        """Connections are made when first used; whoever waits for a portion waits only briefly."""
        self._client = connect_briefly(url)
        self._accounts: dict[str, _Account] = {}

    def spend(self, gym: str, key_id: str, limit: int) -> Allowance:
        """Count a request of a key that may make ``limit`` of them in a window."""
        name = f"spotter:rate:{gym}:{key_id}"
        account = self._accounts.get(name)
        if account is None:
            if len(self._accounts) >= _KEPT_AT_MOST:
                self._accounts.clear()  # what was taken and not spent is lost until the windows end, and no more
            account = self._accounts.setdefault(name, _Account())
        with account.lock:
            now = time.monotonic()
            if now >= account.ends:
                account.mine = account.others = 0
            if not account.mine and (now >= account.ends or account.others):
                self._take(name, account, limit, now)
            allowed = account.mine > 0
            account.mine -= allowed
            return Allowance(allowed, limit, account.mine + account.others, max(1, math.ceil(account.ends - now)))

    def _take(self, name: str, account: _Account, limit: int, now: float) -> None:
        portion = min(_LARGEST_PORTION, max(1, limit // _PORTIONS))
        try:
            taken, ends_in_ms = self._count(name, portion)
        except redis.RedisError as error:
            _log.warning("cannot count requests, so none are refused", why=str(error))
            account.mine, account.others, account.ends = limit, 0, now + _UNCOUNTED_S
            return
        account.mine = max(0, min(portion, limit - (taken - portion)))
        account.others = max(0, limit - taken)
        account.ends = now + ends_in_ms / 1000  # counted from before the server was asked: never too late

    def _count(self, name: str, portion: int) -> tuple[int, int]:
        """Add a portion to a key's count: the count, and in how many milliseconds it ends."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.set(name, 0, nx=True, ex=WINDOW_S)
        pipeline.incrby(name, portion)
        pipeline.pttl(name)
        replies: list[Any] = pipeline.execute()
        return int(replies[1]), int(replies[2])
