"""`spotter import map` and `spotter import names`: what names in other apps' exports mean to a gym."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.commands.options import gym_option
from service.commands.running_spotter import running_spotter
from service.usecases.gym.exercise_names import correct_gym, map_name, mapped_names, warnings_of

_ACTOR = "exercise-names"


@click.command("map")
@click.argument("name")
@click.argument("exercise")
@gym_option
def map_command(name: str, exercise: str, gym: str) -> None:
    """Have NAME, as another app writes it, mean EXERCISE in every import of a gym, earlier ones included.

    What was imported under the name is corrected by events. Run again after an interruption, it corrects what is left.
    """
    services = running_spotter()
    mapped = map_name(services, gym, name, exercise)
    progress = Progress(
        TextColumn("Correcting"),
        TextColumn("{task.completed} lifters"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with progress:
        task = progress.add_task("correct", total=None)
        corrected = correct_gym(services, gym, actor=_ACTOR, on_progress=lambda _: progress.advance(task))
    click.echo(f"{mapped.name} is {mapped.exercise}. Corrected {corrected.sets} sets.")
    for warning in warnings_of(services, gym, mapped):
        near = f" Did you mean {warning.did_you_mean}?" if warning.did_you_mean else ""
        click.echo(f"Warning: {warning.detail}.{near}")
    for reason, count in sorted(corrected.refused.items()):
        click.echo(f"Not corrected: {count} sets: {reason}")


@click.command("names")
@gym_option
def names_command(gym: str) -> None:
    """List the names that a gym mapped."""
    table = Table("name", "exercise")
    for each in mapped_names(running_spotter(), gym):
        table.add_row(each.name, each.exercise)
    Console().print(table)
