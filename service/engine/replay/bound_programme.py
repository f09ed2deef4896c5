"""A rule set made ready for one lifter: slots with bound schemes and the loads their equipment can make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from operator import is_
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from service.domain.counting import Counted, Counting, counted, loading_as_counted
from service.domain.equipment import Equipment, Loading, combined, learned_loading
from service.domain.exercises import Exercise
from service.domain.loads import Unit
from service.domain.own_exercises import own_exercise
from service.engine.language.compiler import bind
from service.engine.reading.place import Basis
from service.engine.replay.asked_sets import AskedSets, as_raw, places_of
from service.engine.replay.fact_values import Facts
from service.engine.replay.habit import Habit
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import BoundScheme, RawSet, RuleList
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.programme import SchemeUse, Slot
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.triggers import Outcome, Role, Trigger

ANY_DAY: Final = -1


_NOTHING: Final = AskedSets()
"""What is asked for in a week of which a slot is not."""

_FAILURES: Final = frozenset({"history.failures_in_a_row", "history.failures_since_change"})

DEFAULT_DAY: Final = "default"
"""The day in the ids of slots that exist for whatever exercise is logged."""


class RuleSets(Protocol):
    """Where the fold finds rule sets; ``KeyError`` where there is none of that digest."""

    def __getitem__(self, digest: str, /) -> RuleSet: ...


class PlannedStep(NamedTuple):
    """The rules of one scheme for one trigger, bound."""

    scheme: str
    role: Role
    step: RuleList
    outcomes: tuple[Outcome, ...]
    bound: BoundScheme
    progression: str
    """The scheme whose lever it moves."""
    moves_load: bool
    """Whether that lever is the load itself, no training max."""
    loads_kept: frozenset[int]
    """The places of the loads that the progression keeps in its state beside the lever."""


class _Measure(msgspec.Struct, frozen=True):
    """What a slot's loads are measured by after a habit: the loads that can be made, and the basis with them."""

    habit: Habit | None
    used: tuple[Decimal, ...]
    loading: Loading
    basis: Basis


class PlannedSlot:
    """A slot with everything the fold needs at hand."""

    __slots__ = (
        "_always",
        "_asked",
        "_is_described",
        "_kind",
        "_learned",
        "adjusting",
        "after_set",
        "after_week",
        "basis",
        "before_prescription",
        "by_time",
        "counted",
        "counts_failures",
        "day",
        "exercise",
        "id",
        "keeps_sets",
        "learns",
        "loading",
        "measure",
        "prescribed_from",
        "progression",
        "progression_id",
        "remembers_breaks",
        "resting",
        "rule_set",
        "schemes",
        "slot",
        "track",
    )

    def __init__(self, rule_set: RuleSet, slot: Slot, exercise: Exercise, settings: PlanSettings, day: int) -> None:
        reads = facts_read_by(rule_set)
        self.keeps_sets = any(FACTS[name].of_sets for name in reads)
        self.learns = any(name.startswith("habit.") for name in reads)
        self.counts_failures = not reads.isdisjoint(_FAILURES)
        self.remembers_breaks = "history.breaks" in reads
        self.rule_set = rule_set
        self.slot = slot
        self.exercise = exercise
        self.day = day
        self.id = slot.id if slot.exercise is not None else f"{DEFAULT_DAY}/{exercise.id}"
        self.measure = slot.measure
        self.track = slot.track or f"{exercise.id}/{slot.progression.scheme}"
        self.counted: Counted = counted(exercise, settings.counting, settings.unit)
        equipment = combined(settings.equipment, rule_set.programme.equipment.get(self.counted.unit))
        self._kind = exercise.equipment
        self.loading: Loading = loading_as_counted(exercise.equipment, equipment, self.counted)
        self.basis = Basis(self.loading, timed=self.measure == "seconds", added=exercise.load == "added")
        self._is_described = equipment is not None
        self._learned = _Measure(None, (), self.loading, self.basis)
        overrides = settings.params.get(self.id, {})
        self.progression = self._bound(slot.progression, overrides)
        self.progression_id = self.progression.scheme.id
        deloads = [self._bound(use, overrides) for use in slot.deloads]
        self.schemes: dict[str, BoundScheme] = {bound.scheme.id: bound for bound in (self.progression, *deloads)}
        self.adjusting = tuple(bound for bound in deloads if bound.scheme.adjust is not None)
        self.prescribed_from = self.progression.prescribed_from
        self._asked = AskedSets()
        self._always = {trigger: self._steps(trigger) for trigger in Trigger}
        self.after_set = self._always[Trigger.AFTER_SET]
        self.after_week = self._always[Trigger.AFTER_WEEK]
        self.before_prescription = self._always[Trigger.BEFORE_PRESCRIPTION]
        self.by_time = bool(self.after_week or self.before_prescription or self.adjusting)
        self.resting = {
            trigger: tuple(step for step in steps if step.role == "deload") for trigger, steps in self._always.items()
        }
        """The steps of a session that a deload adjusts: a session made easier proves nothing to a progression."""

    def rounds_until_its_week(self, rounds: int) -> int:
        """How many rounds after number ``rounds`` (from 0) its next week is; 0 where it is of every week."""
        weeks, cycle = self.slot.weeks, self.rule_set.programme.weeks
        return 0 if weeks is None else next(more for more in range(cycle) if (rounds + more) % cycle + 1 in weeks)

    def loading_for(self, track: Track) -> Loading:
        """The loads that can be made for a track: where nobody described the equipment, those used before too."""
        known = self._learned
        return known.loading if known.habit is track.habit else self._measure(track.habit).loading

    def basis_for(self, track: Track) -> Basis:
        """What a track's loads and amounts are measured by, the lifter's body weight left out."""
        if not self.learns:
            return self.basis
        known = self._learned
        return known.basis if known.habit is track.habit else self._measure(track.habit).basis

    def _measure(self, habit: Habit) -> _Measure:
        """What loads are measured by, with those that a habit shows; asked for again several times a set."""
        known = self._learned
        if known.habit is habit or self._is_described:
            return known
        used = habit.learned_loads
        if used == known.used:  # as after most sessions; to look them up by their hash takes far longer
            self._learned = known = _Measure(habit, used, known.loading, known.basis)
            return known
        made = learned_loading(self.loading, used, self._kind, self.counted.working) if used else self.loading
        self._learned = known = _Measure(habit, used, made, self.basis._replace(loads=made))
        return known

    def session_steps(self, trigger: Trigger, track: Track, *, is_judged: bool = True) -> tuple[PlannedStep, ...]:
        """The steps of a trigger in a session, which a deload may have adjusted; only a deload's if not judged."""
        return self._always[trigger] if track.adjusted is None and is_judged else self.resting[trigger]

    def asked(self, facts: Facts, track: Track) -> AskedSets:
        """The work sets of a session as a track stands; the facts are those of this slot."""
        if self.slot.weeks is not None and facts.week_of_programme not in self.slot.weeks:
            return _NOTHING
        known, own, reads = self._asked, track.own[self.progression_id], self.prescribed_from
        if (
            known.lever is track.lever
            and known.own is own
            and known.habit is track.habit
            and known.adjusted is track.adjusted
            and (reads is None or all(map(is_, known.read, reads(facts, track))))
        ):
            return known
        sets = self._left(as_raw(self.progression.prescribed(facts, track, own)), track)
        if self.measure == "seconds" and self.progression.scheme.measure is None:
            sets = tuple(each._replace(reps=None, seconds=each.reps) for each in sets)
        places = places_of(sets, self.loading_for(track))
        read = () if reads is None else reads(facts, track)
        known = self._asked = AskedSets(track.lever, own, track.habit, track.adjusted, read, sets, places)
        return known

    def _left(self, sets: tuple[RawSet, ...], track: Track) -> tuple[RawSet, ...]:
        """What a deload leaves of the progression's sets: so many percent of them, rounded up."""
        if track.adjusted is None or not self.adjusting:
            return sets
        _, load_left, sets_left = track.adjusted
        left = sets[: int((len(sets) * sets_left / 100).to_integral_value(ROUND_CEILING))]
        return tuple(
            each._replace(
                kind="work" if each.kind == "amrap" else each.kind,
                load=None if each.load is None else each.load - abs(each.load) * (100 - load_left) / 100,
            )
            for each in left
        )

    def _steps(self, trigger: Trigger) -> tuple[PlannedStep, ...]:
        return tuple(self._planned(bound, trigger) for bound in self.schemes.values() if trigger in bound.steps)

    def _planned(self, bound: BoundScheme, trigger: Trigger) -> PlannedStep:
        scheme, progression = bound.scheme, self.progression.scheme
        outcomes = tuple(rule.outcome for rule in scheme.rules[trigger])
        loads = frozenset(place for place, variable in enumerate(progression.state) if variable.type == "load")
        steps, of_load = bound.steps[trigger], progression.lever == "load"
        return PlannedStep(scheme.id, scheme.role, steps, outcomes, bound, progression.id, of_load, loads)

    def _bound(self, use: SchemeUse, overrides: Mapping[str, Any]) -> BoundScheme:
        scheme = self.rule_set.schemes[use.scheme]
        own = {name: value for name, value in overrides.items() if name in scheme.parameters}
        return bind(scheme, {**use.params, **own}, self.exercise, self.counted.working, self.counted.unit)


def facts_read_by(rule_set: RuleSet) -> frozenset[str]:
    """The names of the facts that any scheme of a rule set reads: what nobody reads is not kept."""
    compiled = [scheme.compiled for scheme in rule_set.schemes.values()]
    return frozenset[str]().union(*(each.reads for each in compiled if each is not None))


class PlanSettings(NamedTuple):
    """What of a lifter shapes a plan: working unit, equipment, the programme's parameters by slot, how loads count."""

    unit: Unit
    equipment: Equipment | None
    params: Mapping[str, Mapping[str, Any]]
    counting: Mapping[str, Counting] = {}


class Plan:
    """A rule set for lifters of the same settings; slots are bound when first needed."""

    def __init__(self, rule_set: RuleSet, settings: PlanSettings) -> None:
        self.rule_set = rule_set
        self.settings = settings
        self.days = len(rule_set.programme.days)
        self._days = {day.id: number for number, day in enumerate(rule_set.programme.days)}
        self._of_day: dict[int, tuple[PlannedSlot, ...]] = {}
        self._bound: dict[str, PlannedSlot] = {}
        self._exercises: dict[str, tuple[PlannedSlot, ...]] = {}

    def of_exercise(self, exercise: str, *, timed: bool | None) -> tuple[PlannedSlot, ...]:
        """The slots of an exercise in programme order; one made for it in a programme for any exercise.

        ``timed`` says whether the lifter measures it in seconds; None leaves that to the catalogue.
        """
        if self.rule_set.programme.any:
            if timed is None:
                catalogued = self.rule_set.exercises.get(exercise)
                timed = catalogued is not None and catalogued.measure == "seconds"
            return (self._any(exercise, "seconds" if timed else "reps"),)
        known = self._exercises.get(exercise)
        if known is None:
            known = self._exercises[exercise] = tuple(slot for slot in self.slots() if slot.exercise.id == exercise)
        return known

    def slot(self, slot_id: str) -> PlannedSlot | None:
        """The slot of that id in one of the programme's days."""
        planned = self._bound.get(slot_id)
        if planned is None:
            day = self._days.get(slot_id.partition("/")[0])
            slots = () if day is None else self.of_day(day)
            planned = next((each for each in slots if each.id == slot_id), None)
        return planned

    def check(self) -> None:
        """Bind every slot that there is or that the parameters name; `ValueError` for a parameter no scheme takes."""
        self.slots()
        for slot_id in self.settings.params:
            for slot in self.rule_set.programme.any:
                self._any(slot_id.partition("/")[2], slot.measure)

    def slots(self) -> tuple[PlannedSlot, ...]:
        """The slots of all days, in order."""
        return tuple(slot for day in range(self.days) for slot in self.of_day(day))

    def of_day(self, day: int) -> tuple[PlannedSlot, ...]:
        """The slots of a day (counted from 0), in order."""
        known = self._of_day.get(day)
        if known is None:
            slots = self.rule_set.programme.days[day].slots
            known = self._of_day[day] = tuple(self._planned(slot, day) for slot in slots)
        return known

    def day_like(self, other: Plan, day: int) -> int:
        """The day of the same id as another plan's; the first, where there is none."""
        days = other.rule_set.programme.days
        return self._days.get(days[day].id, 0) if days else 0

    def _planned(self, slot: Slot, day: int) -> PlannedSlot:
        planned = self._bound.get(slot.id)
        if planned is None:
            exercise = self.rule_set.exercises[slot.exercise or ""]
            planned = self._bound[slot.id] = PlannedSlot(self.rule_set, slot, exercise, self.settings, day)
        return planned

    def _any(self, exercise_id: str, measure: str) -> PlannedSlot:
        key = f"{DEFAULT_DAY}/{exercise_id}/{measure}"
        planned = self._bound.get(key)
        if planned is None:
            slot = next(slot for slot in self.rule_set.programme.any if slot.measure == measure)
            exercise = self.rule_set.exercises.get(exercise_id) or own_exercise(exercise_id)
            planned = self._bound[key] = PlannedSlot(self.rule_set, slot, exercise, self.settings, ANY_DAY)
        return planned


class Plans:
    """The plans lately used, so that lifters of like settings share one; bounded."""

    def __init__(self, rule_sets: RuleSets, size: int = 512) -> None:
        self._rule_sets = rule_sets
        self._size = size
        self._plans: OrderedDict[object, Plan] = OrderedDict()

    def rule_set(self, digest: str) -> RuleSet:
        """The rule set of a digest; ``KeyError`` where there is none."""
        return self._rule_sets[digest]

    def get(self, digest: str, settings: PlanSettings) -> Plan:
        """The plan of a rule set; ``KeyError`` where the digest is unknown."""
        written = (repr(each) if each else "" for each in (settings.params, settings.counting))
        key = (digest, settings.unit, settings.equipment, *written)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = Plan(self._rule_sets[digest], settings)
            if len(self._plans) > self._size:
                self._plans.popitem(last=False)
        return plan
