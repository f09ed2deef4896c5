"""`spotter export`: write lifters to a file that another Spotter takes in, or a lifter's sets to one for other apps."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.trackers.writer import WrittenApp
from service.usecases.lifter.export import export
from service.usecases.lifter.export_table import export_table


@click.command("export")
@click.argument("lifters", type=LIFTER, nargs=-1)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--all", "everybody", is_flag=True, help="Everybody of the gym.")
@click.option("--as", "app", type=click.Choice(get_args(WrittenApp)), help="One lifter's sets, as this app's CSV.")
@gym_option
def export_command(
    lifters: tuple[str, ...],
    file: Path,
    everybody: bool,  # noqa: FBT001 - click's way
    app: WrittenApp | None,
    gym: str,
) -> None:
    """Write the logs of LIFTERS, and the rules they stand on, to FILE."""
    if app is not None and len(lifters) != 1:
        raise click.UsageError("--as writes the sets of one lifter; name them.")
    if everybody == bool(lifters):
        raise click.UsageError("name lifters, or all of them with --all.")
    if file.exists():
        raise click.UsageError(f"{file} is there already; it is not written over.")
    services = running_spotter()
    if app is not None:
        lines = export_table(services, LifterRef(gym, lifters[0]), app)
        with file.open("x", encoding="utf-8", newline="") as table:
            table.writelines(lines)
        click.echo(f"Exported the sets of {lifters[0]} to {file}, as {app.title()} does.")
        return
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
