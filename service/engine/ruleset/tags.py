"""What a programme is for and what it takes, in a few words: how people find the one that suits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from service.domain.exercises import Level

Goal: TypeAlias = Literal["strength", "hypertrophy", "peaking", "fitness"]
"""Peaking: a meet or a test at the end of some weeks. Fitness: to begin at all, and to stay in shape."""

MOST_DAYS_A_WEEK: Final = 7
MOST_MINUTES: Final = 240


@dataclass(frozen=True, slots=True)
class Tags:
    """What a programme's file says of it; what it does not say is empty or None."""

    goals: tuple[Goal, ...] = ()
    level: Level | None = None
    days_a_week: int | None = None
    """Only where it is not the number of the programme's days: two workouts in turn, three times a week."""
    minutes: int | None = None
    """About how long a session takes, pauses included."""


UNTAGGED: Final = Tags()
