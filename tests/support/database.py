"""A database of a test's own, to be killed."""

import subprocess
from pathlib import Path
from typing import Self

from service.running.valkey import EmbeddedServer
from tests.support.running import eventually


class Database:
    """A server that is started again when the test killed it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.embedded = EmbeddedServer(folder, f"unix://{folder}/s.sock", "always")
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        """Start it and wait until it serves."""
        self.process = subprocess.Popen(self.embedded.command(), stdout=subprocess.DEVNULL)
        eventually(lambda: self.embedded.status() == "ready", "the database serves")

    def kill_and_start(self) -> None:
        """Kill it and start it on what it left behind."""
        self.kill()
        self.start()
