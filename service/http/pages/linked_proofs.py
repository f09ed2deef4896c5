"""The one proof that a link shows to whoever has its address, and nothing else of the gym."""

from __future__ import annotations

from flask import Blueprint, Response

from service.http.pages.frame import Frame
from service.http.pages.proofs import bundle_of, proof_page, proof_values, sealed
from service.usecases.gym.proof_links import open_proof_link
from service.usecases.services import Services


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/proofs/<link>")
    def show_linked_proof(link: str) -> Response:
        """The one proof that a link shows, for whoever has its address."""
        opened = open_proof_link(services, link)
        of = opened.link.lifter
        values = proof_values(services, of, opened.prescription_id)
        values["seal"]["address"] = sealed(values, ".show_linked_proof", link=link)
        return proof_page(frame, {**values, "lifter": of.lifter, "shared": opened.link, "link": link})

    @pages.get("/proofs/<link>/bundle")
    def get_linked_bundle(link: str) -> Response:
        """All that it takes to check the one proof that a link shows."""
        opened = open_proof_link(services, link)
        return bundle_of(services, opened.link.lifter, opened.prescription_id)
