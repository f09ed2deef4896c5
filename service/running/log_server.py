"""The log's server for a command that needs no more of Spotter than that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.config import Settings
from service.domain.errors import SpotterError
from service.running.data_directory import claimed, private
from service.running.supervised_process import Child
from service.running.valkey import EmbeddedServer

_STOP_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.02


@contextmanager
def log_served(settings: Settings, *, may_be_new: bool) -> Iterator[None]:
    """Have the log's server serve while this is open.

    Where it is elsewhere, or a Spotter runs on the data folder, it does already; else it is started, and nothing else
    can start on that folder until it has ended. Raises `SpotterError` where it cannot be started, and where there is
    nothing for it to serve, unless it ``may_be_new``.
    """
    if not settings.embedded_log:
        yield
        return
    server = EmbeddedServer(settings.data_dir / "log", settings.redis_url, "always")
    if server.status() != "silent":
        yield
        return
    if not may_be_new and not server.directory.exists():
        raise SpotterError(f"There is no Spotter on {settings.data_dir}: name its folder with SPOTTER_DATA_DIR.")
    with claimed(settings.data_dir) as lock:
        private(server.directory)
        private(server.socket_path.parent)
        server.remove_leftovers()
        child = Child("valkey-log", server.command(), settings.data_dir / "valkey-log.log", (lock,))
        child.start()
        try:
            while server.status() != "ready":
                child.check()
                time.sleep(_LOOK_AGAIN_SECONDS)
            yield
        finally:
            child.terminate()
            child.wait(time.monotonic() + _STOP_SECONDS)
