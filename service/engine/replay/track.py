"""A track: the thread of progress that slots share, with what its rules keep and the reasons that they gave."""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from service.domain.instants import Instant, day_number
from service.domain.loads import Unit
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.habit import Habit
from service.engine.ruleset.triggers import Trigger

Value: TypeAlias = bool | int | Decimal | tuple[int, int] | None
"""What a scheme may keep or say: text is left out, so that every value reads back as what it was."""


Break: TypeAlias = tuple[int, Decimal]
"""Days without training before a session, and the lever that is due after it."""

MOST_BREAKS: Final = 10
"""So many breaks of a track are remembered."""


class Reason(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A rule that fired: enough to say why again, and by what scheme.

    ``digest`` names the rule set that it is of once the lifter has gone on to another, ``unit`` that of its loads once
    they go on in another.
    """

    version: int
    scheme: str
    trigger: str
    rule: int
    values: tuple[Value, ...]
    applied: bool = True
    digest: str | None = None
    unit: Unit | None = None

    def of(self, digest: str) -> Reason:
        """The same, remembering of which rule set it is."""
        return self if self.digest is not None else msgspec.structs.replace(self, digest=digest)

    def said_in(self, unit: Unit) -> Reason:
        """The same, remembering in which unit its loads are."""
        return self if self.unit is not None else msgspec.structs.replace(self, unit=unit)


class Track(msgspec.Struct, array_like=True):
    """A thread of progress. Loads are in the working unit; `service.engine.ruleset.facts` explains the counts."""

    exercise: str
    lever: Decimal | None = None
    own: dict[str, tuple[Value, ...]] = {}
    sessions: int = 0
    sessions_since_change: int = 0
    sessions_since_record: int = 0
    last_at: Instant | None = None
    deloaded: bool = False
    """Whether a deload came since the track was last performed: no other may follow it."""
    session: int = 0
    """The number of the session that last performed the track. What follows is about it, except what counts several."""
    opened_lever: Decimal | None = None
    """The lever that it was asked with, time having done what was due; of a lighter session that of the one before."""
    session_sets: int = 0
    session_top_load: Decimal | None = None
    session_top_reps: int = 0
    session_prescribed_load: Decimal | None = None
    changed: bool = False
    record: bool = False
    outcome: str = ""
    """Since that session was asked: ``deload`` if one moved the lever, else the last ``advance`` or ``reset``."""
    reasons: list[Reason] = []
    """Since then; while it is open, also what time did before it."""
    sessions_since_raise: int = 0
    raised: bool = False
    failures_in_a_row: int = 0
    failures_since_change: int = 0
    adjusted: tuple[str, Decimal, Decimal] | None = None
    """The deload scheme that adjusts the session, with what it leaves of loads and sets, in percent."""
    read: dict[str, SlotSets] = {}
    """By slot how the open session's sets were read, also those that have performed nothing yet."""
    opening: Track | None = None
    """The track as it was before the open session performed it, and before time did what was due then."""
    habit: Habit = Habit()
    """What its closed sessions have shown, remembered where a rule reads it."""
    proven: Decimal | None = None
    """The lever of the newest set that did what was asked."""
    cut_from: Decimal | None = None
    """The lever before a deload took something off it, until as much is back."""
    amrap_lever: Decimal | None = None
    """The most that a set of as many repetitions as possible was worth since the newest cut, as a lever, until then."""
    since: Instant | None = None
    """When a baseline or other work gave it its lever, if that is newer than its last set."""
    unit: Unit | None = None
    """The unit that the working unit was when the track was left, until rules that know its state take it up again."""
    reasons_from: int = 0
    """The number of the session that the reasons begin with: before ``session`` where that was made lighter."""
    proven_in: int = 0
    """The number of the session of that newest set."""
    breaks: tuple[Break, ...] = ()
    """Those after which a session did what was asked, the longest first; none of which a longer one tells as much.

    No lever is higher than one that the track has had since.
    """

    def copy(self) -> Track:
        """A track of its own, equal to this one."""
        read = {slot: sets.copy() for slot, sets in self.read.items()}
        return msgspec.structs.replace(self, own=dict(self.own), reasons=list(self.reasons), read=read)

    def before_session(self) -> Track:
        """A track of its own as this one is now, without anything of the open session."""
        other = copy(self)
        other.own, other.reasons = dict(self.own), list(self.reasons)
        other.read, other.opening = {}, None
        return other

    def open_session(self) -> None:
        """Begin to remember of a session what has become of the lever since it opened."""
        self.reasons = []
        self.outcome = ""

    def ask(self, opening: Track, session: int) -> None:
        """Remember of what time has left of the lever that a session is asked with it.

        One that is made lighter leaves the lever that is due unasked: what is told goes on as ``opening`` had it.
        """
        self.session = session
        if self.is_lighter:
            self.reasons = [*opening.reasons, *self.reasons]
            self.outcome = self.outcome or opening.outcome
            self.opened_lever = opening.opened_lever
            return
        self.outcome = ""
        self.opened_lever = self.lever
        self.reasons_from = session

    def close_session(self) -> None:
        """Forget, a session being over, what time did before it: that was asked with it."""
        if not self.is_lighter:
            self.reasons = [each for each in self.reasons if each.trigger not in _BY_TIME]

    @property
    def is_lighter(self) -> bool:
        """Whether a deload leaves less than all of the session."""
        return self.adjusted is not None and min(self.adjusted[1:]) < _ALL

    @property
    def lever_before(self) -> Decimal | None:
        """What the lever is told against: what it was when it was last asked, while a session is open before that."""
        opening = self.opening
        return self.opened_lever if opening is None or opening.lever is None else opening.lever

    @property
    def deloaded_before_session(self) -> bool:
        """Whether a deload came with the time before the open session."""
        return self.deloaded and self.opening is not None and not self.opening.deloaded

    def take_over(self, other: Track) -> None:
        """Be what time has made of another that was as this one is; without that one's session."""
        for name in _MADE_BY_RULES:
            setattr(self, name, getattr(other, name))

    @property
    def proven_lever(self) -> Decimal | None:
        """The lever at which a set last did what was asked, or a lower one that it has now."""
        return self.lever if self.proven is None or self.lever is None else min(self.lever, self.proven)

    def rests_since(self, last_day: int, zone: str) -> int:
        """From which day on rests count: that of its last set, or when it was given its lever after that."""
        return last_day if self.since is None else max(day_number(self.since, zone), last_day)

    def came_back(self, days: int) -> None:
        """Remember of a session that did what was asked after so many days without training what is due after it."""
        if self.lever is not None:
            self.breaks = _telling([*self.breaks, (days, self.lever)])[:MOST_BREAKS]

    @property
    def known_breaks(self) -> tuple[Break, ...] | None:
        """The breaks as rows; None without any."""
        return self.breaks or None

    def count_top(self, load: Decimal, amount: int) -> None:
        """Let a work set be the heaviest of the session, or the one with the most repetitions there, if it is."""
        top = self.session_top_load
        if top is None or load > top:
            self.session_top_load = load
            self.session_top_reps = amount
        elif amount > self.session_top_reps and load == top:
            self.session_top_reps = amount

    def move(self, lever: Decimal) -> None:
        """Give the lever another value."""
        if self.lever is None or lever > self.lever:
            self.raised = True
            self.sessions_since_raise = 0
            if self.cut_from is not None and lever >= self.cut_from:
                self.cut_from = self.amrap_lever = None
        else:
            self.amrap_lever = None
            self.breaks = _telling([(days, min(due, lever)) for days, due in self.breaks])
        self.lever = lever
        self.changed = True
        self.sessions_since_change = self.failures_in_a_row = self.failures_since_change = 0


_ALL: Final = 100
"""Percent of a session that nothing made lighter."""

_BY_TIME: Final = frozenset({Trigger.AFTER_WEEK, Trigger.BEFORE_PRESCRIPTION})

_MADE_BY_RULES: Final = tuple(name for name in Track.__struct_fields__ if name not in ("read", "opening"))


def _telling(breaks: list[Break]) -> tuple[Break, ...]:
    """The longest break, and of shorter ones those after which a higher lever was due."""
    told: list[Break] = []
    for days, lever in sorted(breaks, reverse=True):
        if not told or lever > told[-1][1]:
            told.append((days, lever))
    return tuple(told)
