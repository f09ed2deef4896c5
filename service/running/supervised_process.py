"""One supervised process: started, started again when it dies, stopped in bounded time."""

import os
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from service.domain.errors import SpotterError
from service.running import parent_death

# More deaths than this within the window are a fault that restarting does not mend.
_TOLERATED_DEATHS = 5
_WINDOW_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.1
_LAST_BYTES = 8192
_LAST_LINES = 15
_LARGEST_LOG = 64 * 1024 * 1024


class ChildFailed(SpotterError):
    """A child died and will not be started again; the message holds its last words."""


class Child:
    """A process that writes to `log` and cannot outlive this one.

    `descriptors` are the open files that it inherits. When the log has `largest_log` bytes, it is begun anew.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        descriptors: Sequence[int],
        *,
        largest_log: int = _LARGEST_LOG,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._largest_log = largest_log
        self._descriptors = descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: deque[float] = deque(maxlen=_TOLERATED_DEATHS + 1)
        self._restart_at = 0.0

    def start(self) -> None:
        """Start the process."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                parent_death.tied(self._command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=self._descriptors,
                # Ctrl-C reaches every process of a terminal's group; the order of stopping is the supervisor's.
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int | None:
        """The number of the process; None while it is to be started again."""
        return None if self._process is None else self._process.pid

    def check(self) -> None:
        """Raise `ChildFailed` if the process is not running."""
        if not self.is_alive():
            raise ChildFailed(f"The {self.name} ended as soon as it was started. {self._last_words()}")

    def tend(self, *, forgiving: bool = False) -> None:
        """Start the process again if it died, after a pause that doubles with every recent death.

        Raises `ChildFailed` when it died too often in a short time, unless `forgiving`: then there is a known reason,
        which will go away.
        """
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            self._deaths.append(now)
            recent = sum(now - death < _WINDOW_SECONDS for death in self._deaths)
            if recent > _TOLERATED_DEATHS and not forgiving:
                raise ChildFailed(
                    f"The {self.name} died {recent} times in {_WINDOW_SECONDS:.0f} seconds. {self._last_words()}"
                )
            self._restart_at = now + _FIRST_PAUSE_SECONDS * 2 ** (recent - 1)
        if self._process is None and now >= self._restart_at:
            self.start()
        self._turn_log()

    def terminate(self) -> None:
        """Ask the process to stop."""
        if self._process is not None:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for the process to end, until `deadline` on the monotonic clock; then kill it and its children."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _turn_log(self) -> None:
        """Move what the log holds to a file beside it, in place of what was there, once it is large.

        The process goes on appending to the same file, so that file is emptied and not replaced. A line that it writes
        in the moment between is lost. Where the disk has no room for what it held, that is lost: logs are worth less
        than what they tell of.
        """
        with suppress(OSError):
            if self.log.stat().st_size < self._largest_log:
                return
            before = self.log.with_name(f"{self.log.name}.1")
            try:
                shutil.copyfile(self.log, before)
            except OSError:
                before.unlink(missing_ok=True)
            os.truncate(self.log, 0)

    def _last_words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = log.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
        return "\n".join((f"Its log, {self.log}, ends:", *(f"  {line}" for line in lines)))
