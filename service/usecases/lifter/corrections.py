"""What was put right in a log that a prescription stands on: each leads to what was known before."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.engine.statistics.marks import CourseMark, corrections
from service.usecases.log.read import readable
from service.usecases.services import Services

MOST: Final = 3

_SIGNS: Final = (b"corrected", b"voided")
"""One of them is in every event that puts something right; a log without any need not be decoded."""


class PutRight(NamedTuple):
    """A correction or void, and when Spotter was told of it."""

    mark: CourseMark
    recorded_at: Instant


def corrections_of(services: Services, lifter: LifterRef, exercise: str, at_version: int) -> list[PutRight]:
    """The newest corrections and voids of an exercise's sets and baselines up to a version, the newest first."""
    run = services.log.whole(lifter, at_version)
    if not any(sign in raw for raw in run.events for sign in _SIGNS):
        return []
    log = list(readable(run))
    recorded = {version: event.recorded_at for version, event in log}
    found = [PutRight(mark, recorded[mark.version]) for mark in corrections(log, exercise)]
    return sorted(found, key=lambda each: -each.mark.version)[:MOST]
