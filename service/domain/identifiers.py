"""The shapes of every identifier; each is matched in full before it gets near a key.

The patterns are meant for ``fullmatch``: ``$`` would let a trailing newline through.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, NamedTuple

GYM_OR_LIFTER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
EVENT_ID: Final = re.compile(r"[!-~]{1,64}")
EXERCISE_ID: Final = re.compile(r"(?=.{1,64}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
SESSION_ID: Final = EVENT_ID
SLOT_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")
KEY_ID: Final = re.compile(r"k_[0-9a-f]{16}")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class LifterRef(NamedTuple):
    """A lifter of a gym; both parts match `GYM_OR_LIFTER`."""

    gym: str
    lifter: str

    @property
    def pseudonym(self) -> str:
        """SHA-256 (hex) of ``gym:lifter``: finds a lifter for whoever knows the name, and tells it to nobody else."""
        return hashlib.sha256(f"{self.gym}:{self.lifter}".encode()).hexdigest()

    @property
    def log_name(self) -> str:
        """How logs and traces name the lifter, so that they need not be searched when the lifter is erased."""
        return self.pseudonym[:16]
