"""Replaying from the nearest older checkpoint that nothing after it reaches back behind, else from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.engine.replay.projection import NeedsWholeLog, carry_on_late, replay_whole
from service.engine.replay.snapshots import Rung
from service.engine.replay.state import LifterState
from service.usecases.services import Services


class Climbed(NamedTuple):
    """A state, the version up to which the log was read, and that of the checkpoint it started from (0: nothing)."""

    state: LifterState
    read: int
    since: int


def climb(
    services: Services,
    lifter: LifterRef,
    rungs: Sequence[Rung],
    *,
    last: int | None = None,
    as_of: Instant | None = None,
) -> Climbed:
    """The state of a log up to version ``last`` (default: all of it), without what occurred after ``as_of``.

    ``rungs`` are tried in turn, the newest first. Raises `TooMuchToReplay`.
    """
    head = services.log.head(lifter) if last is None else last
    for rung in rungs:
        if last is None or rung.version <= last:
            services.check_replay(head - rung.version)
            run = services.log.whole(lifter, last, after=rung.version)
            try:
                state = carry_on_late(rung.fields(), run, services.plans, as_of=as_of)
            except NeedsWholeLog:
                continue
            return Climbed(state, run.last, rung.version)
    services.check_replay(head)
    run = services.log.whole(lifter, last)
    return Climbed(replay_whole(run, services.plans, as_of=as_of), run.last, 0)
