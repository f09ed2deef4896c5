"""What was asked otherwise than by the rules, and which rule that speaks against."""

from __future__ import annotations

from flask import Blueprint, Response

from service.http.auth import caller
from service.http.pages.frame import Frame
from service.usecases.gym.overrides import MOST_CHANGES, MOST_OVERRIDES, overrides_by_rule
from service.usecases.services import Services


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the view to ``pages``."""

    @pages.get("/overrides")
    def list_overrides() -> Response:
        """The gym's newest overrides by the rule that had said otherwise."""
        found = overrides_by_rule(services, caller().gym)
        known = services.rule_sets.library().schemes
        return frame.page("overrides.html", found=found, known=known, most=MOST_OVERRIDES, looked_at=MOST_CHANGES)
