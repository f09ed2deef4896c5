"""The bulkhead: costly requests are answered by processes apart, so that their work holds up nobody else's.

A web process starts one process, `service.costly_requests`, when it first needs it. That one has everything loaded and
does nothing but start a further one for each request, which answers it and ends. What a request may take of a processor
and of memory is watched in there, and how long it takes is watched here; whoever closes the channel ends the work.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias

import msgspec
from werkzeug.exceptions import ClientDisconnected

from service.domain.api_keys import ApiKey
from service.domain.errors import SpotterError
from service.http.places import Busy, Places

METRICS_DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
"""How Prometheus' client is told where the processes of a server count together; what is costly is counted here."""

_LOOK_EVERY_S: Final = 0.25
_SENDING_S: Final = 5.0
_SIZE: Final = struct.Struct("!I")


class TooCostly(SpotterError):
    """A request that takes more work than is done for one (HTTP 422)."""


class Limits(msgspec.Struct, frozen=True):
    """What a request may take: seconds of a processor, and bytes of memory beside what is loaded."""

    seconds: float = 20.0
    memory: int = 1 << 30


class Task(msgspec.Struct, frozen=True):
    """A request: the strings of its WSGI environment, its whole body, and the key that it came with."""

    environ: dict[str, str]
    body: bytes
    caller: ApiKey
    limits: Limits = Limits()


class Head(msgspec.Struct, frozen=True, tag=True):
    """What an answer begins with; the pieces of its body follow, and then an empty one."""

    status: int
    headers: list[tuple[str, str]]


class GivenUp(msgspec.Struct, frozen=True, tag=True):
    """Instead of an answer: it takes more than may be."""

    why: str


class Patience(NamedTuple):
    """How many seconds a request waits for its turn, while the process behind the bulkhead starts, and for its answer.

    Where an answer is sent in pieces, that is for the first of them and then for each.
    """

    turn_s: float = 5.0
    start_s: float = 60.0
    answer_s: float = 25.0


Beginning: TypeAlias = Head | GivenUp

encode: Final = msgspec.msgpack.Encoder().encode
decode_task: Final = msgspec.msgpack.Decoder(Task).decode
_decode_beginning: Final = msgspec.msgpack.Decoder(Beginning).decode


class Channel:
    """Messages over a socket, each with its length before it."""

    def __init__(self, end: socket.socket, meanwhile: Callable[[], None] | None = None) -> None:
        """``meanwhile`` is called every so often while nothing comes or goes, and may raise."""
        self._end = end
        self._meanwhile = meanwhile
        end.settimeout(None if meanwhile is None else _LOOK_EVERY_S)

    def send(self, message: bytes) -> None:
        """Send a message."""
        left = memoryview(_SIZE.pack(len(message)) + message)
        while left:
            try:
                left = left[self._end.send(left) :]
            except TimeoutError:
                self._look()

    def receive(self) -> bytes:
        """The next message; `EOFError` where the other end was closed."""
        (size,) = _SIZE.unpack(self._exactly(_SIZE.size))
        return self._exactly(size)

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def _exactly(self, size: int) -> bytes:
        came = bytearray()
        while len(came) < size:
            try:
                piece = self._end.recv(size - len(came))
            except TimeoutError:
                self._look()
                continue
            if not piece:
                raise EOFError
            came += piece
        return bytes(came)

    def _look(self) -> None:
        if self._meanwhile is not None:
            self._meanwhile()


class Answer:
    """An answer from behind the bulkhead: its head, and its pieces as they come. It must be closed."""

    def __init__(self, head: Head, channel: Channel, on_piece: Callable[[], None], leave: Callable[[], None]) -> None:
        self.head = head
        self._channel = channel
        self._on_piece = on_piece
        self._leave = leave

    def pieces(self) -> Iterator[bytes]:
        """The pieces of the body; raises `Busy` where they do not come to an end."""
        try:
            while piece := self._channel.receive():
                yield piece
                self._on_piece()
        except (EOFError, OSError):
            raise _ended() from None

    def close(self) -> None:
        """Give up the place; what is still being worked on ends."""
        self._channel.close()
        self._leave()


class Bulkhead:
    """What is behind the bulkhead, as one web process has it."""

    def __init__(self, command: Sequence[str], at_once: int) -> None:
        """``command`` starts the process, given the number of its end of a socket; ``at_once``: see `Places`."""
        self._command = command
        self._places = Places(at_once)
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def answer(self, task: Task, patience: Patience, is_gone: Callable[[], bool]) -> Answer:
        """Have a request answered; ``is_gone`` says whether the client has left meanwhile.

        Raises `Busy` where there is no place, and where it took longer than it may or was killed; `TooCostly`; and
        `ClientDisconnected`.
        """
        leave = self._places.take(task.caller, patience.turn_s, is_gone)
        try:
            return self._answer(task, patience, is_gone, leave)
        except (EOFError, OSError):
            leave()
            raise _ended() from None
        except BaseException:
            leave()
            raise

    def close(self) -> None:
        """Have everything behind it end."""
        with self._lock:
            if self._process is not None:
                self._process.end()

    def _answer(self, task: Task, patience: Patience, is_gone: Callable[[], bool], leave: Callable[[], None]) -> Answer:
        seconds = patience.start_s
        until = time.monotonic() + seconds

        def look() -> None:
            if time.monotonic() > until:
                raise Busy(f"this did not come to its end in {seconds:g} seconds, beside everything else that goes on")
            if is_gone():
                raise ClientDisconnected

        def go_on() -> None:
            nonlocal seconds, until
            seconds = patience.answer_s
            until = time.monotonic() + seconds

        process = self._serving()
        while not process.is_ready(_LOOK_EVERY_S):
            look()
        go_on()
        channel = Channel(process.begin(), look)
        try:
            channel.send(encode(task))
            beginning = _decode_beginning(channel.receive())
            if isinstance(beginning, Head):
                go_on()
                return Answer(beginning, channel, go_on, leave)
        except BaseException:
            channel.close()
            raise
        channel.close()
        raise TooCostly(beginning.why)

    def _serving(self) -> _Process:
        """The process, which is started where it is not there, or no longer."""
        with self._lock:
            if self._process is None or self._process.has_ended():
                self._process = _Process(self._command)
            return self._process


class _Process:
    """The process that starts those which answer."""

    def __init__(self, command: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair()
        self._ready, self._ended = threading.Event(), threading.Event()
        environment = {name: value for name, value in os.environ.items() if name != METRICS_DIRECTORY}
        with theirs:
            process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        threading.Thread(target=self._watch, args=[process], name="costly-requests", daemon=True).start()

    def is_ready(self, seconds: float) -> bool:
        """Whether it serves, which is waited for; `EOFError` where it has ended."""
        if self._ready.wait(seconds):
            return True
        if self.has_ended():
            raise EOFError
        return False

    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._ended.is_set()

    def begin(self) -> socket.socket:
        """Our end of a channel to a process that has begun for it; raises `OSError` where this one was killed."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"!"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def end(self) -> None:
        """Have it end, which is not waited for."""
        with suppress(OSError):  # it has
            self._control.shutdown(socket.SHUT_RDWR)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """See it come and go, so that nothing is left of it."""
        if self._control.recv(1):
            self._ready.set()
        process.wait()
        self._ended.set()
        self._control.close()


def _ended() -> Busy:
    return Busy("what worked on this was ended before it had answered")
