"""What Prometheus scrapes: counters of the server's processes, and how far replay is behind, asked of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from service.domain.errors import Erased, IdempotencyConflict, SpotterError, Unavailable, WrongExpectedVersion
from service.usecases.projection.drain import replay_lag
from service.usecases.services import Services

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_REFUSALS: Final[dict[type[SpotterError], str]] = {
    Erased: "erased",
    IdempotencyConflict: "idempotency_conflict",
    WrongExpectedVersion: "wrong_expected_version",
}

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The numbers of one server.

    A server of several processes keeps its counters in files of ``directory``, of which Prometheus' client was told by
    ``PROMETHEUS_MULTIPROC_DIR`` before it was imported: any process then answers for all, those that died included.
    Without a directory they are this process' own. What concerns replay is asked of the store at every scrape.
    """

    def __init__(self, services: Services, directory: str | None = None) -> None:
        self._services = services
        self._directory = directory
        self._own = CollectorRegistry()
        self._appends = Counter("spotter_appends", "Events posted, by outcome.", ["outcome"], registry=self._own)
        self._requests = Histogram(
            "spotter_request_seconds",
            "Time to answer a request, by operation and status.",
            ["operation", "status"],
            registry=self._own,
            buckets=_SECONDS,
        )
        # Finding a counter by its labels costs more than counting.
        self._appends_of = cache(self._appends.labels)
        self._requests_of = cache(self._requests.labels)

    def count_append(self, outcome: str, events: int = 1) -> None:
        """Count events that were posted."""
        self._appends_of(outcome).inc(events)

    def count_refusal(self, why: SpotterError) -> None:
        """Count an append that was refused as a whole, where that is counted by its reason."""
        reason = _REFUSALS.get(type(why))
        if reason is not None:
            self.count_append(reason)

    def observe_request(self, operation: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests_of(operation, status).observe(seconds)

    def page(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """Every metric, as Prometheus' client asks for them."""
        shared = self._directory is not None
        counted: Iterable[Metric] = (
            MultiProcessCollector(None, self._directory).collect() if shared else self._own.collect()  # type: ignore[no-untyped-call]
        )
        yield from counted
        try:
            lag, parked = replay_lag(self._services), self._services.projections.parked()
        except Unavailable:
            yield GaugeMetricFamily("spotter_store_up", "Whether the log's store answers.", 0)
            return
        yield GaugeMetricFamily("spotter_store_up", "Whether the log's store answers.", 1)
        yield GaugeMetricFamily("spotter_replay_lag_events", "Events logged and not yet projected.", lag.events)
        yield GaugeMetricFamily("spotter_replay_lag_seconds", "Time since the oldest of them.", lag.seconds)
        yield GaugeMetricFamily("spotter_dirty_lifters", "Lifters whose projection is behind.", lag.lifters)
        yield GaugeMetricFamily("spotter_parked_lifters", "Lifters parked by a poison event.", parked)
        yield from self._workers()

    def _workers(self) -> Iterator[Metric]:
        workers, now = self._services.workers, self._services.clock()
        waiting = GaugeMetricFamily("spotter_queue_jobs", "Jobs that wait, by queue.", labels=["queue"])
        failed = GaugeMetricFamily("spotter_failed_jobs", "Jobs that failed and are kept, by queue.", labels=["queue"])
        try:
            alive = sum(worker.is_alive for worker in workers.all(now))
            sweeps = workers.sweeper() is not None
            for queue in workers.queues(now, failed=0):
                waiting.add_metric([queue.name], queue.waiting)
                failed.add_metric([queue.name], queue.failed)
        except Unavailable:
            yield GaugeMetricFamily("spotter_queue_up", "Whether the queue's server answers.", 0)
            return
        yield GaugeMetricFamily("spotter_queue_up", "Whether the queue's server answers.", 1)
        yield GaugeMetricFamily("spotter_workers", "Workers that are alive.", alive)
        yield GaugeMetricFamily("spotter_sweeper_up", "Whether a sweeper swept in the last seconds.", sweeps)
        yield waiting
        yield failed
