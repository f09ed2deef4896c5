"""Threads that serve requests: which of them does what comes, and when."""

import threading
from queue import SimpleQueue

from service.running.threads import Threads
from tests.support.running import eventually

_PATIENCE_S = 10.0


def test_work_goes_to_the_thread_that_was_last_busy() -> None:
    threads, done, both_here = Threads(8), SimpleQueue[str](), threading.Barrier(2, timeout=_PATIENCE_S)

    def meet() -> None:
        both_here.wait()  # so that one thread cannot do both
        done.put(threading.current_thread().name)

    threads.run(meet)
    threads.run(meet)
    assert done.get(timeout=_PATIENCE_S) != done.get(timeout=_PATIENCE_S)
    served = set()
    for _ in range(100):
        eventually(lambda: len(threads._idle) == 2, "both are idle")
        threads.run(lambda: done.put(threading.current_thread().name))
        served.add(done.get(timeout=_PATIENCE_S))
    assert len(served) == 1


def test_what_comes_while_all_are_busy_waits_for_its_turn() -> None:
    threads, go, done = Threads(2), threading.Event(), SimpleQueue[int]()

    def wait() -> None:
        go.wait(_PATIENCE_S)
        done.put(-1)

    for _ in range(2):
        threads.run(wait)
    for number in range(100):
        threads.run(lambda number=number: done.put(number))  # type: ignore[misc]
    assert done.empty()
    go.set()
    came = [done.get(timeout=_PATIENCE_S) for _ in range(102)]
    assert sorted(came) == [-1, -1, *range(100)]


def test_nothing_is_left_lying_when_many_threads_give_out_work() -> None:
    threads, done = Threads(3), SimpleQueue[int]()

    def give_out(first: int) -> None:
        for number in range(first, first + 500):
            threads.run(lambda number=number: done.put(number))  # type: ignore[misc]

    givers = [threading.Thread(target=give_out, args=[500 * number]) for number in range(4)]
    for giver in givers:
        giver.start()
    assert sorted(done.get(timeout=_PATIENCE_S) for _ in range(2000)) == list(range(2000))
