"""Where a lifter stands: the rules that apply to them, the slots an exercise can go to, the tracks those feed."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Self

from service.domain.instants import Instant, week_number
from service.domain.loads import Load, Unit
from service.engine.replay.bound_programme import ANY_DAY, DEFAULT_DAY, Plan, PlannedSlot, Plans, Settings
from service.engine.replay.fact_values import Facts
from service.engine.replay.state import Assignment, LifterState, Memory, Track, Value
from service.engine.replay.weekly_volume import hard_sets
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.types import Type

_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)

_KEPT_AS: Final[dict[Type, type]] = {"bool": bool, "int": int, "range": tuple}
"""What the values of a scheme's state are; those of all other types are decimals."""


class Standing:
    """A state under the rule sets that it names, which ``plans`` finds."""

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self.state = state
        self.plans = plans
        self.facts = self._new_facts()
        self.asked_at: Instant = 0
        """The time asked about, or that of the trigger at hand; within an open session its newest set's counts."""
        self._plan: Plan | None = None
        self._default: Plan | None = None
        self.settle()

    def duplicate(self) -> Self:
        """One that stands where this one does, over a state of its own."""
        other = copy.copy(self)
        other.state = self.state.copy()
        other.facts = other._new_facts()  # noqa: SLF001 - its own class
        other.settle()
        return other

    def _new_facts(self) -> Facts:
        facts = Facts()
        facts.hard_sets = self.hard_sets
        facts.shared = self.state.shared
        return facts

    def settle(self) -> None:
        """Look the plans up again, after anything that shapes them changed."""
        shared = self.state.shared
        self.facts.programme_week = shared.rounds
        self._plan = self._default = None
        if shared.unit is None:
            return
        if shared.default_digest is not None:
            self._default = self.plans.get(shared.default_digest, Settings(shared.unit, shared.equipment, {}))
        if shared.assignment is not None:
            settings = Settings(shared.unit, shared.equipment, shared.assignment.params)
            self._plan = self.plans.get(shared.assignment.digest, settings)

    def take_up(self, assignment: Assignment | None) -> None:
        """Go on under a programme, or none, from its first day; under a new version of the same one, from today's."""
        shared = self.state.shared
        before, plan = shared.assignment, self._plan
        shared.assignment = assignment
        self.settle()
        goes_on = before is not None and assignment is not None and before.programme == assignment.programme
        shared.day = self._plan.day_like(plan, shared.day) if goes_on and plan and self._plan else 0
        shared.rounds = self.facts.programme_week = shared.rounds if goes_on else 0

    def assume(self, unit: Unit, default_digest: str) -> None:
        """Fill in what no event has said: the unit before the first load, the default rules before the first set."""
        shared = self.state.shared
        shared.unit = shared.unit or unit
        shared.default_digest = shared.default_digest or default_digest
        self.settle()

    def in_working_unit(self, load: Load) -> Decimal:
        """The load's value in the working unit, which the first load of all decides where no profile does."""
        shared = self.state.shared
        if shared.unit is None:
            shared.unit = load.unit
            self.settle()
        return load.in_unit(shared.unit)

    # Exercises and slots

    @property
    def days(self) -> int:
        """How many days the lifter's programme has; 0 without one, or for one of any exercise."""
        return 0 if self._plan is None else self._plan.days

    def knows(self, exercise: str) -> bool:
        """Whether the programme, the catalogue or the log knows an exercise."""
        plans = (plan for plan in (self._plan, self._default) if plan is not None)
        return self.state.exercises.get(exercise) is not None or any(
            exercise in plan.rule_set.exercises for plan in plans
        )

    def slots_of(self, exercise: str) -> tuple[PlannedSlot, ...]:
        """The slots that an exercise can go to, in programme order."""
        timed = self.memory(exercise).timed
        own = () if self._plan is None else self._plan.of_exercise(exercise, timed=timed)
        return own or (self._default_slot(exercise),)

    def slots_of_day(self) -> tuple[PlannedSlot, ...]:
        """The slots of the current day; without days, one for every exercise that was ever logged."""
        if self._plan is not None and self._plan.days:
            return self._plan.of_day(self.state.shared.day)
        return tuple(slot for exercise in self.state.exercises.names() for slot in self.slots_of(exercise))

    def every_slot_id(self) -> list[str]:
        """The programme's slots in order, then one for every exercise logged outside it."""
        own = [] if self._plan is None else [slot.id for slot in self._plan.slots()]
        logged = (slot.id for exercise in self.state.exercises.names() for slot in self.slots_of(exercise))
        return list(dict.fromkeys([*own, *logged]))

    def slot(self, slot_id: str) -> PlannedSlot:
        """The slot of an id; ``LookupError`` where this lifter's rules have none."""
        own = None if self._plan is None else self._plan.slot(slot_id)
        if own is not None:
            return own
        day, _, exercise = slot_id.partition("/")
        if day != DEFAULT_DAY:
            raise LookupError(slot_id)
        return self._default_slot(exercise)

    def _default_slot(self, exercise: str) -> PlannedSlot:
        """The slot of an exercise outside any programme."""
        plan = self._plan if self._plan is not None and not self._plan.days else self._default
        if plan is None:
            raise LookupError("no default rule set was pinned for this lifter, and no load was ever logged")
        return plan.of_exercise(exercise, timed=self.memory(exercise).timed)[0]

    def due_in_day(self, candidates: Iterable[PlannedSlot]) -> PlannedSlot | None:
        """The first of the slots that belongs to the current day (or to any) and has sets left to do."""
        today = (self.state.shared.day, ANY_DAY)
        return next((slot for slot in candidates if slot.day in today and not self.finished(slot)), None)

    def finished(self, slot: PlannedSlot) -> bool:
        """Whether the open session has done all of a slot's sets."""
        session = self.state.shared.session
        done = session.slots.get(slot.id, 0) if session.open else 0
        return self.raw_set(slot, self.track(slot), done) is None

    def raw_set(self, slot: PlannedSlot, track: Track, number: int) -> RawSet | None:
        """The slot's set ``number`` (from 0) before rounding, None after the last; without a lever, without a load."""
        own = track.own[slot.progression.scheme.id]
        self.look_at(slot)
        if track.lever is not None:
            raw = slot.prescribed(self.facts, track, own, number)
            return None if raw is None else RawSet(*raw)
        raw = slot.prescribed(self.facts, Track(track.exercise, lever=_ONE), own, number)
        return None if raw is None else RawSet(*raw)._replace(load=None)

    # Tracks

    def memory(self, exercise: str) -> Memory:
        """What is remembered of an exercise; from now on something is."""
        return self.state.exercises.get(exercise) or self.state.exercises.put(exercise, Memory())

    def track(self, slot: PlannedSlot) -> Track:
        """The track that a slot feeds, with a state for each of its schemes.

        A new one starts from the baseline, else from the exercise's last lever.
        """
        track = self.state.tracks.get(slot.track)
        if track is None:
            track = self.state.tracks.put(slot.track, Track(slot.exercise.id))
            lever = self.lever_from_baseline(slot, track)
            track.lever = self.memory(slot.exercise.id).lever if lever is None else lever
        self.look_at(slot)
        for scheme, bound in slot.schemes.items():
            if scheme not in track.own:
                track.own[scheme] = bound.initial(self.facts, track)
        return track

    def lever_from_baseline(self, slot: PlannedSlot, track: Track) -> Decimal | None:
        """Where the newest baseline of the exercise starts the slot's track; None without one."""
        self.look_at(slot)
        return slot.progression.initial_lever(self.facts, track)

    def look_at(self, slot: PlannedSlot) -> None:
        """Make the facts that any rule may read those of a slot and its exercise."""
        self.facts.slot = slot
        self.facts.memory = self.memory(slot.exercise.id)
        self.facts.body_weight = self.state.shared.body_weight

    def hard_sets(self, weeks_ago: int) -> Decimal:
        """Hard sets of the exercise at hand in a calendar week: of its target muscles, the one with the most."""
        muscles = self.volume(weeks_ago)
        return max((muscles.get(muscle, _NONE) for muscle in self.facts.slot.exercise.target), default=_NONE)

    def volume(self, weeks_ago: int = 0) -> dict[str, Decimal]:
        """Hard sets by muscle in a calendar week, those of the open session included."""
        shared = self.state.shared
        session = shared.session
        zone = shared.time_zone
        week = week_number(session.last_at if session.open else self.asked_at, zone) - weeks_ago
        sets = [(self.slots_of(exercise)[0].exercise, count) for exercise, count in shared.volume.of(week).items()]
        if session.open and weeks_ago == 0:
            sets += [(self.slot(slot).exercise, count) for slot, count in session.slots.items()]
        return hard_sets(sets)

    def standing_tracks(self) -> list[tuple[PlannedSlot, Track]]:
        """Every track that exists under the present rules, with a slot that feeds it."""
        by_track = {slot.track: slot for slot in map(self.slot, reversed(self.every_slot_id()))}
        known = ((by_track[key], self.state.tracks.get(key)) for key in sorted(by_track))
        return [(slot, track) for slot, track in known if track is not None]


def is_state_of(scheme: Scheme, values: tuple[Value, ...]) -> bool:
    """Whether a scheme can go on from the values that a scheme of its name has kept, perhaps in another version."""
    kinds = [_KEPT_AS.get(variable.type, Decimal) for variable in scheme.state]
    return [type(value) for value in values] == kinds
