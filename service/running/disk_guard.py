"""Keeps an embedded log from filling its disk: a server that cannot sync what it has written can only end."""

from collections.abc import Callable

from service.running.supervised_process import Child
from service.running.valkey import EmbeddedServer
from service.store.disk_space import disk_space


class DiskGuard:
    """Has `server`, which `child` runs, take writes only while its disk has room; `say` tells the user.

    The server is started so that it takes none: one that ended because its disk was full would else end again at the
    next write.
    """

    def __init__(self, child: Child, server: EmbeddedServer, say: Callable[[str], None]) -> None:
        self._child = child
        self._server = server
        self._say = say
        self._told: tuple[int | None, bool] | None = None
        self._was_low = False

    def tend(self) -> bool:
        """Look at the disk and tell the server, if it does not know; whether the disk is nearly full."""
        space = disk_space(self._server.directory)
        to_tell = (self._child.process_id, not space.is_low)
        if to_tell != self._told and self._server.take_writes(yes=not space.is_low):
            self._told = to_tell
        if space.is_low != self._was_low:
            self._was_low = space.is_low
            what = f"The disk is nearly full: {space.why_low}" if space.is_low else f"There is room again: {space}"
            self._say(f"{what} ({space.folder}).")
        return space.is_low
