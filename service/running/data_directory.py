"""A data directory belongs to one running Spotter at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from service.domain.errors import SpotterError

_PATIENCE_SECONDS = 10.0


class DataDirectoryInUse(SpotterError):
    """Another Spotter, or what is left of one, runs on this data directory."""


@contextmanager
def claimed(directory: Path) -> Iterator[int]:
    """Hold `directory` for this process and its children; gives the descriptor that every child must inherit.

    There are two locks, because a killed supervisor leaves its children alive for a moment. `supervisor.lock` is
    this process's own: when another holds it, Spotter is running there, and waiting is of no use. `lock` is
    shared with the children and free only when the last of them is gone, so that no two Valkeys ever
    open the same files; it is waited for, up to 10 seconds.

    Raises `DataDirectoryInUse`, or `SpotterError` when the directory cannot be made or written.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        own, shared = (directory / "supervisor.lock").open("a+"), (directory / "lock").open("a+")
    except OSError as error:
        raise SpotterError(f"The data directory {directory} cannot be used: {error.strerror}.") from error
    with own, shared:
        if not _try_lock(own):
            raise DataDirectoryInUse(
                f"Spotter is already running on {directory} (process {own.read().strip() or 'unknown'}). "
                "Stop it first, or set SPOTTER_DATA_DIR and SPOTTER_PORT to run a second one."
            )
        _wait_for(shared, directory)
        own.truncate(0)
        own.write(f"{os.getpid()}\n")
        own.flush()
        yield shared.fileno()


def private(directory: Path) -> None:
    """Make `directory`, readable for its owner only; raises `SpotterError` when it is somebody else's."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SpotterError(f"The folder {directory} cannot be used: {error.strerror}.") from error
    if directory.stat().st_uid != os.getuid() or directory.is_symlink():
        raise SpotterError(f"{directory} belongs to another user; Spotter will not keep its sockets there.")


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        return False
    return True


def _wait_for(shared: IO[str], directory: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _try_lock(shared):
        if time.monotonic() > deadline:
            raise DataDirectoryInUse(
                f"Processes of an earlier Spotter still use {directory} after {_PATIENCE_SECONDS:.0f} seconds. "
                f"`fuser {directory / 'lock'}` lists them; they must end before a new one can start."
            )
        time.sleep(0.05)
