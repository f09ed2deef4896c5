"""The proof of a prescription: from what was logged over the rules to the loads."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from service.domain.prescription import PrescribedSet
from service.engine.derive.why import why
from service.http.auth import lifter_of
from service.http.pages.frame import Frame
from service.usecases.lifter import explain, prescribe
from service.usecases.services import Services


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the view to ``pages``."""

    @pages.get("/lifters/<lifter>/proofs/<prescription_id>")
    def show_proof(lifter: str, prescription_id: str) -> Response:
        """Why a prescription is what it is, made again just now from the log and the archived rules."""
        reference = lifter_of(lifter)
        document = explain.derivation(services, reference, prescription_id)
        zone = prescribe.state_at(services, reference).shared.time_zone
        sets = msgspec.convert(document["prescription"]["sets"], tuple[PrescribedSet, ...], strict=False)
        return frame.page("proof.html", lifter=lifter, proof=document, sets=sets, reasons=why(document), time_zone=zone)
