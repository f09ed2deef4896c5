"""The course of a track: what was prescribed in its slots, session by session, and what was lifted."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.errors import NotFound
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.loads import Unit
from service.domain.prescription import Parked
from service.engine.prescribe.recommendation_history import Recommendation, recommendations
from service.engine.statistics.marks import CourseMark, marks_of
from service.engine.statistics.series import Point, Wanted
from service.usecases.lifter.prescribe import fold_of, state_at
from service.usecases.lifter.statistics import statistics_of
from service.usecases.log.read import readable
from service.usecases.services import Services


class FoundTrack(NamedTuple):
    """A track that a lifter has, and what its course is told in; ``slots`` are those that share it."""

    track: str
    exercise: Exercise
    slots: frozenset[str]
    unit: Unit
    time_zone: str
    version: int
    parked: Parked | None


class TrackCourse(NamedTuple):
    """A track from its beginning to now.

    ``recommendations`` are those that a session was trained by, and the present ones; ``points`` are what sessions did
    of the exercise, in whichever slot, and ``marks`` what happened beside them.
    """

    unit: Unit
    time_zone: str
    recommendations: list[Recommendation]
    points: list[Point]
    marks: list[CourseMark]


def find_track(services: Services, lifter: LifterRef, track: str) -> FoundTrack:
    """A track under the rules that the lifter follows now, by the projection alone.

    Raises `NotFound` for a lifter nobody wrote about and for a track that they do not have, and `Erased`.
    """
    state = state_at(services, lifter)
    fold = fold_of(services, state)
    slots = [slot for slot in map(fold.rules.slot, fold.rules.every_slot_id()) if slot.track == track]
    if not slots:
        tracks = sorted({fold.rules.slot(each).track for each in fold.rules.every_slot_id()})
        raise NotFound(f"{lifter.lifter!r} has no track {track!r}; the tracks are {', '.join(tracks) or 'none yet'}")
    shared = state.shared
    return FoundTrack(
        track, slots[0].exercise, frozenset(each.id for each in slots),
        shared.working_unit, shared.time_zone, shared.version, shared.parked,
    )  # fmt: skip


def track_course(services: Services, lifter: LifterRef, found: FoundTrack) -> TrackCourse:
    """The course of a track, for which the whole log is folded: some seconds where that has thousands of events."""
    run = services.log.whole(lifter)
    given = recommendations(
        run, services.plans, lifter.lifter, found.exercise.id, services.default_digest_at(),
        now=services.now(lifter.gym),
    )  # fmt: skip
    numbers = statistics_of(services, lifter.gym, run, Wanted(found.exercise.id))
    return TrackCourse(
        numbers.unit,
        numbers.time_zone,
        [each for each in given if each.slot in found.slots and each.verdict != "changed"],
        numbers.series.exercises.get(found.exercise.id, []),
        marks_of(list(readable(run)), found.exercise.id),
    )
