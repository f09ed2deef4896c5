"""The shapes of every identifier; each is matched in full before it gets near a key.

The patterns are meant for ``fullmatch``: ``$`` would let a trailing newline through.
"""

from __future__ import annotations

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
