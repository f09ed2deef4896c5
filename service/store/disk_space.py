"""How much room is left on the disk of Spotter's own folder, and from when on that is too little."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, NamedTuple

_LARGEST_RESERVE: Final = 64 << 20
_RESERVED_PART: Final = 10

_MEGABYTE: Final = 1 << 20


class DiskSpace(NamedTuple):
    """The bytes that are ``free`` under ``folder``, and those that the log leaves to everything else.

    Where the folder is, is for whoever runs this Spotter: what is said of it here goes to anybody.
    """

    folder: Path
    free: int
    reserve: int

    @property
    def is_low(self) -> bool:
        """Whether only the reserve is left: then an embedded log takes no writes."""
        return self.free < self.reserve

    def __str__(self) -> str:
        return f"{self.free // _MEGABYTE:,} MB free on the disk of Spotter's data"

    @property
    def why_low(self) -> str:
        """What to say of it where it is low and the log is there too."""
        return f"{self}: nothing is written until {self.reserve // _MEGABYTE:,} MB are"


def disk_space(folder: Path) -> DiskSpace:
    """Look at the disk of ``folder``, or of the nearest one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return DiskSpace(folder, usage.free, min(_LARGEST_RESERVE, usage.total // _RESERVED_PART))
