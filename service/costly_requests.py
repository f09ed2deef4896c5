"""The process behind a web process' bulkhead, run as ``python -m service.costly_requests SOCKET``.

It loads what a web process has loaded and then, for each request, starts a process that answers it and ends: work that
goes wrong, however badly, leaves nothing behind, and what is loaded already costs the further ones next to nothing.
It has one thread, so that it may fork.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NoReturn
from wsgiref.types import WSGIApplication

from service import logs
from service.bootstrap import Services, bootstrap_when_served
from service.config import Settings
from service.domain.errors import Unavailable
from service.http.app import create_app
from service.http.auth import CALLER
from service.http.bulkhead import Channel, GivenUp, Head, Limits, Task, decode_task, encode
from service.http.costly import register_receipts

_LOOK_EVERY_S: Final = 0.1
"""How often is looked at what a request has taken, in seconds of processor time, and who is there."""

_SHORT_S: Final = 0.3
"""Seconds of a processor that a request is worked on like any other."""

_NICENESS: Final = 10
"""From then on it has a tenth of what anybody else has, where processors are short."""

_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in."""

_log = logs.logger("spotter.costly")


COMMAND: Final = (sys.executable, "-m", "service.costly_requests")
"""What starts this process, but for the number of its end of a socket."""


def main() -> None:
    """Serve until the web process closes its end of the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = Settings.from_environment(os.environ)
    logs.configure_logs("error" if settings.log_level == "error" else "warning")  # requests are logged where they came
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, for the web process to heed
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that end
    _end_with_the_web_process(control)
    services = bootstrap_when_served(replace(settings, api_key=None))
    application = create_app(services)
    register_receipts(application, services)
    _load(services)
    gc.collect()
    gc.freeze()  # memory that nobody looks through stays shared
    signal.setitimer(signal.ITIMER_REAL, 0)  # from here on the socket tells
    control.send(b"!")  # ready
    while True:
        _, passed, *_ = socket.recv_fds(control, 1, 1)
        if not passed:
            return
        with socket.socket(fileno=passed[0]) as end:
            _load(services)
            if os.fork() == 0:
                control.close()
                _serve(application, services, end)


def _end_with_the_web_process(control: socket.socket) -> None:
    """Until this process listens, have it end once the web process is gone: it may wait for a database, even for ever.

    A thread that looks could not be had: only a process with a single one may fork.
    """
    hang_ups = select.poll()
    hang_ups.register(control, 0)  # a hang-up is told always

    def look(*_: object) -> None:
        if hang_ups.poll(0):
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY_S, _LOOK_EVERY_S)


def _load(services: Services) -> None:
    """Have all that is published at hand, so that no request need make it for itself."""
    with suppress(Unavailable):
        services.rule_sets.library()
        for digest in services.rule_sets.published().values():
            services.rule_sets.get(digest)


def _serve(application: WSGIApplication, services: Services, end: socket.socket) -> NoReturn:
    """Answer the request that comes over a socket, and end, whatever happens."""
    status = 1
    try:
        answering = _Answering(Channel(end))
        threading.Thread(target=answering.end_with_the_client, args=[end.dup()], daemon=True).start()
        answering.run(application, services.wake.finish)
        status = 0
    except (EOFError, OSError):
        pass  # the web process has gone, or has closed its end
    except BaseException:  # noqa: BLE001 - whatever it is, the process ends, and it is to be known why
        _log.exception("failed")
    finally:
        os._exit(status)


class _Answering:
    """The work on one request, which looks every so often at what it has taken."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._limits = Limits()
        self._loaded = _memory()
        self._begun = False
        self._is_nice = False
        self._task_came = threading.Event()

    def run(self, application: WSGIApplication, finish: Callable[[], None]) -> None:
        """Receive the request, ``finish`` what it has begun beside its work, and send the answer."""
        task = decode_task(self._channel.receive())
        self._task_came.set()
        self._limits = task.limits
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _LOOK_EVERY_S, _LOOK_EVERY_S)
        pieces = application(_environ(task), self._begin)
        try:
            finish()  # this process ends once the answer is there
            self._send(pieces)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def end_with_the_client(self, end: socket.socket) -> None:
        """End this process when the other end of the channel is closed: nobody waits for the answer any more."""
        self._task_came.wait()
        with suppress(OSError):
            end.recv(1)  # nothing is sent after the task
        os._exit(1)

    def _begin(self, status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
        self._head = Head(int(status[:3]), headers)

    def _send(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._send_head()
            if piece:
                self._channel.send(piece)
        self._send_head()
        self._channel.send(b"")

    def _send_head(self) -> None:
        if not self._begun:
            self._begun = True
            self._channel.send(encode(self._head))

    def _look(self, *_: object) -> None:
        """End the process where it has taken more than it may.

        Nothing is raised: an exception could be taken for a fault of the event that is being replayed.
        """
        why = None
        if time.process_time() > _SHORT_S and not self._is_nice:
            self._is_nice = True
            os.nice(_NICENESS)
        if time.process_time() > self._limits.seconds:
            why = f"this takes more than {self._limits.seconds:g} seconds of a processor"
        elif _memory() - self._loaded > self._limits.memory:
            why = f"this takes more than {self._limits.memory >> 20} MiB of memory"
        if why is not None:
            if not self._begun:
                self._channel.send(encode(GivenUp(why)))
            _log.warning("given up", why=why)
            os._exit(1)


def _memory() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def _environ(task: Task) -> dict[str, Any]:
    return {
        **task.environ,
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(task.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": True,
        CALLER: task.caller,
    }


if __name__ == "__main__":
    main()
