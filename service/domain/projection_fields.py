"""Fields of a stored projection that are not the lifter's state, but say what it stands on."""

from __future__ import annotations

from typing import Final

CHECKPOINT: Final = b"checkpoint"
"""What a projection stands on. Its bytes are the replay's; a commit compares them whole."""

VERSION: Final = b"version"
"""The version of the log that a projection is of, for scripts."""
