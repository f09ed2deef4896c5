"""Loads under 0, which are assistance: only where an exercise's load is added to the body weight.

A correction says a part of a set, and a void of a correction takes a part back. So what is judged is the set as it will
stand afterwards, by all that corrected it before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec

from service.domain.errors import Problem
from service.domain.event_encoding import decode
from service.domain.events import BaselineSet, Event, EventData, SetCorrected, SetLogged, SetVoided
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.log_entry import LogEntry
from service.domain.standing_sets import StandingSets
from service.usecases.services import Services

Exercises: TypeAlias = Callable[[], Mapping[str, Exercise]]

_ACTING: Final = (b'"set_corrected"', b'"set_voided"')
"""How the types of events that act on others are written."""


def assistance_problems(
    exercises: Exercises, event: Event, known: Mapping[str, EventData], sets: Callable[[], StandingSets]
) -> list[Problem]:
    """What is wrong with the load under 0 that an event brings about.

    An exercise that ``exercises`` do not know is the gym's own, and may be an assisted one. ``known`` are the events
    that others act on, ``sets`` those that this one is about and all that acted on them; both functions are called only
    where they are needed.
    """
    data = event.data
    match data:
        case SetLogged():
            return _of_loads(exercises, data.exercise, load=data.load)
        case BaselineSet():
            loads = {"load": data.load, "one_rep_max": data.one_rep_max, "training_max": data.training_max}
            return _of_loads(exercises, data.exercise, **loads)
        case SetCorrected() | SetVoided() if _may_leave_assistance(exercises, data, known):
            return _of_standing(exercises, event, sets())
        case _:
            return []


def read_sets(services: Services, lifter: LifterRef, targets: Mapping[str, LogEntry]) -> tuple[StandingSets, int]:
    """The sets that events act on, directly or by acting on a correction; how they stand, and at which version."""
    sets = StandingSets()
    for entry in targets.values():
        if isinstance(entry.event.data, SetLogged):
            sets.read(entry.event)
    corrected = [entry.event.data.corrects for entry in targets.values() if isinstance(entry.event.data, SetCorrected)]
    first = min((entry.version for entry in targets.values()), default=0)
    if any(isinstance(entry.event.data, SetVoided) for entry in targets.values()):
        first = 0  # what a void acted on may be anywhere before it
    for entry in services.log.find(lifter, corrected).values():
        sets.read(entry.event)
        first = min(first, entry.version)
    version = max(first - 1, 0)
    for run in services.log.runs(lifter, version):
        version = run.last
        for raw in run.events:
            if first == 0 or any(type_ in raw for type_ in _ACTING):
                with suppress(msgspec.MsgspecError, UnicodeError):  # what cannot be read parks the lifter, elsewhere
                    sets.read(decode(raw))
    return sets, version


def _may_leave_assistance(exercises: Exercises, data: SetCorrected | SetVoided, known: Mapping[str, EventData]) -> bool:
    """Whether a set could have a load under 0 after an event by what that alone says."""
    if isinstance(data, SetVoided):
        return isinstance(known.get(data.voids), SetCorrected | SetVoided)
    if data.load is not None:
        return data.load.value < 0
    return data.exercise is not None and not _assists(exercises, data.exercise)


def _of_standing(exercises: Exercises, event: Event, sets: StandingSets) -> list[Problem]:
    before, after = sets.before(event), sets.after(event)
    if after is None or after.load.value >= 0 or _assists(exercises, after.exercise):
        return []
    if before is not None and (before.exercise, before.load) == (after.exercise, after.load):
        return []
    match event.data:
        case SetCorrected(load=Load()):
            return [Problem("/data/load/value", _under_nothing(after.exercise))]
        case SetCorrected():
            why = f"leaves a load under 0: the load of {after.exercise} is not added to the body weight; correct it too"
            return [Problem("/data/exercise", why)]
        case _:
            why = f"would leave a load under 0 of {after.exercise}, whose load is not added to the body weight"
            return [Problem("/data/voids", why)]


def _of_loads(exercises: Exercises, exercise: str, **loads: Load | None) -> list[Problem]:
    negative: Sequence[str] = [name for name, load in loads.items() if load is not None and load.value < 0]
    if not negative or _assists(exercises, exercise):
        return []
    return [Problem(f"/data/{name}/value", _under_nothing(exercise)) for name in negative]


def _assists(exercises: Exercises, exercise: str) -> bool:
    found = exercises().get(exercise)
    return found is None or found.load == "added"


def _under_nothing(exercise: str) -> str:
    return f"must not be under 0: the load of {exercise} is not added to the body weight"
