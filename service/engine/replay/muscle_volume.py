"""How many hard sets a lifter's muscles got in a calendar week, the open session's included."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.domain.instants import Instant, week_number
from service.engine.replay.fact_values import Facts
from service.engine.replay.lifter_rules import LifterRules
from service.engine.replay.state import LifterState
from service.engine.replay.weekly_volume import hard_sets

_NONE: Final = Decimal(0)


class MuscleVolume:
    """Hard sets by muscle, counted when somebody asks."""

    __slots__ = ("_facts", "_rules", "_state", "asked_at")

    def __init__(self, state: LifterState, rules: LifterRules, facts: Facts) -> None:
        self._state = state
        self._rules = rules
        self._facts = facts
        self.asked_at: Instant = 0
        """The time asked about, or that of the trigger at hand; within an open session its newest set's counts."""

    def hard_sets(self, weeks_ago: int) -> Decimal:
        """Hard sets of the exercise at hand in a calendar week: of its target muscles, the one with the most."""
        muscles = self.by_muscle(weeks_ago)
        return max((muscles.get(muscle, _NONE) for muscle in self._facts.slot.exercise.target), default=_NONE)

    def by_muscle(self, weeks_ago: int = 0) -> dict[str, Decimal]:
        """Hard sets by muscle in a calendar week, those of the open session included."""
        shared = self._state.shared
        session = shared.session
        rules = self._rules
        week = week_number(session.last_at if session.open else self.asked_at, shared.time_zone) - weeks_ago
        sets = [(rules.slots_of(exercise)[0].exercise, count) for exercise, count in shared.volume.of(week).items()]
        if session.open and weeks_ago == 0:
            sets += [(rules.slot(slot).exercise, count) for slot, count in session.slots.items()]
        return hard_sets(sets)
