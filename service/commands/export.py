"""`spotter export`: write lifters to a file that another Spotter takes in."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.usecases.lifter.export import export


@click.command("export")
@click.argument("lifters", type=LIFTER, nargs=-1)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--all", "everybody", is_flag=True, help="Everybody of the gym.")
@gym_option
def export_command(lifters: tuple[str, ...], file: Path, everybody: bool, gym: str) -> None:  # noqa: FBT001 - click's way
    """Write the logs of LIFTERS, and the rules they stand on, to FILE."""
    if everybody == bool(lifters):
        raise click.UsageError("name lifters, or all of them with --all.")
    if file.exists():
        raise click.UsageError(f"{file} is there already; it is not written over.")
    services = running_spotter()
    console = Console()
    chosen = [LifterRef(gym, lifter) for lifter in lifters]
    if everybody:
        chosen = [lifter for lifter in services.log.lifters() if lifter.gym == gym]
    said = set[str]()
    bar = Progress(TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    partial = file.with_name(f"{file.name}.part")
    try:
        with bar, partial.open("wb") as output:
            for lifter in bar.track(chosen):
                output.writelines(export(services, lifter, said=said))
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)
    console.print(f"Exported {len(chosen):,} lifter(s) to {file} ({file.stat().st_size:,} bytes).", highlight=False)
