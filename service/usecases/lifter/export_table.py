"""Exporting a lifter's sets as a table that other apps take in."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.effective_history import effective_history
from service.domain.event_encoding import decode
from service.domain.identifiers import LifterRef
from service.domain.time_zones import zone
from service.trackers.exercise_names import ExerciseNames
from service.trackers.writer import WrittenApp, written
from service.usecases.lifter.prescribe import state_at
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services


def export_table(services: Services, lifter: LifterRef, app: WrittenApp) -> Iterator[str]:
    """The lines of a CSV file in the layout of an app, with every set that counts, as corrected.

    Times are on the lifter's clock. Raises `NotFound` and `Erased` at once, not when the first line is taken.
    """
    time_zone = zone(state_at(services, lifter).shared.time_zone)
    exercises = catalogue(services).exercises
    names = ExerciseNames(exercises.values())
    run = services.log.whole(lifter)
    history = effective_history(enumerate(map(decode, run.events), run.first))
    events = [event for _, event in history]
    return written(app, events, lambda exercise: names.name_of(exercises.get(exercise), exercise), time_zone)
