"""A process that dies with its parent, whatever killed the parent, `kill -9` included.

Works as a module and, so that any program can be tied to its parent, as a script that imports nothing of Spotter:
`python parent_death.py PARENT_PID COMMAND...`.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_WATCH_SECONDS = 0.5


def tied(command: Sequence[str]) -> list[str]:
    """Give the command line that runs `command` so that it is killed when the process calling this is gone.

    The child must be started from the main thread: Linux watches the thread that started it.
    """
    # Isolated and without site packages: that takes 10 ms instead of 50.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def die_with(parent: int) -> None:
    """Have this process killed as soon as its parent, process `parent`, is gone."""
    if sys.platform == "linux":
        _ask_kernel(parent)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def main(arguments: Sequence[str]) -> int:
    """Run `arguments[1:]` tied to the process whose number is `arguments[0]`, its parent.

    Where the kernel cannot tie processes together this one stays, passes SIGTERM and SIGINT on and gives the
    command's exit status; elsewhere it becomes the command and never returns.
    """
    parent, command = int(arguments[0]), list(arguments[1:])
    if sys.platform != "linux":
        return _stay(parent, command)
    return _become(parent, command)


def _become(parent: int, command: list[str]) -> NoReturn:
    _ask_kernel(parent)
    os.execvp(command[0], command)  # noqa: S606 - no shell: the arguments are a list


def _ask_kernel(parent: int) -> None:
    """Linux: the request outlives `exec`, but is not inherited by children."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _stay(parent: int, command: list[str]) -> int:
    # Inherited descriptors, the lock on the data directory among them, go on to the command.
    with subprocess.Popen(command, close_fds=False) as child:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: child.send_signal(received))
        while True:
            try:
                return child.wait(_WATCH_SECONDS)
            except subprocess.TimeoutExpired:
                if os.getppid() != parent:
                    child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
