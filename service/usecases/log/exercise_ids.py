"""Exercises by their ids: an event that names one by an alias is logged as if it had named the id.

This is decided once, when the event is appended, by the catalogue as it is published then. So an alias that is added to
the library later changes nothing that was logged: what was an exercise of the gym's own stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from service.domain.counting import Counting
from service.domain.errors import NotFound, Problem, pointer
from service.domain.events import EventData, ProfileChanged, SetLogged
from service.engine.replay.bound_programme import DEFAULT_DAY
from service.engine.ruleset.known_exercises import KnownExercises
from service.usecases.services import Services


def published_names(services: Services) -> KnownExercises:
    """The exercises of the catalogue as it is published now."""
    return services.rule_sets.known_exercises(services.default_digest())


def described_by_gym(services: Services, gym: str) -> frozenset[str]:
    """The exercises that the programmes which a gym published itself describe."""
    own = services.gym_programmes.of(gym).values()
    return frozenset(chain.from_iterable(services.rule_sets.get(programme.digest).exercises for programme in own))


def own_or_published(services: Services, knows: Callable[[str], bool], name: str) -> str:
    """The id of an exercise that is asked for: a lifter's own of that name, or the one that has it as an alias."""
    return name if knows(name) else published_names(services).id_of(name)


def unknown_exercise(services: Services, name: str) -> NotFound:
    """What to say of an exercise that is asked for and that neither catalogue nor lifter knows."""
    why = f"neither the catalogue nor this lifter's log knows an exercise {name!r}"
    return NotFound(why, published_names(services).meant_by(name))


def with_ids(known: KnownExercises, data: EventData) -> tuple[EventData, list[Problem]]:
    """The event's data with the ids of all exercises that it names, and what is wrong with it then."""
    match data:
        case SetLogged(exercise=exercise, slot=None) if exercise in known.by_id:
            return data, []  # nearly every event there is
        case ProfileChanged(counting=dict() as counting):
            return _counted(known, data, counting)
        case _:
            said = {name: value for name, value in _named(known, data) if value != getattr(data, name)}
            return msgspec.structs.replace(data, **said) if said else data, []


def _named(known: KnownExercises, data: EventData) -> Iterator[tuple[str, object]]:
    """The fields in which an event of any type names exercises, with their ids."""
    exercise, slot, slots = (getattr(data, name, None) for name in ("exercise", "slot", "slots"))
    if exercise is not None:
        yield "exercise", known.id_of(exercise)
    if slot is not None:
        yield "slot", slot_id(known, slot)
    if slots is not None:
        yield "slots", tuple(sorted({slot_id(known, each) for each in slots}))


def slot_id(known: KnownExercises, slot: str) -> str:
    """The id of a slot: that of an exercise outside a programme holds the exercise's."""
    exercise = exercise_outside(slot)
    return f"{DEFAULT_DAY}/{known.id_of(exercise)}" if exercise else slot


def exercise_outside(slot: str) -> str:
    """The exercise that a slot outside any programme is for; empty for another slot."""
    day, _, exercise = slot.partition("/")
    return exercise if day == DEFAULT_DAY else ""


def _counted(
    known: KnownExercises, data: ProfileChanged, counting: dict[str, Counting]
) -> tuple[ProfileChanged, list[Problem]]:
    ids = {name: name if name in known.equipment else known.id_of(name) for name in counting}
    twice = [name for name, exercise in ids.items() if name != exercise and list(ids.values()).count(exercise) > 1]
    if twice:
        return data, [Problem(pointer("data", "counting", name), f"is {ids[name]}, named twice") for name in twice]
    if all(name == exercise for name, exercise in ids.items()):
        return data, []
    return msgspec.structs.replace(data, counting={ids[name]: said for name, said in counting.items()}), []
