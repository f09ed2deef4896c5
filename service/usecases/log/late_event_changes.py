"""What an event that rewrites history changes of the next prescriptions."""

from __future__ import annotations

import msgspec

from service.domain.errors import InvalidInput, NotFound, Unavailable
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.prescription import Prescription, Substance, substance_of
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.fold import Fold
from service.engine.replay.state import LifterState
from service.usecases.lifter.prescribe import fold_of, state_at
from service.usecases.services import Services


class Change(msgspec.Struct, frozen=True):
    """A slot whose next prescription differs; None where there was, or is, none."""

    slot: str
    exercise: str
    before: Prescription | None
    after: Prescription | None


def changes_between(services: Services, lifter: LifterRef, before: int, after: int) -> list[Change]:
    """The slots that are prescribed otherwise at version ``after``, just appended, than at ``before``, seen from now.

    Raises `TooMuchToReplay`, and `Unavailable` where the log lacks these versions again.
    """
    as_of = services.now(lifter.gym)
    try:
        later = _prescriptions(services, lifter, after, as_of)
        earlier = _prescriptions(services, lifter, before, as_of) if before else {}
    except (InvalidInput, NotFound) as error:
        raise Unavailable("the server that took over just now lacks this event; send it again") from error
    return [
        Change(slot, (later.get(slot) or earlier[slot]).exercise, earlier.get(slot), later.get(slot))
        for slot in sorted(earlier.keys() | later.keys())
        if _substance(earlier.get(slot)) != _substance(later.get(slot))
    ]


def prescriptions_by_slot(
    services: Services, lifter: LifterRef, state: LifterState, as_of: Instant
) -> dict[str, Prescription]:
    """Every slot's next prescription, seen from a state, which this changes."""
    return due_by_slot(fold_of(services, state), lifter, as_of)


def due_by_slot(fold: Fold, lifter: LifterRef, as_of: Instant) -> dict[str, Prescription]:
    """The same of a fold, which this changes; never earlier than its newest event."""
    prescriber = Prescriber(fold, max(as_of, fold.state.shared.newest_at or as_of))
    due = prescriber.every_slot()
    return {each.slot.id: prescriber.prescription(lifter.lifter, each)[0] for each in due}


def _prescriptions(services: Services, lifter: LifterRef, version: int, now: Instant) -> dict[str, Prescription]:
    return prescriptions_by_slot(services, lifter, state_at(services, lifter, at_version=version), now)


def _substance(prescription: Prescription | None) -> Substance | None:
    return None if prescription is None else substance_of(prescription)
