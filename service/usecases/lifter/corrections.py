"""What was put right in a log that a prescription stands on: each leads to what was known before."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.engine.statistics.marks import CourseMark, marks_of
from service.usecases.log.read import readable
from service.usecases.services import Services

MOST: Final = 3


class PutRight(NamedTuple):
    """A correction or void, and when Spotter was told of it."""

    mark: CourseMark
    recorded_at: Instant


def corrections_of(services: Services, lifter: LifterRef, exercise: str, at_version: int) -> list[PutRight]:
    """The newest corrections and voids of an exercise's sets and baselines up to a version, the newest first."""
    log = list(readable(services.log.whole(lifter, at_version)))
    recorded = {version: event.recorded_at for version, event in log}
    found = [PutRight(mark, recorded[mark.version]) for mark in marks_of(log, exercise) if mark.kind == "correction"]
    return sorted(found, key=lambda each: -each.mark.version)[:MOST]
