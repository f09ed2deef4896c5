"""Connections to the database, of which every thread has one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from service.store.connections import connect

_THREADS = 256
"""As many as a web process may have at work."""


def test_every_thread_of_a_web_process_may_ask_at_once(log_url: str) -> None:
    client = connect(log_url)
    all_here = Barrier(_THREADS, timeout=30)

    def ask(number: int) -> bytes:
        first: bytes = client.execute_command("ECHO", number)
        all_here.wait()  # so that no thread serves two
        return first

    with ThreadPoolExecutor(_THREADS) as threads:
        assert list(threads.map(ask, range(_THREADS))) == [b"%d" % number for number in range(_THREADS)]
