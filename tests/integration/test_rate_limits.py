"""How many requests a key may make, counted on a real server for several processes at once."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
import redis

from service.domain.rate_limits import WINDOW_S
from service.store.rate_limits import RateLimits


@pytest.fixture
def processes(queue_url: str, queue_server: redis.Redis) -> list[RateLimits]:
    del queue_server  # it empties the server
    return [RateLimits(queue_url) for _ in range(3)]


def _allowed(process: RateLimits, gym: str, limit: int, requests: int, key: str = "k_1") -> int:
    return sum(process.spend(gym, key, limit).allowed for _ in range(requests))


def test_a_key_counts_down_to_its_limit(processes: list[RateLimits], gym: str) -> None:
    standings = [processes[0].spend(gym, "k_1", 3) for _ in range(5)]
    assert [standing.allowed for standing in standings] == [True, True, True, False, False]
    assert [standing.left for standing in standings] == [2, 1, 0, 0, 0]
    assert {standing.limit for standing in standings} == {3}
    assert all(1 <= standing.reset_s <= WINDOW_S for standing in standings)


@pytest.mark.parametrize(("limit", "refused_early_at_most"), [(50, 0), (1_000, 2 * 9), (20_000, 2 * 99)])
def test_several_processes_never_let_more_through_than_the_limit(
    processes: list[RateLimits], gym: str, limit: int, refused_early_at_most: int
) -> None:
    passed: list[int] = []
    lock = threading.Lock()

    def work(process: RateLimits) -> None:
        count = _allowed(process, gym, limit, limit)
        with lock:
            passed.append(count)

    threads = [threading.Thread(target=work, args=(process,)) for process in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limit - refused_early_at_most <= sum(passed) <= limit


def test_keys_and_gyms_are_counted_apart(processes: list[RateLimits], gym: str) -> None:
    assert _allowed(processes[0], gym, 2, 5) == 2
    assert _allowed(processes[0], gym, 2, 5, key="k_2") == 2
    assert _allowed(processes[0], f"{gym}-2", 2, 5) == 2


def test_a_new_window_is_whole_again(
    processes: list[RateLimits], gym: str, queue_server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _allowed(processes[0], gym, 2, 5) == 2
    queue_server.delete(f"spotter:rate:{gym}:k_1")  # as the server does by itself
    assert _allowed(processes[0], gym, 2, 5) == 0, "what a process knows is good until the window ends"
    later = time.monotonic() + WINDOW_S
    monkeypatch.setattr("service.store.rate_limits.time", SimpleNamespace(monotonic=lambda: later))
    assert _allowed(processes[0], gym, 2, 5) == 2


def test_a_count_ends_by_itself(processes: list[RateLimits], gym: str, queue_server: redis.Redis) -> None:
    processes[0].spend(gym, "k_1", 1_000)
    processes[1].spend(gym, "k_1", 1_000)
    (name,) = queue_server.keys("spotter:rate:*")
    assert int(queue_server.get(name) or 0) == 20
    assert 0 < queue_server.ttl(name) <= WINDOW_S


def test_while_the_server_is_away_nothing_is_refused(gym: str) -> None:
    away = RateLimits("unix:///nonexistent/spotter.sock")
    assert _allowed(away, gym, 3, 3) == 3
