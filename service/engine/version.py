"""The version of the engine, and the editions that it knows: what a result is a function of, beside log and rules."""

from __future__ import annotations

from typing import Final

ENGINE_VERSION: Final = 3
"""Rises whenever a result could change; a projection of another engine is made again."""

EDITIONS: Final[tuple[int, ...]] = (1,)
"""The editions that rule sets may name, the oldest first. A new one is added here, and none is ever taken away."""

NEWEST_EDITION: Final[int] = EDITIONS[-1]

UNNAMED_EDITION: Final[int] = 1
"""The edition of a rule set that names none. It stays 1: what was archived without a name means what it meant."""
