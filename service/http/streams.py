"""Server-Sent Events: a gym's feed as a stream, which waits for further changes.

A stream holds a thread of the server while it is open, so there are only so many, of one key or token and in one
process; each ends by itself after a while, and the client goes on with another from where it was (``Last-Event-ID``).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from service.domain.errors import ChangesGone, SpotterError, Unavailable
from service.domain.feed import Place, change_id, change_json
from service.usecases.gym.feed import FeedPage, read_feed, wait_for_changes
from service.usecases.gym.lifter_tokens import Bearer
from service.usecases.services import Services

MOST_OF_A_KEY: Final = 8
MOST_OF_A_TOKEN: Final = 2
MOST_OF_TOKENS: Final = 48
MOST_OF_A_PROCESS: Final = 64
"""A quarter of the server's threads; phones leave some of them to gyms."""

LIFETIME_S: Final = 300.0
"""How long a stream lasts."""

HEARTBEAT_S: Final = 15.0
"""How often something is sent while nothing happens: also how a client that is gone is noticed."""

_RECONNECT_MS: Final = 1000
_PAGE: Final = 100
_SEARCHED: Final = 1000
"""Changes that are looked through at once for those of one lifter."""
_WAIT_S: Final = 4.0
"""How long the store is asked to wait at once; its client gives up after five seconds of silence."""


class TooManyStreams(SpotterError):
    """A stream beyond those that may be open at once (HTTP 429). ``retry_after`` is in seconds."""

    retry_after = 5


class Streams:
    """The streams that are open in this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()
        self._of_tokens = 0

    def enter(self, listener: Bearer) -> Callable[[], None]:
        """Count a stream of a key or a token; call what comes back when it is over. Raises `TooManyStreams`."""
        key, token = listener
        name, called, most = (key.id, "API key", MOST_OF_A_KEY)
        if token is not None:
            name, called, most = (token.id, "token", MOST_OF_A_TOKEN)
        with self._lock:
            if self._open[name] >= most:
                raise TooManyStreams(f"this {called} has {most} streams open here already: close one first")
            if self._open.total() >= MOST_OF_A_PROCESS or (token is not None and self._of_tokens >= MOST_OF_TOKENS):
                raise TooManyStreams("as many streams are open here as may be: try again, or read the feed by pages")
            self._open[name] += 1
            self._of_tokens += token is not None
        return self._leaving(name, of_token=token is not None)

    def _leaving(self, name: str, *, of_token: bool) -> Callable[[], None]:
        left = threading.Event()

        def leave() -> None:
            with self._lock:
                if not left.is_set():
                    left.set()
                    self._open[name] -= 1
                    self._open += Counter()  # forgets those that have none
                    self._of_tokens -= of_token

        return leave

    def events(self, listener: Bearer, page: FeedPage, after: Place, may_listen: Callable[[], bool]) -> Iterator[bytes]:
        """The feed of a gym, of a token its lifter's part, from a first page on, which was read after a place.

        It ends when its time is over, when whoever asked may listen no longer, or when it cannot go on without a gap:
        asking again then says why.
        """
        gym = listener.key.gym
        lifter, most = (None, _PAGE) if listener.token is None else (listener.token.lifter.lifter, _SEARCHED)
        ends = time.monotonic() + LIFETIME_S
        yield f"retry: {_RECONNECT_MS}\n\n".encode()
        said = time.monotonic()
        while time.monotonic() < ends:
            for change in page.changes:
                yield b"id: %s\nevent: change\ndata: %s\n\n" % (change_id(change.place).encode(), change_json(change))
            now = time.monotonic()
            if page.changes:
                said = now
            elif now - said >= HEARTBEAT_S:
                yield b": still here\n\n"
                said = now
            is_at_end, after = page.last == after, page.last
            try:
                if is_at_end:
                    seconds = max(min(_WAIT_S, ends - now, said + HEARTBEAT_S - now), 0.001)
                    wait_for_changes(self._services, gym, after, seconds)
                if not may_listen():
                    return
                page = read_feed(self._services, gym, after, most, lifter)
            except (ChangesGone, Unavailable):
                return
