"""What the published rules know: exercises, schemes and programmes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.exercises import Exercise
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
