"""What the catalogue knows of an exercise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from service.domain.loads import Unit

LoadConvention: TypeAlias = Literal["total", "each", "added"]
"""``total``: the bar included. ``each``: per dumbbell or side. ``added``: to the body weight; negative assists."""

Measure: TypeAlias = Literal["reps", "seconds"]


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
    increase: Mapping[Unit, Decimal] | None = None
    aliases: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
