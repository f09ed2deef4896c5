"""Limits of what is logged and prescribed, for everybody who keeps them: schemas, rule files, proofs, importers."""

from __future__ import annotations

from typing import Final

MOST_SETS: Final = 100
"""No slot asks for more sets than this in a session."""

MOST_PLACES: Final = 20
"""Sets that are told apart one by one, each with what it asks for."""

MOST_REPS: Final = 1_000
"""Of one set."""

MOST_SECONDS: Final = 86_400
"""Of one set: a day."""

MOST_RIR: Final = 10
"""Repetitions in reserve, as many as the RPE scale has (RPE = 10 - RIR)."""

MOST_REST_S = 3600
"""Seconds of rest after a set."""
