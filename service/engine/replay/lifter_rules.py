"""Which rules apply to a lifter, and which slots those have: for an exercise, for a day, by id."""

from __future__ import annotations

from service.engine.replay.bound_programme import DEFAULT_DAY, Plan, PlannedSlot, Plans, PlanSettings
from service.engine.replay.state import LifterState


class LifterRules:
    """The rule sets that a state names, as plans: ``plan`` is the programme's, beside it there is the default one.

    Nothing is known before `look_up`.
    """

    __slots__ = ("_default", "_plans", "_state", "plan")

    def __init__(self, state: LifterState, plans: Plans) -> None:
        self._state = state
        self._plans = plans
        self.plan: Plan | None = None
        self._default: Plan | None = None

    def look_up(self) -> None:
        """Look the plans up, at the beginning and after anything that shapes them has changed."""
        shared = self._state.shared
        self.plan = self._default = None
        if shared.unit is None:
            return
        if shared.default_digest is not None:
            settings = PlanSettings(shared.unit, shared.equipment, {}, shared.counting)
            self._default = self._plans.get(shared.default_digest, settings)
        if shared.assignment is not None:
            settings = PlanSettings(shared.unit, shared.equipment, shared.assignment.params, shared.counting)
            self.plan = self._plans.get(shared.assignment.digest, settings)

    @property
    def days(self) -> int:
        """How many days the lifter's programme has; 0 without one, or for one of any exercise."""
        return 0 if self.plan is None else self.plan.days

    def knows(self, exercise: str) -> bool:
        """Whether the programme, the catalogue or the log knows an exercise."""
        plans = (plan for plan in (self.plan, self._default) if plan is not None)
        return self._state.exercises.get(exercise) is not None or any(
            exercise in plan.rule_set.exercises for plan in plans
        )

    def slots_of(self, exercise: str) -> tuple[PlannedSlot, ...]:
        """The slots that an exercise can go to, in programme order; at least one."""
        timed = self._state.memory(exercise).timed
        own = () if self.plan is None else self.plan.of_exercise(exercise, timed=timed)
        return own or (self.slot_outside(exercise),)

    def slots_of_day(self) -> tuple[PlannedSlot, ...]:
        """The slots of the current day; without days, one for every exercise that was ever logged."""
        if self.plan is not None and self.plan.days:
            return self.plan.of_day(self._state.shared.day)
        return tuple(slot for exercise in self._state.exercises.names() for slot in self.slots_of(exercise))

    def every_slot_id(self) -> list[str]:
        """The programme's slots in order, then one for every exercise logged outside it."""
        own = [] if self.plan is None else [slot.id for slot in self.plan.slots()]
        logged = (slot.id for exercise in self._state.exercises.names() for slot in self.slots_of(exercise))
        return list(dict.fromkeys([*own, *logged]))

    def first_of_track(self, slot: PlannedSlot) -> PlannedSlot:
        """The first slot, in programme order, that feeds the track of a slot."""
        return next((each for each in self.slots_of(slot.exercise.id) if each.track == slot.track), slot)

    def slot(self, slot_id: str) -> PlannedSlot:
        """The slot of an id; ``LookupError`` where this lifter's rules have none."""
        own = None if self.plan is None else self.plan.slot(slot_id)
        if own is not None:
            return own
        day, _, exercise = slot_id.partition("/")
        if day != DEFAULT_DAY:
            raise LookupError(slot_id)
        return self.slot_outside(exercise)

    def slot_outside(self, exercise: str) -> PlannedSlot:
        """The slot of an exercise outside any programme."""
        plan = self.plan if self.plan is not None and not self.plan.days else self._default
        if plan is None:
            raise LookupError("no default rule set was pinned for this lifter, and no load was ever logged")
        return plan.of_exercise(exercise, timed=self._state.memory(exercise).timed)[0]
