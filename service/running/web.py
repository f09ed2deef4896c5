"""The web server: granian, and behind a `Front` the WSGI application, run as `python -m service.running.web`.

Where a proxy takes care of slow clients, granian calls the WSGI application itself.
"""

import importlib
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from service import logs
from service.config import Settings
from service.logs import configure_logs
from service.running import address, parent_death
from service.running.slow_clients import Front

APPLICATION = "service.wsgi"

_log = logs.logger("spotter.web")

# Threads are made when requests need them, so a high limit costs nothing until as many are at work.
_THREADS = 256
# Connections that one process takes at a time: slow ones cost little. Beyond, they wait in the system's queue.
_CONNECTIONS = 4096
_HEADER_MILLISECONDS = 10_000
# Under the supervisor's own limit, so that a client who never ends its request cannot cost the others their replies.
_DRAIN_SECONDS = 5

_METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # how Prometheus' client is told
# Room for each operation with several times the statuses that it answers with.
_METRICS_BYTES = 1 << 20


def main() -> None:
    """Serve until SIGTERM; requests under way are then finished, for at most 5 seconds."""
    settings = Settings.from_environment(os.environ)
    configure_logs(settings.log_level)
    for doubt in settings.doubts:
        _log.warning("doubtful setting", why=doubt)
    _share_metrics(settings.data_dir / "metrics")
    _allow_files()
    _Server(
        APPLICATION,
        address=address.resolve(settings.host),
        port=settings.port,
        interface=Interfaces.WSGI if settings.behind_proxy else Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        workers=settings.web_processes,
        blocking_threads=_THREADS if settings.behind_proxy else None,
        websockets=False,
        backpressure=_THREADS if settings.behind_proxy else _CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": {"_granian": {"propagate": True}}},  # to the handlers that all the rest has
    ).serve(
        target_loader=partial(_load_application, settings.web_processes, os.getpid(), front=not settings.behind_proxy),
        wrap_loader=False,
    )


class _Server(MPServer):
    """granian that tells each worker process which of them it is, also the one that comes in another's place."""

    # A private method, for no public one tells a worker its number; so pyproject.toml names the versions that have it.
    # Its signature is that of granian's process server, which does not do what its own base class says.
    def _spawn_worker(self, idx: int, target: Any, callback_loader: Callable[[int], Any]) -> Any:  # type: ignore[override]
        return super()._spawn_worker(idx, target, partial(callback_loader, idx))


def _share_metrics(directory: Path) -> None:
    """Have the worker processes keep their counters in an empty `directory`, where each can read those of all.

    Where there is no room for it, each counts by itself.
    """
    shutil.rmtree(directory, ignore_errors=True)
    with suppress(OSError):
        directory.mkdir(exist_ok=True)
        os.environ[_METRICS_DIRECTORY] = str(directory)


def _allocate_metrics() -> None:
    """Make the files in which this process counts as large as they will ever be, before Prometheus' client maps them.

    It would make them of holes: a disk that is full when one is first written to ends the process (SIGBUS). Where it is
    full already, the process counts by itself.
    """
    directory = os.environ.get(_METRICS_DIRECTORY)
    if directory is None:
        return
    files = [Path(directory) / f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram")]
    try:
        for file in files:
            file.write_bytes(bytes(_METRICS_BYTES))
    except OSError:
        del os.environ[_METRICS_DIRECTORY]
        for file in files:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _allow_files() -> None:
    """Let this process and its children open as many files, connections among them, as the system lets it say."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS names no limit and refuses to be taken at its word
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _load_application(processes: int, server: int, index: int, *, front: bool) -> Front | Callable[..., Any]:
    """Load the application in a worker process, one of so many of process `server`, behind a front or bare.

    A killed granian leaves its workers running and holding the port, so each is tied to it first. Asked to stop while
    it waits for the database, it ends at once: what the server does at a signal is not for its workers.
    """
    parent_death.die_with(server)
    _allocate_metrics()
    _be_scheduled(index, processes)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    application: Callable[..., Any] = importlib.import_module(APPLICATION).application
    return Front(application, _THREADS) if front else application


def _be_scheduled(index: int, processes: int) -> None:
    """Have this process stay on one processor, its own, where there are no more of them than processes.

    The interpreter runs one thread at a time, and handing it on from processor to processor costs more than what two
    threads could do at once beside it. And on one processor a thread that is woken must not push aside the one that
    woke it and has the interpreter, which the policy for batches says. Where there are more processors than processes,
    the system is left to choose: others may keep theirs busy.
    """
    if sys.platform == "linux":
        processors = sorted(os.sched_getaffinity(0))
        if processes >= len(processors):
            with suppress(OSError):  # a sandbox forbids it: then it is slower
                os.sched_setaffinity(0, {processors[index % len(processors)]})
                os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


if __name__ == "__main__":
    main()
