"""`python -m bench.nodes`: what an event costs web processes, workers and servers, on a server and on Redis Clusters.

Each Spotter runs with as many web processes and workers as are its default, everything on this machine.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import bulk
from bench.__main__ import sets, settle
from bench.client import Target, load
from service.bootstrap import Services, bootstrap
from service.config import Settings
from tests.support.cluster import running_cluster
from tests.support.running import RunningSpotter

_KEY: Final = "bench-key-that-nobody-else-uses"
_SECONDS: Final = 10
_CONNECTIONS: Final = 8
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_WIDTH: Final = 110


class Cost(NamedTuple):
    """Processor time an event, in microseconds: of web processes, of workers, and of each of the log's servers."""

    web: float
    workers: float
    nodes: tuple[float, ...]


class Running(NamedTuple):
    """A Spotter, and the process numbers of each part of it."""

    target: Target
    services: Services
    web: list[int]
    workers: list[int]
    nodes: list[int]

    def used(self) -> Mapping[int, float]:
        """Processor time that each process has used so far, in microseconds."""
        return {process: _used(process) for process in (*self.web, *self.workers, *self.nodes)}

    def cost(self, before: Mapping[int, float], events: int) -> Cost:
        """What each event cost that was logged, and replayed, since ``before``."""
        settle(self.services)
        spent = {process: (used - before[process]) / events for process, used in self.used().items()}
        web, workers, nodes = ([spent[each] for each in part] for part in (self.web, self.workers, self.nodes))
        return Cost(sum(web), sum(workers), tuple(nodes))


def main() -> None:
    """Measure a server, and clusters of one and of three, and say it."""
    table = Table("log on", "posted", "events/s", "web µs", "workers µs", "nodes µs", "busiest node µs", "most time")
    for name, primaries in (("a server", 0), ("a cluster of 1", 1), ("a cluster of 3", 3)):
        with (
            tempfile.TemporaryDirectory(prefix="spotter-bench-") as folder,
            _spotter(Path(folder), primaries) as running,
        ):
            for how, (rate, cost) in (("singly", _singly(running)), ("in bulk", _in_bulk(running))):
                table.add_row(name, how, f"{rate:,.0f}", *_said(cost))
    screen = Console()
    screen.width = max(screen.width, _WIDTH)
    screen.print(table)


def _said(cost: Cost) -> list[str]:
    parts = {"web": cost.web, "workers": cost.workers, "nodes": sum(cost.nodes)}
    most = max(parts, key=lambda name: parts[name])
    share = parts[most] / sum(parts.values())
    return [*(f"{spent:,.0f}" for spent in (*parts.values(), max(cost.nodes))), f"{most}, {share:.0%}"]


def _singly(running: Running) -> tuple[float, Cost]:
    with running.target.connections(_CONNECTIONS) as connections:
        load(connections, sets(running.target, "warming-up", lifters=50), seconds=_SECONDS)
        settle(running.services)
        before = running.used()
        timings = load(connections, sets(running.target, "singly", lifters=200), seconds=_SECONDS)
    return timings.rate, running.cost(before, len(timings.answers))


def _in_bulk(running: Running) -> tuple[float, Cost]:
    before = running.used()
    rate = bulk.post_lines(running.target)
    return rate, running.cost(before, bulk.EVENTS)


@contextmanager
def _spotter(folder: Path, primaries: int) -> Iterator[Running]:
    """A Spotter on a cluster of so many primaries; with none, on a server of its own."""
    if not primaries:
        with _on(folder, None) as running:
            yield running
        return
    with running_cluster(folder, primaries, replicas=0) as cluster, _on(folder, cluster.url) as running:
        yield running._replace(nodes=[node.process.pid for node in cluster.nodes])


@contextmanager
def _on(folder: Path, url: str | None) -> Iterator[Running]:
    more = {"SPOTTER_API_KEY": _KEY} | ({} if url is None else {"SPOTTER_REDIS_URL": url})
    with RunningSpotter(folder / "data", None, None, **more, several=True) as spotter:
        tellers = spotter.processes("workers.worker", "webhooks")
        yield Running(
            Target("127.0.0.1", spotter.port, _KEY),
            bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(spotter.data_dir), **more})),
            spotter.processes("service.running.web"),
            [process for process in spotter.processes("workers.worker") if process not in tellers],
            spotter.processes("valkey-server", "log.sock"),
        )


def _used(process: int) -> float:
    """Processor time of a process and all its threads, in microseconds."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * 1e6 / _TICKS


if __name__ == "__main__":
    main()
