"""Threads that serve requests: started when all are busy, kept for the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeAlias

Work: TypeAlias = Callable[[], None]


class Threads:
    """At most so many threads. What comes while all are busy waits for its turn.

    Work goes to the thread that was last busy: what it needs, its connection to the database for one, is at hand yet,
    however many threads a rush has left behind. An executor of the standard library takes them in turn, and makes a
    future for each piece of work, at several times the cost.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._idle: list[SimpleQueue[Work]] = []
        self._waiting: deque[Work] = deque()
        self._lock = Lock()

    def run(self, work: Work) -> None:
        """Have a thread do the work, which must not raise."""
        with self._lock:
            if self._idle:
                inbox = self._idle.pop()
            elif self._started < self._most:
                inbox = self._start()
            else:
                self._waiting.append(work)
                return
        inbox.put(work)

    def _start(self) -> SimpleQueue[Work]:
        inbox: SimpleQueue[Work] = SimpleQueue()
        self._started += 1
        # A daemon: what a client has us wait for must not keep the process from ending.
        Thread(target=self._serve, args=[inbox], name=f"request-{self._started}", daemon=True).start()
        return inbox

    def _serve(self, inbox: SimpleQueue[Work]) -> None:
        while True:
            inbox.get()()
            while (work := self._next(inbox)) is not None:
                work()

    def _next(self, inbox: SimpleQueue[Work]) -> Work | None:
        """What waits for a thread; None where nothing does, and the thread of this inbox is idle from here on."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(inbox)
            return None
