"""What the catalogue knows of an exercise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from service.domain.loads import Unit

LoadConvention: TypeAlias = Literal["total", "each", "added"]
"""``total``: the bar included. ``each``: per dumbbell or side. ``added``: to the body weight; negative assists."""

Measure: TypeAlias = Literal["reps", "seconds"]

Mechanic: TypeAlias = Literal["compound", "isolation"]
"""Whether several joints move, or one."""

Force: TypeAlias = Literal["push", "pull", "static"]
Level: TypeAlias = Literal["beginner", "intermediate", "expert"]
Category: TypeAlias = Literal[
    "strength", "powerlifting", "olympic-weightlifting", "strongman", "plyometrics", "stretching", "cardio"
]


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise; ``reps`` and ``increase`` are what suits it where a programme says nothing."""

    id: str
    title: str
    equipment: str
    load: LoadConvention = "total"
    measure: Measure = "reps"
    one_sided: bool = False
    target: tuple[str, ...] = ()
    synergists: tuple[str, ...] = ()
    reps: tuple[int, int] | None = None
    increase: Mapping[Unit, Decimal] | None = field(default=None, hash=False)
    aliases: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    sources: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    mechanic: Mechanic | None = None
    force: Force | None = None
    level: Level | None = None
    """Who should be able to do it well; like ``mechanic`` and ``force`` None where nobody says."""
    category: Category = "strength"
    """What it is done for."""

    @property
    def has_hard_sets(self) -> bool:
        """Whether its work sets count for the muscles that it names: a stretch, or an hour of cycling, does not."""
        return self.category not in ("stretching", "cardio")

    @property
    def progresses(self) -> bool:
        """Whether more of it is an aim: stretches and cardio are repeated."""
        return self.has_hard_sets
