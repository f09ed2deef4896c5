"""Bringing projections up to their logs: what workers do when they are woken, and rebuilding on demand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from service import logs, traces
from service.domain.errors import NeedsNewerSpotter, Unavailable
from service.domain.identifiers import LifterRef
from service.engine.changes.change import engine_told, told_of
from service.engine.replay.projection import NeedsWholeLog, engine_of, replay_in_order, replay_whole
from service.engine.replay.state import LifterState
from service.engine.version import ENGINE_VERSION
from service.store import key_names
from service.store.projections import Commit, Loaded
from service.usecases.gym.sandbox import go_on_resetting, wake_due
from service.usecases.lifter.erase import forget_elsewhere
from service.usecases.projection.advance import advance, commit_of, told_up_to
from service.usecases.services import Services

LIFTERS_PER_PASS: Final = 50
LINGER_S: Final = 0.15
"""How long a drain lets work gather before it looks again.

A fold is cheap beside the round trips that frame it, and each commit is a sync to disk that appends wait for.
"""

_TURN_S: Final = 0.5
"""After this long a drain that still finds work makes room for another group that waits, if there is one."""

_LAG_SAMPLE: Final = 16

_BATCH: Final = 500

_log = logs.logger("spotter.replay")


class Lag(NamedTuple):
    """How far projections are behind: lifters, events, and seconds since the oldest mark.

    The events of a few lifters of each partition are counted; with more behind, ``events`` is a lower bound.
    """

    lifters: int
    events: int
    seconds: float


def drain(services: Services, group: int, *, turn_s: float = _TURN_S) -> int:
    """Bring every dirty lifter of a group of partitions up to date; how many commits that took.

    May be killed anywhere and run any number of times at once: whatever is dirty stays so until a commit has brought
    it to the head of its log.
    """
    commits, failed = 0, set[LifterRef]()
    turn_ends = time.monotonic() + turn_s
    while lifters := _dirty(services, group, failed):
        commits += _replay(services, group, lifters, failed)
        if time.monotonic() >= turn_ends and services.wake.waiting():
            break
        time.sleep(LINGER_S)
    services.wake.sleep(group)
    # Whoever marked a lifter before the flag fell has woken nobody, so what is dirty now is ours, or the next turn's.
    if _dirty(services, group, failed):
        services.wake.wake(group)
    return commits


def sweep(services: Services, *, older_than_s: float = 3.0) -> list[int]:
    """Wake a drain of every group with a lifter dirty for longer than that, or due, while none is awake; those groups.

    Makes good what a crash between an append and its wake-up, in a drain, in an erasure or in a reset left undone.
    """
    sandboxes = services.sandboxes.all()
    go_on_resetting(services, sandboxes)
    for lifter in services.erasures.unsettled():
        if lifter.gym not in sandboxes or not sandboxes[lifter.gym].resetting:
            forget_elsewhere(services, lifter)
    _carry(services, services.feeds.waiting())
    partitions = services.projections.dirty(range(key_names.PARTITIONS), 1, services.clock())
    late = sorted(
        {
            key_names.group_of(number)
            for number, partition in enumerate(partitions)
            if partition.oldest_ms > older_than_s * 1000 or partition.due
        }
    )
    woken = wake_due(services, sandboxes)
    return sorted(woken | {group for group in late if services.wake.wake(group)})


def rebuild(services: Services, lifter: LifterRef) -> LifterState:
    """Forget a lifter's projection and make it again from the whole log; what was told stays told.

    When somebody else commits first, that projection was made from nothing just as well. Also what a newer engine made
    is made again, by this one: asked for, that is the way back to an older Spotter.
    """
    stored = services.projections.told(lifter)
    if engine_told(stored) > ENGINE_VERSION:
        before, _ = told_of(stored)
        services.projections.put_told(lifter, before._replace(engine=ENGINE_VERSION - 1).encode())
    services.projections.delete(lifter)
    try:
        state = replay_in_order(services.log.runs(lifter), services.plans)
        read = state.shared.version
    except NeedsWholeLog:
        run = services.log.whole(lifter)
        state, read = replay_whole(run, services.plans), run.last
    if read:
        is_told = told_up_to(services.projections.told(lifter), read)
        services.projections.commit([commit_of(lifter, {}, state, read)._replace(settles=is_told)])
        told = read if is_told else 0
        while told < read:  # a turn may not suffice
            commit = advance(services, *services.projections.load_to_tell([lifter])).commit
            services.projections.commit([commit])
            _carry(services, [key_names.partition(lifter)])
            if commit.read <= told:  # the lifter was erased meanwhile, or somebody else was quicker
                break
            told = commit.read
    return state


def forget_outdated(services: Services) -> int:
    """Forget the projections that an older engine made, so that workers make them again; how many.

    Until they have, reads fold those logs themselves, as they would over a projection that they cannot use.
    """
    forgotten = 0
    lifters = services.log.lifters()
    while batch := list(islice(lifters, _BATCH)):
        for lifter, checkpoint in zip(batch, services.projections.checkpoints(batch), strict=True):
            if checkpoint and engine_of(checkpoint) < ENGINE_VERSION:
                services.projections.delete(lifter)
                forgotten += 1
    return forgotten


def replay_lag(services: Services) -> Lag:
    """How far projections are behind their logs just now."""
    partitions = services.projections.dirty(range(key_names.PARTITIONS), _LAG_SAMPLE, services.clock())
    named = [lifter for partition in partitions for lifter in partition.oldest]
    return Lag(
        sum(partition.lifters_behind for partition in partitions),
        services.projections.behind(named),
        max(partition.oldest_ms for partition in partitions) / 1000,
    )


class PartitionSeen(NamedTuple):
    """A partition: how many of its lifters are behind, since how long, and whether changes wait in its outbox."""

    number: int
    lifters: int
    seconds: float
    has_changes: bool


def partitions_at_work(services: Services) -> list[PartitionSeen]:
    """The partitions in which somebody is behind, or changes wait to be told."""
    waiting = set(services.feeds.waiting())
    found = services.projections.dirty(range(key_names.PARTITIONS), 1, services.clock())
    return [
        PartitionSeen(number, each.lifters_behind, each.oldest_ms / 1000, number in waiting)
        for number, each in enumerate(found)
        if each.lifters_behind or number in waiting
    ]


def _carry(services: Services, partitions: Iterable[int]) -> None:
    """Carry changes to their feeds, and wake the deliverer for the gyms that want to be told."""
    if services.feeds.carry(partitions) & services.webhooks.gyms():
        services.wake.wake_deliverer()


def _dirty(services: Services, group: int, failed: set[LifterRef]) -> list[LifterRef]:
    """Dirty lifters of the group, then those that are due, without those whose replay failed in this drain."""
    most = LIFTERS_PER_PASS + len(failed)
    partitions = services.projections.dirty(key_names.partitions_of(group), most, services.clock())
    dirty = [lifter for partition in partitions for lifter in partition.oldest if lifter not in failed]
    # Whoever has written is waiting; time can wait.
    return dirty or [lifter for partition in partitions for lifter in partition.due if lifter not in failed]


def _replay(services: Services, group: int, lifters: Sequence[LifterRef], failed: set[LifterRef]) -> int:
    """Bring lifters up to date, some at a time; how many commits that took."""
    committed = 0
    for start in range(0, len(lifters), LIFTERS_PER_PASS):
        services.wake.stay_awake(group)
        loaded = services.projections.load_to_tell(lifters[start : start + LIFTERS_PER_PASS])
        with traces.span("fold", spotter__lifters=len(loaded)):
            commits = _advanced(services, loaded, failed)
        for commit, done in zip(commits, services.projections.commit(commits), strict=True):
            committed += done
            log = _log.warning if commit.parked else _log.debug
            gym, lifter, became = commit.lifter.gym, commit.lifter.log_name, "parked" if commit.parked else "projected"
            log(became, gym=gym, lifter=lifter, version=commit.version, done=done)
        _carry(services, key_names.partitions_of(group))
    return committed


def _advanced(services: Services, lifters: Sequence[Loaded], failed: set[LifterRef]) -> list[Commit]:
    """What folding their tails makes of lifters; those where that fails, or is not all, are added to ``failed``."""
    commits = []
    for loaded in lifters:
        try:
            advanced = advance(services, loaded)
        except NeedsNewerSpotter as error:  # others can be helped
            _log.debug("left to a newer Spotter", lifter=loaded.lifter.log_name, why=error.in_full)
            failed.add(loaded.lifter)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - logged, and tried again at the next drain
            # An event that cannot be replayed parks its lifter; this is a fault of ours, and stops nobody else.
            _log.exception("cannot replay", gym=loaded.lifter.gym, lifter=loaded.lifter.log_name)
            failed.add(loaded.lifter)
        else:
            commits.append(advanced.commit)
            if not advanced.whole:
                failed.add(loaded.lifter)
    return commits
