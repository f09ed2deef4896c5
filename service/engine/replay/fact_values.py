"""The values of facts: what belongs to the trigger at hand, where the code of rules finds it by attribute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol

from service.domain.equipment import Loading
from service.domain.exercises import Exercise
from service.domain.instants import Instant, day_number, week_of
from service.engine.reading.place import DONE, SHORT, Basis, Verdict
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.habit import SetDone, fewest_reps_at_top, top_places
from service.engine.replay.set_rows import Row, Work, extra_rows, performed_rows, sets_done, work_of
from service.engine.replay.state import Memory, Shared, StrongerSide
from service.engine.replay.track import Track
from service.engine.ruleset.rule_set import RuleSet

DAYS_A_WISH_HOLDS: Final = 7
"""After so many whole days a request for a deload and a flag have lapsed."""


PAIN: Final = "pain"


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
        "_extra",
        "_performed",
        "_sets_done",
        "_work",
        "basis",
        "body_weight",
        "hard_sets",
        "last_at",
        "last_day",
        "memory",
        "other",
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
        "set_verdict",
        "shared",
        "since_day",
        "slot",
        "slot_sets",
        "today",
    )

    basis: Basis
    body_weight: Decimal | None
    hard_sets: Callable[[int], Decimal]
    """Hard sets of the exercise at hand so many calendar weeks ago."""
    last_at: Instant
    """When the track was last performed; ``last_day`` is that day, and ``today`` the one asked about."""
    since_day: int
    """From when on rests count for the track: when it was last performed, or was given another lever."""
    last_day: int
    memory: Memory
    other: StrongerSide
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
    set_verdict: Verdict
    """What the work set just performed says of what was asked of it."""
    shared: Shared
    slot: SlotAtHand
    slot_sets: SlotSets
    """The slot's sets in the open session, of which ``performed`` and ``extra`` are made when a rule reads them."""
    today: int

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, None)
        self.other = StrongerSide()
        self._performed: Sequence[Row] | None = ()
        self._extra: Sequence[Row] | None = ()
        self._sets_done: Sequence[SetDone] | None = ()
        self._work: Sequence[Work] | None = ()
        self.programme_week = 0

    def round(self, load: Decimal, track: Track) -> Decimal:
        """The load that the lifter's equipment can make for the exercise at hand."""
        return self.slot.loading_for(track).round(load)

    def next_loadable(self, load: Decimal, track: Track) -> Decimal:
        """The next heavier load that it can make; the load itself where it can make none."""
        above = self.slot.loading_for(track).stepped(load, 1)
        return load if above is None else above

    @property
    def sets_done(self) -> Sequence[SetDone]:
        """Load and repetitions of the work sets, extra ones included, in their order."""
        done = self._sets_done
        if done is None:
            done = self._sets_done = sets_done(self.work, self.slot_sets.asked, self.basis)
        return done

    @sets_done.setter
    def sets_done(self, done: Sequence[SetDone]) -> None:
        self._sets_done = done

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

    def look_at_sets(self, slot_sets: SlotSets, basis: Basis) -> None:
        """Let ``performed`` and ``extra`` be those of a slot as they stand now."""
        self.slot_sets, self.basis = slot_sets, basis
        self._performed = self._extra = self._sets_done = self._work = None

    @property
    def work(self) -> Sequence[Work]:
        """The slot's work sets with their places, of which the lists are made."""
        work = self._work
        if work is None:
            work = self._work = work_of(self.slot_sets)
        return work

    @property
    def performed(self) -> Sequence[Row]:
        """The sets that fill places, in the order of the places."""
        rows = self._performed
        if rows is None:
            rows = self._performed = performed_rows(self.work, self.slot_sets.asked, self.basis)
        return rows

    @performed.setter
    def performed(self, rows: Sequence[Row]) -> None:
        self._performed = rows

    @property
    def extra(self) -> Sequence[Row] | None:
        """The work sets on top of what was asked, in their order; None without any."""
        rows = self._extra
        if rows is None:
            rows = self._extra = extra_rows(self.work, self.slot_sets.asked, self.basis)
        return rows or None

    @extra.setter
    def extra(self, rows: Sequence[Row] | None) -> None:
        self._extra = rows

    @property
    def set_done(self) -> bool:
        """Whether the set did what was asked."""
        return self.set_verdict is DONE

    @property
    def set_failed(self) -> bool:
        """Whether it missed repetitions of what was asked."""
        return self.set_verdict is SHORT

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
    def longest_gap_days(self) -> int:
        """Whole days of the lifter's longest stretch without training since the track was last performed."""
        return self.shared.longest_rest(self.since_day, self.today)

    @property
    def deload_requested(self) -> bool:
        """Whether a deload was requested within seven days, after the track's last set, and none was had since."""
        requested_at = self.shared.deload_requested_at
        return requested_at is not None and self._is_open(requested_at)

    @property
    def flag(self) -> str | None:
        """The newest flag of the lifter, the exercise or one of its muscles, as long as a request would count."""
        newest = self._newest_flag
        return newest[0] if newest is not None and self._is_open(newest[1]) else None

    @property
    def pain(self) -> bool:
        """Whether that newest flag is pain, for seven days whatever was done since."""
        newest = self._newest_flag
        return newest is not None and newest[0] == PAIN and self._holds(newest[1])

    @property
    def _newest_flag(self) -> tuple[str, Instant] | None:
        flags = self.shared.flags
        if not flags:
            return None
        exercise = self.slot.exercise
        muscles = (f"muscle:{muscle}" for muscle in (*exercise.target, *exercise.synergists))
        known = [flags[about] for about in ("", exercise.id, *muscles) if about in flags]
        return max(known, key=lambda flag: flag[1], default=None)

    def _holds(self, at: Instant) -> bool:
        """Whether what was said at a time still counts."""
        return self.today - day_number(at, self.shared.time_zone) < DAYS_A_WISH_HOLDS

    def _is_open(self, at: Instant) -> bool:
        """Whether what was asked for at a time is still to be done."""
        lightened_at = self.shared.lightened_at
        return at > self.last_at and self._holds(at) and (lightened_at is None or lightened_at < at)

    @property
    def volume_week(self) -> Decimal:
        """Hard sets of the exercise's target muscle in the calendar week at hand, the open session's included."""
        return self.hard_sets(0)

    @property
    def volume_last_week(self) -> Decimal:
        """Hard sets of the exercise's target muscle in the calendar week before."""
        return self.hard_sets(1)
