"""The error for a lifter who has no log: erased, or not known."""

from __future__ import annotations

from service.domain.errors import Erased, NotFound
from service.domain.identifiers import LifterRef
from service.usecases.services import Services


def erased_or_unknown(services: Services, lifter: LifterRef) -> Erased | NotFound:
    """What to raise for a lifter without a log: who was erased is told apart from who never was."""
    if services.erasures.find(lifter) is not None:
        return Erased(lifter.lifter)
    return NotFound(f"nobody has written about a lifter {lifter.lifter!r}")
