"""What the published rules know: exercises and programmes, and the load conventions that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from service.domain.errors import Problem
from service.domain.events import BaselineSet, EventData, SetCorrected, SetLogged
from service.domain.exercises import Exercise
from service.domain.loads import Load
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.usecases.services import Services


class Catalogue(NamedTuple):
    """Everything in the newest published rule sets, by id; ``rule_sets`` by programme."""

    rule_sets: Mapping[str, RuleSet]
    exercises: Mapping[str, Exercise]


def catalogue(services: Services) -> Catalogue:
    """The catalogue as it is published now."""
    rule_sets = {
        programme: services.rule_sets.get(digest)
        for programme, digest in sorted(services.rule_sets.published().items())
    }
    exercises: dict[str, Exercise] = {}
    for rule_set in rule_sets.values():
        exercises |= rule_set.exercises
    return Catalogue(rule_sets, exercises)


def published_schemes(services: Services) -> Mapping[str, Scheme]:
    """Every published scheme by id: also those that no programme uses, for simulations may."""
    return services.rule_sets.library().schemes


def load_problems(services: Services, data: EventData, known: Mapping[str, EventData]) -> list[Problem]:
    """Loads under nothing where the exercise's load convention knows no assistance.

    ``known`` are the lifter's events that the others act on.
    """
    return assistance_problems(lambda: catalogue(services).exercises, data, known)


def assistance_problems(
    exercises: Callable[[], Mapping[str, Exercise]], data: EventData, known: Mapping[str, EventData]
) -> list[Problem]:
    """The same by exercises that are only asked for where there is such a load.

    An exercise that they do not know is the gym's own, and may be an assisted one.
    """
    if not isinstance(data, SetLogged | SetCorrected | BaselineSet):
        return []
    loads = {name: getattr(data, name, None) for name in ("load", "one_rep_max", "training_max")}
    negative = [name for name, load in loads.items() if isinstance(load, Load) and load.value < Decimal(0)]
    if not negative:
        return []
    exercise = data.exercise
    if isinstance(data, SetCorrected) and exercise is None:
        corrected = known.get(data.corrects)
        exercise = corrected.exercise if isinstance(corrected, SetLogged) else None
    found = exercises().get(exercise or "")
    if found is None or found.load == "added":
        return []
    message = f"must not be under 0: the load of {found.id} is not added to the body weight"
    return [Problem(f"/data/{name}/value", message) for name in negative]
