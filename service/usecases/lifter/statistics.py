"""A lifter's numbers over time, at any version and as of any time."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.loads import Unit
from service.domain.prescription import Parked
from service.engine.replay.projection import Run
from service.engine.statistics.series import Statistics, Wanted, statistics
from service.engine.statistics.training_log import fold_and_watch
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.lifter.prescribe import check_reached, moment
from service.usecases.log.exercise_ids import own_or_published, unknown_exercise
from service.usecases.services import Services


class LifterStatistics(NamedTuple):
    """Series of a log at a version; all loads in them are in ``unit``."""

    version: int
    unit: Unit
    time_zone: str
    series: Statistics
    parked: Parked | None


def lifter_statistics(
    services: Services,
    lifter: LifterRef,
    wanted: Wanted,
    *,
    as_of: Instant | None = None,
    at_version: int | None = None,
) -> LifterStatistics:
    """What of a lifter's training is wanted. Folds the whole log, for a record is one over all that came before it.

    Raises `NotFound` for a lifter nobody wrote about and for an exercise nobody knows, `Erased`, and `InvalidInput` for
    a version that the log has not reached.
    """
    run = services.log.whole(lifter, at_version)
    if not run.events:
        raise erased_or_unknown(services, lifter)
    check_reached(services, lifter, at_version, run.last)
    return statistics_of(services, lifter.gym, run, wanted, as_of=as_of)


def statistics_of(
    services: Services, gym: str, run: Run, wanted: Wanted, *, as_of: Instant | None = None
) -> LifterStatistics:
    """The same of a log, or the beginning of one, that was read already."""
    fold, training = fold_and_watch(run, services.plans, as_of=as_of)
    shared = fold.state.shared
    fold.let_session_end(moment(services, gym, fold.state, as_of))
    if wanted.exercise is not None:
        fold.assume(services.default_digest())
        exercise = own_or_published(services, fold.rules.knows, wanted.exercise)
        if not fold.rules.knows(exercise):
            raise unknown_exercise(services, exercise)
        wanted = wanted._replace(exercise=exercise)
    unit = shared.working_unit
    series = statistics(training.conclude(), training.records(), wanted, unit)
    return LifterStatistics(shared.version, unit, shared.time_zone, series, shared.parked)
