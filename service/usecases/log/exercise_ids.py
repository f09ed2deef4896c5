"""Exercises by their ids: an event that names one by an alias is logged as if it had named the id.

This is decided once, when the event is appended, by the catalogue as it is published then. So an alias that is added to
the library later changes nothing that was logged: what was an exercise of the gym's own stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from service.domain.counting import Counting
from service.domain.errors import NotFound, Problem, pointer
from service.domain.events import (
    BaselineSet,
    EventData,
    LifterNoted,
    ProfileChanged,
    SetCorrected,
    SetLogged,
)
from service.engine.replay.bound_programme import DEFAULT_DAY
from service.engine.ruleset.known_exercises import KnownExercises
from service.usecases.services import Services

Data = TypeVar("Data", bound=SetLogged | SetCorrected | BaselineSet | LifterNoted)


def published_names(services: Services) -> KnownExercises:
    """The exercises of the catalogue as it is published now."""
    return services.rule_sets.known_exercises(services.default_digest())


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
        case SetLogged() | SetCorrected() if data.slot is not None:
            return _named(known, data, slot=slot_id(known, data.slot)), []
        case SetLogged() | SetCorrected() | BaselineSet() | LifterNoted():
            return _named(known, data), []
        case ProfileChanged(counting=dict() as counting):
            return _counted(known, data, counting)
        case _:
            return data, []


def _named(known: KnownExercises, data: Data, **ids: str | None) -> Data:
    said: dict[str, Any] = {name: value for name, value in ids.items() if value != getattr(data, name)}
    if data.exercise is not None and (exercise := known.id_of(data.exercise)) != data.exercise:
        said["exercise"] = exercise
    return msgspec.structs.replace(data, **said) if said else data


def slot_id(known: KnownExercises, slot: str) -> str:
    """The id of a slot: that of an exercise outside a programme holds the exercise's."""
    day, _, exercise = slot.partition("/")
    return f"{day}/{known.id_of(exercise)}" if day == DEFAULT_DAY else slot


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
