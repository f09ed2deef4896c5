"""Whether a one-off load can be lifted at all: none is taken off a bar, and a bar weighs what it weighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.domain.equipment import HOUSE_BAR, combined, loading
from service.domain.events import Overridden, ProfileChanged
from service.domain.exercises import Exercise
from service.domain.loads import Unit
from service.engine.replay.bound_programme import DEFAULT_DAY
from service.engine.ruleset.known_exercises import KnownExercises
from service.engine.ruleset.rule_set import RuleSet

_BARS: Final = frozenset({"barbell", "ez-bar"})


def may_be_under_a_bar(data: Overridden) -> bool:
    """Whether a load is less than the heaviest bar that is usual: whose it is, what the lifter said must tell."""
    return 0 <= data.load.in_unit("kg") < HOUSE_BAR["kg"] + 1


def not_loadable(
    rule_set: RuleSet | None, known: KnownExercises, data: Overridden, profile: Sequence[ProfileChanged]
) -> str | None:
    """Why a load of an override cannot be, where it cannot; ``profile`` is what the lifter said of themselves before.

    Whoever counts loads in their own way, without the bar, say, is believed.
    """
    exercise = _exercise(rule_set, known, data.slot)
    if exercise is None or exercise.load == "added":
        return None
    if data.load.value < 0:
        return f"{data.load}: the load of {exercise.id} is not added to the body weight, and nothing under 0 is lifted"
    counted = {name for each in profile for name in each.counting or ()}
    if exercise.equipment not in _BARS or counted & {exercise.id, exercise.equipment}:
        return None
    own = next((each.equipment for each in reversed(profile) if each.equipment is not None), None)
    unit: Unit = data.load.unit
    equipment = combined(own, None if rule_set is None else rule_set.programme.equipment.get(unit))
    below, lightest = loading(exercise.equipment, equipment, unit).neighbours(data.load.value)
    if below is not None or lightest is None:
        return None
    return f"{data.load} is less than what {exercise.id} is done with: {lightest.normalize():f} {unit} is asked for"


def _exercise(rule_set: RuleSet | None, known: KnownExercises, slot: str) -> Exercise | None:
    day, _, outside = slot.partition("/")
    if day == DEFAULT_DAY:
        return known.by_id.get(outside)
    slots = [] if rule_set is None else [each for day in rule_set.programme.days for each in day.slots]
    named = next((each.exercise for each in slots if each.id == slot), None)
    return None if rule_set is None or named is None else rule_set.exercises.get(named)
