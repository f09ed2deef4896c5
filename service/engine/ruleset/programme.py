"""What a checked programme file says: days of slots, each an exercise with its schemes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from service.domain.equipment import Equipment
from service.domain.errors import RuleError
from service.domain.exercises import Measure
from service.domain.loads import Unit
from service.engine.ruleset.examples import ProgrammeExample
from service.engine.ruleset.tags import UNTAGGED, Tags
from service.engine.version import UNNAMED_EDITION


@dataclass(frozen=True, slots=True)
class SchemeUse:
    """A scheme with the parameters that a slot gives it (as written, checked against the scheme)."""

    scheme: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Sets before the first work set, at a percentage of its load."""

    percent: Decimal
    reps: int
    sets: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """An exercise's place in a programme's day; ``exercise`` is None in a programme for any exercise."""

    id: str
    day: str
    exercise: str | None
    progression: SchemeUse
    deloads: tuple[SchemeUse, ...] = ()
    track: str | None = None
    rest_s: int | None = None
    measure: Measure = "reps"
    warmup: tuple[WarmUp, ...] = ()
    weeks: frozenset[int] | None = None
    """The weeks of the cycle, from 1, in which it is done; None: every one."""
    label: str = ""
    """What kind of the exercise it is, where one does it in several: pause, tempo, deficit."""
    notes: str = ""
    """How it is to be done here."""
    beside: str = ""
    """What it is done in turn with, in the programme's own words."""
    is_rung: bool = False
    """Whether it is one of several of which the progression decides which is done."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a programme, with its slots in order."""

    id: str
    title: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme file: either ``days`` of slots, or ``any`` (one slot a measure) for whatever is logged."""

    id: str
    title: str
    days: tuple[Day, ...]
    any: tuple[Slot, ...]
    notes: str
    sources: tuple[Mapping[str, Any], ...]
    file: str
    equipment: Mapping[Unit, Equipment] = field(default_factory=dict)
    """What it is loaded with where the lifter's profile says nothing, in the plates of either unit."""
    weeks: int = 1
    """How many rounds of the days make a cycle."""
    examples: tuple[ProgrammeExample, ...] = ()
    doubts: tuple[RuleError, ...] = ()
    """What is no mistake, but hardly meant."""
    edition: int = UNNAMED_EDITION
    """By which edition of the engine its results come about."""
    tags: Tags = UNTAGGED
    """What it is for, as its file says."""

    @property
    def slots(self) -> list[Slot]:
        """Every slot: those of the days, or those for whatever is logged."""
        return [*self.any, *(slot for day in self.days for slot in day.slots)]

    @property
    def days_a_week(self) -> int | None:
        """On how many days of a week one trains: as tagged, else the most of any week; None: as one likes."""
        if self.tags.days_a_week is not None or not self.days:
            return self.tags.days_a_week
        return most_days(self.days, self.weeks)

    @property
    def schemes(self) -> list[str]:
        """The schemes that its slots use, each once, in their order."""
        return list(dict.fromkeys(use.scheme for slot in self.slots for use in (slot.progression, *slot.deloads)))


def most_days(days: Sequence[Day], weeks: int) -> int:
    """On how many of the days something is done in the fullest week of a cycle of so many."""
    return max(
        sum(any(slot.weeks is None or week in slot.weeks for slot in day.slots) for day in days)
        for week in range(1, weeks + 1)
    )
