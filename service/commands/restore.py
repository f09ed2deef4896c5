"""`spotter restore`: restore a backup into an empty place, and verify it there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.running_spotter import log_of_spotter
from service.commands.verify import verify_all
from service.domain.instants import render
from service.usecases.backup.check import Whole, check_backup
from service.usecases.backup.restore import Restored, restore_backup
from service.usecases.services import Services

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("restore")
@click.argument("file", type=_FILE)
@click.option(
    "--erasures", type=_FILE, multiple=True, help="A later backup, of which only who was erased is looked at."
)
@click.option("--check", is_flag=True, help="Only look whether FILE is whole.")
@click.option("--processes", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default=True)
@click.pass_context
def restore_command(
    context: click.Context, file: Path, erasures: tuple[Path, ...], processes: int, *, check: bool
) -> None:
    """Restore FILE, which `spotter backup` wrote, where nothing is yet; then verify all of it.

    Without servers of your own, that is the data folder, which is made; start Spotter on it afterwards. When it was
    stopped, do it again: it goes on. Exit status 1 if anything is not as it was written.
    """
    console = Console()
    backup, later = check_backup(file), [check_backup(each) for each in erasures]
    console.print(
        f"{file} is whole: {backup.finish.events:,} events of {backup.finish.lifters:,} lifter(s), "
        f"begun at {render(backup.begin.began_at)}.",
        highlight=False,
        soft_wrap=True,
    )
    if check:
        return
    with log_of_spotter(may_be_new=True) as services:
        restored = _restore(services, console, backup, later)
        findings = verify_all(services, console, services.raw_reads.lifters(), {}, processes).findings
    context.exit(1 if findings or restored.left_out else 0)


def _restore(services: Services, console: Console, backup: Whole, later: list[Whole]) -> Restored:
    bar = Progress(TextColumn("Restoring"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console)
    with bar:
        task = bar.add_task("restore", total=backup.path.stat().st_size)
        restored = restore_backup(services, backup, erasures=later, watch=lambda read: bar.advance(task, read))
    console.print(
        f"Restored {restored.events:,} events of {restored.lifters:,} lifter(s); {restored.erased:,} in it "
        "had been erased and stay so.",
        highlight=False,
        soft_wrap=True,
    )
    for (gym, lifter), why in restored.left_out.items():
        console.print(f"[red]Left out: {lifter} of {gym}[/]: {escape(why)}.", highlight=False, soft_wrap=True)
    return restored
