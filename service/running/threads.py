"""Threads that serve requests: started when all are busy, kept for the next."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread


class Threads:
    """At most so many threads. What comes while all are busy waits for its turn.

    An executor of the standard library does the same with a future for each piece of work, at several times the cost.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._idle = 0
        self._lock = Lock()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def run(self, work: Callable[[], None]) -> None:
        """Have a thread do the work, which must not raise."""
        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._started < self._most:
                self._started += 1
                # A daemon: what a client has us wait for must not keep the process from ending.
                Thread(target=self._serve, name=f"request-{self._started}", daemon=True).start()
        self._work.put(work)

    def _serve(self) -> None:
        while True:
            self._work.get()()
            with self._lock:
                self._idle += 1
