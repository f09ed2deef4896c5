"""What whoever runs Spotter looks at: how its parts are, what is behind, who is at work, what erasures still need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.store.disk_space import DiskSpace, disk_space
from service.store.erasures import Erased
from service.store.servers import Memory
from service.store.workers import QueueSeen, WorkerSeen
from service.usecases.projection.drain import Lag, PartitionSeen, partitions_at_work, replay_lag
from service.usecases.readiness import Part, readiness
from service.usecases.services import Services

_SOME: Final = 10
_Value = TypeVar("_Value")


class Overview(NamedTuple):
    """How a Spotter is just now; what its servers do not say is None."""

    parts: Mapping[str, Part]
    lag: Lag | None
    partitions: Sequence[PartitionSeen] | None
    parked: Sequence[LifterRef] | None
    """Some of them, up to ten of a partition."""
    workers: Sequence[WorkerSeen] | None
    sweeper: str | None
    awake: Sequence[int] | None
    queues: Sequence[QueueSeen] | None
    log_memory: Sequence[Memory] | None
    queue_memory: Memory | None
    disk: DiskSpace
    erased: Erased | None


def overview(services: Services) -> Overview:
    """How everything is just now, as `/readyz`, `spotter queues` and the metrics say it too."""
    now = services.clock()
    return Overview(
        readiness(services),
        _known(lambda: replay_lag(services)),
        _known(lambda: partitions_at_work(services)),
        _known(lambda: services.projections.parked_lifters(_SOME)),
        _known(lambda: services.workers.all(now)),
        _known(services.workers.sweeper),
        _known(services.workers.awake),
        _known(lambda: services.workers.queues(now, failed=_SOME)),
        _known(services.servers.memory_of_log),
        _known(services.servers.memory_of_queue),
        disk_space(services.settings.data_dir),
        _known(services.erasures.count),
    )


def _known(ask: Callable[[], _Value]) -> _Value | None:
    try:
        return ask()
    except Unavailable:
        return None
