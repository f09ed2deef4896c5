"""A whole Spotter for a test: `spotter run` as a process of its own, on a free port and its own data directory."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

PATIENCE_SECONDS = 300.0
"""No test is about how long anything takes, and the machine may have other things to do: this only ends what hangs."""


class RunningSpotter:
    """`spotter run` on `data_dir`, a context manager that leaves nothing running.

    It has one process of each kind, because starting them is most of what such a test costs; two where they are to be
    `several`, for what happens between them or when one is lost. `program` is the `spotter` to run, by default the one
    of this environment; `extra` are environment variables beside the ones that this class sets. `output` is what it
    printed so far.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        program: Path | None = None,
        *,
        several: bool = False,
        **extra: str,
    ) -> None:
        self.data_dir = data_dir
        self.program = program or Path(sys.executable).with_name("spotter")
        self.port = port or free_port()
        self.output = ""
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("SPOTTER_")} | {
            "SPOTTER_DATA_DIR": str(data_dir),
            "SPOTTER_PORT": str(self.port),
            "SPOTTER_WORKERS": "2" if several else "1",
            "SPOTTER_WEB_PROCESSES": "2" if several else "1",
            "PYTHONUNBUFFERED": "1",
            **extra,
        }
        self.process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        eventually(lambda: not self.processes(), "its processes end")

    @property
    def url(self) -> str:
        """Base URL of its API."""
        return f"http://127.0.0.1:{self.port}"

    def setting(self, name: str) -> str:
        """What an environment variable says to it."""
        return self._environment[name]

    @property
    def key(self) -> str:
        """The API key that it printed."""
        match = re.search(r"Key +(sk_\S+)", self.output)
        assert match, self.output
        return match[1]

    def launch(self) -> None:
        """Start the process and wait for nothing."""
        self.process = subprocess.Popen(
            [self.program, "run"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> None:
        """Start the process and wait until it says that everything is up; one before it must have ended."""
        self.launch()
        assert self.process.stdout
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(f"it ended with status {self.process.wait()}:\n{self.output}")

    def end(self) -> int:
        """Wait for it to end; the rest of what it prints is added to `output`."""
        printed, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.output += printed
        return self.process.returncode

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, by default that of Ctrl-C, and give the exit status."""
        self.process.send_signal(number)
        return self.end()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `spotter` with these arguments where this one runs."""
        return subprocess.run(
            [self.program, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `spotter` with these arguments where this one runs, and wait for nothing."""
        return subprocess.Popen(
            [self.program, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self, *words: str) -> list[int]:
        """Give the process numbers of everything that runs on this data directory and has `words` in its command."""
        return [
            int(folder.name)
            for folder in Path("/proc").glob("[0-9]*")
            if f"SPOTTER_DATA_DIR={self.data_dir}" in _strings(folder / "environ")
            and all(word in " ".join(_strings(folder / "cmdline")) for word in words)
        ]

    def web_workers(self) -> list[int]:
        """Give the process numbers of those that answer requests, not of the one that starts them."""
        served = self.processes("service.running.web")
        return [process for process in served if (found := standing_of(process)) and found.parent in served]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until `condition` holds; fails when it does not within five minutes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.002
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


class Standing(NamedTuple):
    """What Linux says of a process: a letter, and the number of its parent."""

    state: str
    parent: int


def standing_of(process: int) -> Standing | None:
    """Read it; a process that is gone has none."""
    try:
        state, parent, *_ = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Standing(state, int(parent))


def _strings(file: Path) -> list[str]:
    """Read a file of /proc that holds strings ended by NUL; a process that is gone, or a zombie, has none."""
    try:
        return file.read_text(errors="replace").split("\0")
    except OSError:
        return []
