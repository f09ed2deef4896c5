"""Limits that more than one part of Spotter keeps."""

from __future__ import annotations

from typing import Final

MOST_SETS: Final = 100
"""No slot asks for more sets than this in a session."""


MOST_REPS: Final = 1_000
"""Of one set, as the events' schema has it."""


MOST_SECONDS: Final = 86_400
