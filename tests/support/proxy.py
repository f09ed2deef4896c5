"""A proxy before a Valkey server in which a test sets traps: the moments at which something is killed."""

import os
import selectors
import signal
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

_CHUNK = 1 << 20

Moment = Literal["not sent", "half sent", "in flight", "answered"]
"""What of a command has happened when its trap goes off: nothing; half of its bytes are with the server; the server
has it and may or may not have run it; it has run, and the reply is lost."""


@dataclass(frozen=True, slots=True)
class Trap:
    """Goes off at the first command that holds ``words``, sent by a process with ``sender`` in its command line.

    ``spring`` is called with the sender's process number.
    """

    words: tuple[bytes, ...]
    sender: str
    moment: Moment
    spring: Callable[[int], None]


class Proxy:
    """Passes on what goes between clients of the unix socket ``path`` and the server on ``target``."""

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self._target = target
        self._trap: Trap | None = None
        self._lock = threading.Lock()
        self.sprung = threading.Event()

    def __enter__(self) -> Self:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def set_trap(self, trap: Trap) -> None:
        """Wait for the command; `sprung` is set when it came."""
        self.sprung.clear()
        with self._lock:
            self._trap = trap

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with client, server, suppress(OSError), selectors.DefaultSelector() as ready:
            server.connect(str(self._target))
            sender = _process_of(client)
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(_CHUNK)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is server:
                        client.sendall(data)
                    elif (trap := self._trap_for(sender, data)) is None:
                        server.sendall(data)
                    else:
                        self._go_off(trap, sender, data, server)
                        return

    def _trap_for(self, sender: int, data: bytes) -> Trap | None:
        """Take the trap if this is what it waits for."""
        with self._lock:
            trap = self._trap
            if trap is None or not all(word in data for word in trap.words):
                return None
            if trap.sender not in _command_line(sender):
                return None
            self._trap = None
            return trap

    def _go_off(self, trap: Trap, sender: int, data: bytes, server: socket.socket) -> None:
        sent = {"not sent": 0, "half sent": len(data) // 2, "in flight": len(data), "answered": len(data)}
        server.sendall(data[: sent[trap.moment]])
        if trap.moment == "answered":
            server.recv(_CHUNK)
        trap.spring(sender)
        self.sprung.set()


def kill(process: int) -> None:
    """Kill a process as no process can prevent."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _process_of(client: socket.socket) -> int:
    """The process at the other end of a unix socket (Linux)."""
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    process, _, _ = struct.unpack("3i", credentials)
    return int(process)


def _command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
