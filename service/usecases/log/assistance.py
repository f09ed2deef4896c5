"""Loads under 0, which are assistance: only where an exercise's load is added to the body weight.

A correction says a part of a set, and a void of a correction takes a part back. So what is judged is the set as it will
stand afterwards, by all that corrected it before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec

from service.domain.errors import Problem
from service.domain.event_encoding import decode
from service.domain.events import BaselineCorrected, Correction, Event, EventData, SetCorrected, SetLogged, SetVoided
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.log_entry import LogEntry
from service.domain.standing_sets import Lifted, StandingSets
from service.usecases.services import Services

Exercises: TypeAlias = Callable[[], Mapping[str, Exercise]]
_MayLeave: TypeAlias = SetCorrected | BaselineCorrected | SetVoided

_LOADS: Final = ("load", "one_rep_max", "training_max")
_ACTING: Final = (b'"set_corrected"', b'"baseline_corrected"', b'"set_voided"')
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
    if isinstance(data, Lifted):
        negative = _under_0(data)
        if not negative or _assists(exercises, data.exercise):
            return []
        return [Problem(f"/data/{name}/value", _under_nothing(data.exercise)) for name in negative]
    if isinstance(data, _MayLeave) and _may_leave_assistance(exercises, data, known):
        return _of_standing(exercises, event, sets())
    return []


def read_sets(services: Services, lifter: LifterRef, targets: Mapping[str, LogEntry]) -> tuple[StandingSets, int]:
    """The sets that events act on, directly or by acting on a correction; how they stand, and at which version."""
    sets = StandingSets()
    for entry in targets.values():
        if isinstance(entry.event.data, Lifted):
            sets.read(entry.event)
    corrected = [entry.event.data.corrects for entry in targets.values() if isinstance(entry.event.data, Correction)]
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


def _may_leave_assistance(exercises: Exercises, data: _MayLeave, known: Mapping[str, EventData]) -> bool:
    """Whether a set or baseline could have a load under 0 after an event by what that alone says."""
    if isinstance(data, SetVoided):
        return isinstance(known.get(data.voids), _MayLeave)
    if any(getattr(data, name, None) is not None for name in _LOADS):
        return bool(_under_0(data))
    return data.exercise is not None and not _assists(exercises, data.exercise)


def _of_standing(exercises: Exercises, event: Event, sets: StandingSets) -> list[Problem]:
    before, after = sets.before(event), sets.after(event)
    negative = [] if after is None else _under_0(after)
    if after is None or not negative or _assists(exercises, after.exercise):
        return []
    if before is not None and _said_of_loads(before) == _said_of_loads(after):
        return []
    if isinstance(event.data, SetVoided):
        why = f"would leave a load under 0 of {after.exercise}, whose load is not added to the body weight"
        return [Problem("/data/voids", why)]
    if corrected := [name for name in negative if getattr(event.data, name) is not None]:
        return [Problem(f"/data/{name}/value", _under_nothing(after.exercise)) for name in corrected]
    why = f"leaves a load under 0: the load of {after.exercise} is not added to the body weight; correct it too"
    return [Problem("/data/exercise", why)]


def _under_0(data: Lifted | SetCorrected | BaselineCorrected) -> list[str]:
    """The fields of some data that say a load under 0."""
    if isinstance(data, SetLogged):
        return ["load"] if data.load.value < 0 else []
    return [name for name in _LOADS if (load := getattr(data, name, None)) is not None and load.value < 0]


def _said_of_loads(data: Lifted) -> tuple[object, ...]:
    return data.exercise, *(getattr(data, name, None) for name in _LOADS)


def _assists(exercises: Exercises, exercise: str) -> bool:
    found = exercises().get(exercise)
    return found is None or found.load == "added"


def _under_nothing(exercise: str) -> str:
    return f"must not be under 0: the load of {exercise} is not added to the body weight"
