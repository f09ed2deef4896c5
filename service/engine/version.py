"""The version of the engine: it rises whenever a result could change."""

from __future__ import annotations

from typing import Final

ENGINE_VERSION: Final = 3
"""Rises whenever a result could change; a projection of another engine is made again."""
