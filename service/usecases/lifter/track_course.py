"""The course of a track: what was prescribed in its slots, session by session, and what was lifted."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.errors import NotFound
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.loads import Unit
from service.domain.prescription import Parked
from service.engine.prescribe.recommendation_history import Recommendation, recommendations
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.statistics.marks import CourseMark, marks_of
from service.engine.statistics.series import Point, Wanted
from service.usecases.lifter.prescribe import fold_of, state_at
from service.usecases.lifter.statistics import statistics_of
from service.usecases.log.read import readable
from service.usecases.services import Services


class TrackCourse(NamedTuple):
    """A track from its beginning to now.

    ``recommendations`` are those that a session was trained by, and the present ones; ``points`` are what sessions did
    of the exercise, in whichever slot, and ``marks`` what happened beside them.
    """

    track: str
    exercise: Exercise
    unit: Unit
    time_zone: str
    recommendations: list[Recommendation]
    points: list[Point]
    marks: list[CourseMark]
    parked: Parked | None


def track_course(services: Services, lifter: LifterRef, track: str) -> TrackCourse:
    """The course of a track under the rules that the lifter follows now.

    Raises `NotFound` for a lifter nobody wrote about and for a track that they do not have, and `Erased`.
    """
    state = state_at(services, lifter)
    fold = fold_of(services, state)
    fed: dict[str, list[PlannedSlot]] = {}
    for each in map(fold.rules.slot, fold.rules.every_slot_id()):
        fed.setdefault(each.track, []).append(each)
    if track not in fed:
        raise NotFound(
            f"{lifter.lifter!r} has no track {track!r}; the tracks are {', '.join(sorted(fed)) or 'none yet'}"
        )
    slot, slots = fed[track][0], {each.id for each in fed[track]}
    run = services.log.whole(lifter)
    given = recommendations(
        run, services.plans, lifter.lifter, slot.exercise.id, services.default_digest_at(),
        now=services.now(lifter.gym),
    )  # fmt: skip
    numbers = statistics_of(services, lifter.gym, run, Wanted(slot.exercise.id))
    return TrackCourse(
        track,
        slot.exercise,
        numbers.unit,
        numbers.time_zone,
        [each for each in given if each.slot in slots and each.verdict != "changed"],
        numbers.series.exercises.get(slot.exercise.id, []),
        marks_of(list(readable(run)), slot.exercise.id),
        numbers.parked,
    )
