"""`spotter queues`: who is at work, what waits, what failed and who is left behind."""

from __future__ import annotations

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.running_spotter import running_spotter
from service.usecases.projection.drain import replay_lag

_SHOWN = 10


@click.command("queues")
def queues_command() -> None:
    """Show queues, workers, drains under way, failed jobs, and lifters who are behind or parked."""
    services, console = running_spotter(), Console(highlight=False)
    now = services.clock()
    workers = Table("Worker", "Process", "State", "Last heard of", "Jobs done", box=SIMPLE)
    for worker in services.workers.all(now):
        state = worker.state if worker.is_alive else "gone"
        workers.add_row(
            escape(worker.host), str(worker.process), state, f"{worker.silent_s:.0f} s ago", f"{worker.jobs_done:,}"
        )
    queues = Table("Queue", "Waiting", "The first for", "Failed", box=SIMPLE)
    found = services.workers.queues(now, failed=_SHOWN)
    for queue in found:
        queues.add_row(escape(queue.name), f"{queue.waiting:,}", f"{queue.oldest_s:.0f} s", f"{queue.failed:,}")
    console.print(workers, queues)
    for queue in found:
        for job in queue.some_failed:
            console.print(f"Failed in {queue.name}: {job.description} ({job.id}): {job.why}", markup=False)
    lag, parked = replay_lag(services), services.projections.parked()
    console.print(f"Sweeper: {services.workers.sweeper() or 'none swept lately'}", markup=False)
    console.print(f"Drains under way, by group of partitions: {services.workers.awake() or 'none'}", markup=False)
    console.print(f"Behind: {lag.lifters:,} lifter(s) by {lag.events:,} event(s), for {lag.seconds:.0f} s at most.")
    console.print(f"Parked: {parked:,} lifter(s).")
    for lifter in services.projections.parked_lifters(1)[:_SHOWN] if parked else []:
        console.print(f"  {lifter.lifter} of {lifter.gym}; `spotter next` says at which event.")
