"""What the published rules know: exercises, schemes and programmes; listed, searched and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from service.domain.errors import InvalidInput, NotFound, meant
from service.domain.exercises import Exercise
from service.domain.gym_programmes import GymProgramme
from service.engine.ruleset.known_exercises import muscle_meant_by
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.search import meant_among, rank
from service.engine.ruleset.suggestions import nearest
from service.usecases.log.exercise_ids import published_names
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.rules.suitable_programmes import WHATEVER, Suitable
from service.usecases.services import Services

Item = TypeVar("Item")


_MOST_SLOTS: Final = 1000
"""More than programmes have of any exercise; a search tells none of more apart."""


class Catalogue(NamedTuple):
    """Everything in the newest published rule sets, by id; ``rule_sets`` by programme."""

    rule_sets: Mapping[str, RuleSet]
    exercises: Mapping[str, Exercise]


class Found(NamedTuple, Generic[Item]):
    """Something that a search has found: the lower the rank, the better it fits."""

    rank: int
    id: str
    item: Item


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


def find_exercises(
    services: Services, q: str | None = None, muscle: str | None = None, equipment: str | None = None
) -> list[Found[Exercise]]:
    """The exercises that words fit, whose target is a muscle, and that take an equipment; the best first, then by id.

    Of those that fit words alike, the ones that the library describes at length come first, then those that most
    slots of programmes have. Raises `InvalidInput` for a muscle or an equipment that no exercise names.
    """
    rule_sets, exercises = catalogue(services)
    every = exercises.values()
    _must_be_known("muscle", muscle, {target for each in every for target in each.target}, muscle_meant_by)
    _must_be_known("equipment", equipment, {each.equipment for each in every}, nearest)
    asked_for = {
        name: each
        for name, each in exercises.items()
        if muscle in (None, *each.target) and equipment in (None, each.equipment)
    }
    return ranked_exercises(asked_for, rule_sets.values(), q)


def ranked_exercises(
    exercises: Mapping[str, Exercise], rule_sets: Iterable[RuleSet], q: str | None
) -> list[Found[Exercise]]:
    """Those of the exercises that words fit, in the order that `find_exercises` has."""
    found = _found(exercises, q, lambda each: (each.id, each.title, *each.aliases))
    if q is None:
        return found
    slots = Counter(slot.exercise for rule_set in rule_sets for slot in rule_set.programme.slots)
    return sorted(
        Found((2 * fit + (not each.cues)) * _MOST_SLOTS + max(_MOST_SLOTS - 1 - slots[name], 0), name, each)
        for fit, name, each in found
    )


def find_schemes(services: Services, q: str | None = None) -> list[Found[Scheme]]:
    """The schemes that words fit, the best first, then by id; also those that no programme uses."""
    return _found(services.rule_sets.library().schemes, q, lambda each: (each.id, each.title))


def find_programmes(
    services: Services, q: str | None = None, suitable: Suitable = WHATEVER, *, gym: str | None = None
) -> list[Found[RuleSet]]:
    """The programmes that words fit and that suit, each in its newest published version; the best first, then by id.

    They are the library's and, of a gym, its own that are not archived.
    """
    newest = GymRuleSets(services, gym).published()
    rule_sets = {name: services.rule_sets.get(digest) for name, digest in sorted(newest.items())}
    programmes = {name: each for name, each in rule_sets.items() if suitable.includes(each)}
    return _found(programmes, q, lambda each: (each.programme.id, each.programme.title))


def published_exercise(services: Services, exercise: str) -> Exercise:
    """An exercise of the catalogue, by its id or an alias. Raises `NotFound`."""
    exercises = catalogue(services).exercises
    known = published_names(services)
    found = exercises.get(exercise) or exercises.get(known.id_of(exercise))
    if found is None:
        raise NotFound(f"no catalogue knows {exercise!r}", known.meant_by(exercise))
    return found


def published_scheme(services: Services, scheme: str) -> Scheme:
    """A published scheme. Raises `NotFound`."""
    return _one("scheme", scheme, services.rule_sets.library().schemes)


def published_programme(services: Services, programme: str, *, gym: str | None = None) -> RuleSet:
    """A programme in its newest published version, of a gym its own first, archived or not. Raises `NotFound`."""
    own = None if gym is None else services.gym_programmes.find(gym, programme)
    if own is not None:
        return services.rule_sets.get(own.digest)
    newest = GymRuleSets(services, gym).published()
    return services.rule_sets.get(_one("programme", programme, newest))


def own_programmes(services: Services, gym: str) -> dict[str, GymProgramme]:
    """The programmes of a gym's own by id, those that were archived included."""
    return services.gym_programmes.of(gym)


def seen_rule_set(services: Services, digest: str, *, gym: str) -> RuleSet:
    """A rule set that a gym may see. Raises `NotFound`."""
    return GymRuleSets(services, gym).get(digest)


def _one(kind: str, name: str, items: Mapping[str, Item]) -> Item:
    if name not in items:
        near = meant_among(name, items)
        raise NotFound(f"no {kind} {name!r} is published{'' if near else f'; GET /v1/{kind}s lists them'}", near)
    return items[name]


def _found(items: Mapping[str, Item], q: str | None, names: Callable[[Item], Iterable[str]]) -> list[Found[Item]]:
    if q is None:
        return [Found(0, name, items[name]) for name in sorted(items)]
    fits = ((rank(q, names(item)), name, item) for name, item in items.items())
    return sorted((Found(fit, name, item) for fit, name, item in fits if fit is not None), key=lambda each: each[:2])


def _must_be_known(
    parameter: str, said: str | None, known: Collection[str], meant_by: Callable[[str, Collection[str]], str]
) -> None:
    if said is not None and said not in known:
        others = f"there are {', '.join(sorted(known))}"
        raise InvalidInput(meant(f"/{parameter}", f"no exercise names {said!r}", meant_by(said, known), others))
