"""`spotter replay`: make projections again from the logs alone."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.projection.drain import rebuild


@click.command()
@click.option("--lifter", type=LIFTER, help="Only this lifter's. Default: everybody's, of every gym.")
@gym_option
def replay(lifter: str | None, gym: str) -> None:
    """Forget projections and make them again by replaying the logs."""
    services = running_spotter()
    console = Console()
    lifters = list(services.log.lifters()) if lifter is None else [LifterRef(gym, lifter)]
    if lifter is not None and not services.log.head(lifters[0]):
        raise erased_or_unknown(services, lifters[0])
    events, parked = 0, list[LifterRef]()
    bar = Progress(TextColumn("Replaying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    with bar:
        for each in bar.track(lifters):
            shared = rebuild(services, each).shared
            events += shared.version
            if shared.parked is not None:
                parked.append(each)
    console.print(f"Replayed {events:,} events of {len(lifters):,} lifter(s).", highlight=False)
    for each in parked:
        console.print(f"Parked: {each.lifter} of {each.gym}; `spotter next` says at which event.", highlight=False)
