"""`spotter import lifters`: take in what `spotter export` wrote."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.options import gym_option
from service.commands.running_spotter import running_spotter
from service.usecases.lifter.restore import LONGEST_LINE, Restored, restore_lifters


@click.command("lifters")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@gym_option
@click.pass_context
def import_lifters_command(context: click.Context, file: Path, gym: str) -> None:
    """Take in every lifter of FILE, which `spotter export` wrote; those who are there already are left as they are."""
    services = running_spotter()
    console = Console()
    bar = Progress(TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console)
    imported, events, left = 0, 0, []
    with bar, file.open("rb") as content:
        task = bar.add_task("import", total=file.stat().st_size)
        lines = iter(lambda: content.readline(LONGEST_LINE), b"")
        for _, became in restore_lifters(services, gym, lines):
            bar.update(task, completed=content.tell())
            if isinstance(became, Restored):
                imported, events = imported + 1, events + became.version
            else:
                left.append(str(became))
    console.print(f"Imported {events:,} events of {imported:,} lifter(s).", highlight=False)
    for why in left:
        console.print(f"Left alone: {escape(why)}.", highlight=False)
    context.exit(1 if left else 0)
