"""Who waits for whom: places for costly requests, taken by threads that stay until they are told to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from werkzeug.exceptions import ClientDisconnected

from service.domain.api_keys import ApiKey
from service.http.places import MOST_OF_A_GYM, MOST_OF_A_KEY, MOST_WAITING, Busy, Places
from tests.support.running import eventually

_LONG_S = 60.0


def _key(gym: str, name: str = "one") -> ApiKey:
    return ApiKey(f"{gym}-{name}", "", gym, (), 0)


class _Room:
    """Places, and who is in them, in the order in which they came in."""

    def __init__(self, at_once: int) -> None:
        self.places = Places(at_once)
        self.came: list[str] = []
        self._may_leave: dict[str, Event] = {}
        self._threads: list[Thread] = []

    def ask(self, name: str, key: ApiKey) -> None:
        """Have a thread ask for a place, and stay in it until `let_go`; returns once it waits or is in."""
        self._may_leave[name] = Event()
        before = self.count()
        self._threads.append(Thread(target=self._stay, args=[name, key]))
        self._threads[-1].start()
        eventually(lambda: self.count() > before, f"{name} is there")

    def let_go(self, name: str) -> None:
        self._may_leave[name].set()

    def end(self) -> None:
        for may_leave in self._may_leave.values():
            may_leave.set()
        for thread in self._threads:
            thread.join()

    def count(self) -> int:
        return len(self.places._waiting) + len(self.places._working)

    def _stay(self, name: str, key: ApiKey) -> None:
        leave = self.places.take(key, _LONG_S, lambda: False)
        self.came.append(name)
        self._may_leave[name].wait()
        leave()


@pytest.fixture
def room_of() -> Iterator[Callable[[int], _Room]]:
    rooms = []

    def make(at_once: int) -> _Room:
        rooms.append(_Room(at_once))
        return rooms[-1]

    yield make
    for room in rooms:
        room.end()


def _comes(room: _Room, *names: str) -> None:
    eventually(lambda: room.came == list(names), f"these are in: {names}, not {room.came}")


def test_so_many_are_worked_on_and_the_next_waits_for_one_to_leave(room_of: Callable[[int], _Room]) -> None:
    room = room_of(2)
    for name in ("a", "b", "c"):
        room.ask(name, _key(f"gym-{name}"))
    _comes(room, "a", "b")
    room.let_go("b")
    _comes(room, "a", "b", "c")


def test_a_gym_works_in_half_of_the_places(room_of: Callable[[int], _Room]) -> None:
    room = room_of(4)
    for number in range(4):
        room.ask(f"a{number}", _key("a", str(number)))
    room.ask("b", _key("b"))
    _comes(room, "a0", "a1", "b")
    room.let_go("a0")
    _comes(room, "a0", "a1", "b", "a2")


def test_gyms_take_turns_however_many_of_one_wait(room_of: Callable[[int], _Room]) -> None:
    room = room_of(1)
    for number in range(3):
        room.ask(f"a{number}", _key("a"))
    room.ask("b0", _key("b"))
    room.ask("b1", _key("b"))
    order = ["a0", "b0", "a1", "b1", "a2"]
    for number, name in enumerate(order):
        _comes(room, *order[: number + 1])
        room.let_go(name)


def test_a_key_a_gym_and_a_process_have_only_so_many_requests_under_way(room_of: Callable[[int], _Room]) -> None:
    room = room_of(1)
    for number in range(MOST_OF_A_KEY):
        room.ask(f"one-{number}", _key("a", "one"))
    with pytest.raises(Busy, match="this API key has 4"):
        room.places.take(_key("a", "one"), _LONG_S, lambda: False)
    for number in range(MOST_OF_A_GYM - MOST_OF_A_KEY):
        room.ask(f"two-{number}", _key("a", "two"))
    with pytest.raises(Busy, match="this gym has 8"):
        room.places.take(_key("a", "three"), _LONG_S, lambda: False)
    for number in range(MOST_WAITING - MOST_OF_A_GYM + 1):
        room.ask(f"other-{number}", _key(f"b{number}"))
    with pytest.raises(Busy, match="as many costly requests wait here as may"):
        room.places.take(_key("c"), _LONG_S, lambda: False)


def test_whoever_waited_long_enough_or_has_gone_leaves_no_place_taken(room_of: Callable[[int], _Room]) -> None:
    room = room_of(1)
    room.ask("a", _key("a"))
    with pytest.raises(Busy, match="other costly requests"):
        room.places.take(_key("b"), 0.0, lambda: False)
    with pytest.raises(ClientDisconnected):
        room.places.take(_key("b"), _LONG_S, lambda: True)
    room.let_go("a")
    eventually(lambda: room.count() == 0, "nobody is left")
    room.ask("c", _key("c"))
    _comes(room, "a", "c")
