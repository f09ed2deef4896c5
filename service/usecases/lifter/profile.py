"""What is known of a lifter themselves: unit, time zone, body weight, equipment."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.equipment import Equipment
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.loads import Load, Unit
from service.domain.prescription import Parked
from service.usecases.lifter.prescribe import fold_of, moment, state_at
from service.usecases.services import Services


class NextSettings(NamedTuple):
    """What a profile has said in the open session, and what holds from the next one; None where it said nothing."""

    unit: Unit | None
    equipment: Equipment | None


class Profile(NamedTuple):
    """What is known of a lifter; ``equipment`` is None where nobody described any, and the house's is taken."""

    version: int
    unit: Unit
    time_zone: str
    body_weight: Load | None
    equipment: Equipment | None
    next_session: NextSettings | None
    parked: Parked | None


def profile(
    services: Services, lifter: LifterRef, *, as_of: Instant | None = None, at_version: int | None = None
) -> Profile:
    """The profile as effective history has it. Raises what `state_at` raises."""
    state = state_at(services, lifter, as_of=as_of, at_version=at_version)
    fold_of(services, state, as_of).let_session_end(moment(services, lifter.gym, state, as_of))
    shared = state.shared
    following = NextSettings(shared.next_unit, shared.next_equipment)
    return Profile(
        shared.version,
        shared.working_unit,
        shared.time_zone,
        None if shared.body_weight is None else Load(shared.body_weight, shared.working_unit),
        shared.equipment,
        None if following == (None, None) else following,
        shared.parked,
    )
