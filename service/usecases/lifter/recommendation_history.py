"""What a lifter was recommended, and what they did."""

from __future__ import annotations

from service.domain.identifiers import LifterRef
from service.engine.prescribe.recommendation_history import Recommendation, recommendations
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.exercise_ids import published_names, unknown_exercise
from service.usecases.services import Services


def recommended(
    services: Services, lifter: LifterRef, exercise: str, *, after: int, limit: int
) -> tuple[list[Recommendation], bool]:
    """Up to ``limit`` recommendations for an exercise after the first ``after``, oldest first, and whether more follow.

    Raises `NotFound` for a lifter nobody wrote about and for an exercise nobody knows.
    """
    run = services.log.whole(lifter)
    if not run.events:
        raise erased_or_unknown(services, lifter)
    for name in dict.fromkeys((exercise, published_names(services).id_of(exercise))):
        given = recommendations(run, services.plans, lifter.lifter, name, services.default_digest_at())
        if given:
            break
    else:
        raise unknown_exercise(services, exercise)
    return given[after : after + limit], len(given) > after + limit
