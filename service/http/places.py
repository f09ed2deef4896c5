"""Places for costly requests: so many are worked on at once and so many wait, of one gym and of one key fewer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from threading import Condition
from typing import Final

from werkzeug.exceptions import ClientDisconnected

from service.domain.api_keys import ApiKey
from service.domain.errors import SpotterError

MOST_WAITING: Final = 32
"""Requests that wait in a process: each holds a thread of the server."""

MOST_OF_A_GYM: Final = 8
"""Requests of a gym that are worked on or wait in a process."""

MOST_OF_A_KEY: Final = 4
"""Requests of a key that are worked on or wait in a process."""

_LOOK_EVERY_S: Final = 0.25
"""How often whoever waits looks whether the client is still there."""


class Busy(SpotterError):
    """A costly request for which there is no place now (HTTP 503). ``retry_after`` is in seconds."""

    def __init__(self, why: str, retry_after: int = 5) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class _Ticket:
    """A request that waits or is worked on."""

    def __init__(self, key: ApiKey) -> None:
        self.gym = key.gym
        self.key = key.id


class Places:
    """The places of one process. Those who wait go in the order in which they came, the gyms taking turns.

    A gym works in half of the places at most, so that others find one free.
    """

    def __init__(self, at_once: int) -> None:
        """``at_once``: how many requests are worked on at once."""
        self._at_once = at_once
        self._at_once_of_a_gym = max(1, at_once // 2)
        self._changed = Condition()
        self._waiting: list[_Ticket] = []
        self._working: list[_Ticket] = []
        self._turns = 0
        self._last_turn: dict[str, int] = {}

    def take(self, key: ApiKey, longest_wait_s: float, is_gone: Callable[[], bool]) -> Callable[[], None]:
        """Wait for a place and take it; what comes back gives it up.

        ``is_gone`` says whether the client has left meanwhile. Raises `Busy` where as many wait as may, and after the
        longest wait; `ClientDisconnected`.
        """
        ticket = _Ticket(key)
        until = time.monotonic() + longest_wait_s
        with self._changed:
            self._admit(ticket)
            self._waiting.append(ticket)
            try:
                while self._next() is not ticket:
                    left = until - time.monotonic()
                    if left <= 0:
                        raise Busy("other costly requests were before this one all the time that it could wait")
                    if not self._changed.wait(min(left, _LOOK_EVERY_S)) and is_gone():
                        raise ClientDisconnected
                self._working.append(ticket)
                self._turns += 1
                self._last_turn[ticket.gym] = self._turns
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
        return partial(self._leave, ticket)

    def _admit(self, ticket: _Ticket) -> None:
        here = [*self._waiting, *self._working]
        if sum(each.key == ticket.key for each in here) >= MOST_OF_A_KEY:
            raise Busy(f"this API key has {MOST_OF_A_KEY} costly requests under way here: wait for one of them", 1)
        if sum(each.gym == ticket.gym for each in here) >= MOST_OF_A_GYM:
            raise Busy(f"this gym has {MOST_OF_A_GYM} costly requests under way here: wait for one of them", 1)
        if len(self._waiting) >= MOST_WAITING:
            raise Busy("as many costly requests wait here as may")

    def _next(self) -> _Ticket | None:
        """Whose turn it is."""
        if len(self._working) >= self._at_once:
            return None
        busy = [each.gym for each in self._working]
        may = [each for each in self._waiting if busy.count(each.gym) < self._at_once_of_a_gym]
        return min(may, key=lambda each: self._last_turn.get(each.gym, 0), default=None)

    def _leave(self, ticket: _Ticket) -> None:
        with self._changed:
            if ticket in self._working:
                self._working.remove(ticket)
                here = {each.gym for each in [*self._waiting, *self._working]}
                self._last_turn = {gym: turn for gym, turn in self._last_turn.items() if gym in here}
                self._changed.notify_all()
