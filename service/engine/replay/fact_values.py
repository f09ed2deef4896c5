"""The values of facts: what belongs to the trigger at hand, where the code of rules finds it by attribute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from service.domain.equipment import Loading
from service.domain.exercises import Exercise
from service.domain.instants import Instant, day_number, week_of
from service.engine.replay.habit import SetDone, fewest_reps_at_top, top_places
from service.engine.replay.state import Memory, Shared, StrongerSide, Track
from service.engine.ruleset.rule_set import RuleSet


class SlotAtHand(Protocol):
    """What facts are read from of the slot whose rules run."""

    @property
    def day(self) -> int:
        """Its day in the programme, counted from 0; -1 in a programme for any exercise."""

    @property
    def exercise(self) -> Exercise:
        """What is trained in it."""

    def loading_for(self, track: Track, /) -> Loading:
        """The loads that can be made for it."""

    @property
    def rule_set(self) -> RuleSet:
        """The rule set whose programme it is in."""


class Facts:
    """What facts are at the trigger at hand, loads in the working unit; one object per fold, filled anew each time."""

    __slots__ = (
        "body_weight",
        "hard_sets",
        "last_at",
        "last_day",
        "memory",
        "other",
        "performed",
        "prescribed_kind",
        "prescribed_load",
        "prescribed_reps",
        "prescribed_sets",
        "programme_week",
        "set_index",
        "set_kind",
        "set_load",
        "set_reps",
        "set_rir",
        "set_seconds",
        "shared",
        "slot",
        "today",
    )

    body_weight: Decimal | None
    hard_sets: Callable[[int], Decimal]
    """Hard sets of the exercise at hand so many calendar weeks ago."""
    last_at: Instant
    """When the track was last performed; ``last_day`` is that day, and ``today`` the one asked about."""
    last_day: int
    memory: Memory
    other: StrongerSide
    performed: Sequence[tuple[Any, ...]]
    prescribed_kind: str
    prescribed_load: Decimal
    prescribed_reps: tuple[int, int]
    prescribed_sets: int
    programme_week: int
    """Rounds of the programme's days that are over where the slot is due."""
    set_index: int
    set_kind: str
    set_load: Decimal
    set_reps: int
    set_rir: Decimal | None
    set_seconds: int
    shared: Shared
    slot: SlotAtHand
    today: int

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, None)
        self.other = StrongerSide()
        self.performed = ()
        self.programme_week = 0

    def round(self, load: Decimal, track: Track) -> Decimal:
        """The load that the lifter's equipment can make for the exercise at hand."""
        return self.slot.loading_for(track).round(load)

    def next_loadable(self, load: Decimal, track: Track) -> Decimal:
        """The next heavier load that it can make; the load itself where it can make none."""
        above = self.slot.loading_for(track).stepped(load, 1)
        return load if above is None else above

    @property
    def sets_done(self) -> list[SetDone]:
        """Load and repetitions of the work sets of ``performed``."""
        return [(row[0], row[1]) for row in self.performed]

    @property
    def fewest_reps(self) -> int:
        """The fewest repetitions at the heaviest load of the session."""
        done = self.sets_done
        return fewest_reps_at_top(done) if done else 0

    @property
    def top_places(self) -> int:
        """How many sets belong to the heaviest load of the session."""
        done = self.sets_done
        return top_places(done) if done else 0

    @property
    def programme_day(self) -> int:
        """The place of the slot's day in the programme, from 1; 0 in a programme for any exercise."""
        return self.slot.day + 1

    @property
    def week_of_programme(self) -> int:
        """The week of the programme's cycle, from 1."""
        return self.programme_week % self.slot.rule_set.programme.weeks + 1

    @property
    def cycle_of_programme(self) -> int:
        """The cycle of the programme, from 1."""
        return self.programme_week // self.slot.rule_set.programme.weeks + 1

    @property
    def days_since(self) -> int:
        """Whole days since the track was last performed."""
        return self.today - self.last_day

    @property
    def weeks_since(self) -> int:
        """Calendar weeks since the track was last performed."""
        return week_of(self.today) - week_of(self.last_day)

    @property
    def days_since_best_e1rm(self) -> int | None:
        """Whole days since the best estimate of a one-rep max."""
        best_at = self.memory.best_e1rm_at
        return None if best_at is None else self.today - day_number(best_at, self.shared.time_zone)

    @property
    def deload_requested(self) -> bool:
        """Whether a deload was requested since the track was last performed."""
        requested_at = self.shared.deload_requested_at
        return requested_at is not None and requested_at > self.last_at

    @property
    def flag(self) -> str | None:
        """The newest flag, if it is younger than the track's last set."""
        flagged_at = self.shared.flagged_at
        return self.shared.flag if flagged_at is not None and flagged_at > self.last_at else None

    @property
    def volume_week(self) -> Decimal:
        """Hard sets of the exercise's target muscle in the calendar week at hand, the open session's included."""
        return self.hard_sets(0)

    @property
    def volume_last_week(self) -> Decimal:
        """Hard sets of the exercise's target muscle in the calendar week before."""
        return self.hard_sets(1)
