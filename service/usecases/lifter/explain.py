"""Deriving a prescription again from the log and the rules; why, why not, what if, and what differs."""

from __future__ import annotations

from typing import Any

from service.domain.errors import InvalidInput, NotFound, Problem
from service.domain.identifiers import LifterRef
from service.domain.prescription import PrescriptionId
from service.engine.derive import diff, why
from service.engine.derive.derivation import prove
from service.engine.derive.what_if import what_if
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import Run
from service.engine.version import ENGINE_VERSION
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.services import Services


def derivation(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """The proof of a prescription, made again by replaying the log with tracing on.

    Raises `NotFound` for an id that this lifter's log and the archived rules do not lead to; so does all that follows.
    """
    run, asked = _found(services, lifter, prescription_id)
    return derive(run, services.plans, lifter.lifter, asked)


def derive(run: Run, plans: Plans, lifter: str, asked: PrescriptionId) -> dict[str, Any]:
    """The proof of a prescription from the log up to its version, and nothing else; `NotFound` as `derivation` says."""
    return prove(run, plans, lifter, asked).document


def reasons(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """Why a prescription is what it is: the chain of events and rules in sentences."""
    return {"prescription_id": prescription_id, "why": why.why(derivation(services, lifter, prescription_id))}


def objections(
    services: Services, lifter: LifterRef, prescription_id: str, expected: why.Expectation
) -> dict[str, Any]:
    """Why a prescription is not what somebody expected; `InvalidInput` for a rule that its slot does not have."""
    run, asked = _found(services, lifter, prescription_id)
    proof = prove(run, services.plans, lifter.lifter, asked)
    present = [bound.scheme for bound in proof.slot.schemes.values()]
    answer = why.why_not(proof.document, expected, proof.asked, present)
    if expected.rule is not None and not answer["considered"] and not answer["not_considered"]:
        names = sorted({rule.name for scheme in present for rules in scheme.rules.values() for rule in rules})
        raise InvalidInput(Problem("/rule", f"is none of the slot's rules: {', '.join(names)}"))
    return answer


def alternatives(
    services: Services, lifter: LifterRef, prescription_id: str, outcome: str | None = None
) -> dict[str, Any]:
    """The smallest change to the last session's sets that leads elsewhere, or to the outcome named."""
    run, asked = _found(services, lifter, prescription_id)
    return what_if(run, services.plans, lifter.lifter, asked, outcome)


def comparison(services: Services, lifter: LifterRef, prescription_id: str, against: str) -> dict[str, Any]:
    """What differs between the derivations of two prescriptions of a lifter; ``against`` is the later one, or other."""
    return diff.compare(*(derivation(services, lifter, each) for each in (prescription_id, against)))


def _found(services: Services, lifter: LifterRef, prescription_id: str) -> tuple[Run, PrescriptionId]:
    """The log up to a prescription's version, and what its id says."""
    try:
        asked = PrescriptionId.decode(prescription_id)
    except ValueError:
        raise NotFound("no prescription has this id") from None
    if asked.engine != ENGINE_VERSION:
        raise NotFound(
            f"this prescription was made by engine {asked.engine}; this server runs engine {ENGINE_VERSION}, "
            "and cannot make it again"
        )
    run = services.log.whole(lifter, asked.version)
    if not services.log.head(lifter):
        raise erased_or_unknown(services, lifter)
    if run.last != asked.version:
        raise NotFound("no prescription of this lifter has this id")
    return run, asked
