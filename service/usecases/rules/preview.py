"""What a programme asks for week by week, done as prescribed: to be held against the book that it is from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.errors import InvalidInput, Problem
from service.domain.events import BaselineSet, Event, EventData, ProfileChanged, ProgrammeAssigned
from service.domain.instants import SECOND
from service.domain.loads import Load, Unit
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.state import LifterState
from service.engine.ruleset.known_exercises import KnownExercises
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_lifter import body_weight
from service.engine.simulate.made_up_training import MONDAY, NoDays
from service.engine.simulate.sessions_ahead import RoundAhead, rounds_ahead
from service.engine.simulate.simulation import LIFTER
from service.engine.version import ENGINE_VERSION
from service.usecases.log.check_assignment import Assignable
from service.usecases.rules.simulate import Beside

_HALF: Final = Decimal("0.5")
"""Of the one-rep max for all, where a slot begins with what the lifter chooses."""


class Strength(NamedTuple):
    """One-rep maxes in ``unit``: of exercises by name, and of every other one."""

    unit: Unit
    others: Decimal
    by_exercise: Mapping[str, Decimal]


def preview(rule_set: RuleSet, others: Assignable, strength: Strength, weeks: int) -> list[RoundAhead]:
    """The sessions of the first weeks, each with every set as it is due when the session begins.

    Raises `NoDays` for a programme that names no exercises, and `InvalidInput` for an exercise that it has not.
    """
    programme = rule_set.programme
    if not programme.days:
        raise NoDays(f"{programme.id} serves whatever exercise is logged, so there are no weeks of it to show.")
    used = dict.fromkeys(slot.exercise for slot in programme.slots if slot.exercise is not None)
    for name in strength.by_exercise:
        if name not in used:
            every = KnownExercises({each: rule_set.exercises[each] for each in used})
            problem = f"{programme.id} has no exercise {name}"
            raise InvalidInput(Problem(f"/one_rep_max/{name}", problem, every.meant_by(name)))
    known = Beside(rule_set, others)
    state = LifterState(ENGINE_VERSION)
    state.shared.unit = strength.unit
    state.shared.default_digest = known.default_digest()
    fold = Fold(state, Plans(known))
    told: list[EventData] = [
        ProgrammeAssigned(programme.id, rule_set.digest),
        ProfileChanged(unit=strength.unit, body_weight=Load(body_weight(strength.unit), strength.unit)),
    ]
    told += [
        BaselineSet(name, one_rep_max=Load(strength.by_exercise.get(name, strength.others), strength.unit))
        for name in used
        if rule_set.exercises[name].measure == "reps"
    ]
    for version, data in enumerate(told, 1):
        at = MONDAY - (len(told) - version) * SECOND
        fold.apply_all([(version, Event(f"told-{version}", data.schema_version, at, at, "preview", data))])
        state.shared.version = version
    chosen = (strength.others * _HALF).quantize(Decimal(1))
    return rounds_ahead(fold, LIFTER, MONDAY, weeks, Load(chosen, strength.unit))
