"""`spotter backup`: write a whole Spotter, running or not, to one file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.running_spotter import log_of_spotter
from service.domain.errors import SpotterError
from service.usecases.backup.check import check_backup
from service.usecases.backup.write import write_backup


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--erasures-only", is_flag=True, help="Only who was erased, for `spotter restore --erasures`.")
@click.pass_context
def backup_command(context: click.Context, file: Path, *, erasures_only: bool) -> None:
    """Write everything that cannot be derived to FILE, which `spotter restore` restores elsewhere.

    Works while Spotter serves, and while it does not. Exit status 1 if somebody's log could not be read whole.
    """
    if file.exists():
        raise click.UsageError(f"{file} is there already; it is not written over.")
    console = Console()
    bar = Progress(TextColumn("Backing up"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    with log_of_spotter() as services, _whole_or_nothing(file) as output:
        with bar:
            written = write_backup(services, output, erasures_only=erasures_only, watch=bar.track)
        output.flush()
        check_backup(Path(output.name))
    finish = written.finish
    console.print(
        f"Backed up {finish.events:,} events of {finish.lifters:,} lifter(s), and {finish.erased:,} erasure(s), "
        f"to {file} ({file.stat().st_size:,} bytes).",
        highlight=False,
        soft_wrap=True,
    )
    for (gym, lifter), why in written.left_out.items():
        console.print(f"[red]Left out: {lifter} of {gym}[/]: {escape(why)}.", highlight=False, soft_wrap=True)
    context.exit(1 if written.left_out else 0)


@contextmanager
def _whole_or_nothing(file: Path) -> Iterator[BinaryIO]:
    """A file for writing that has its name once it is whole and on disk; readable to its owner only."""
    partial = file.with_name(f"{file.name}.part")
    try:
        partial.unlink(missing_ok=True)  # of one that was killed
        # Not Path.open, which cannot say whose it shall be from the first byte on.
        with open(partial, "xb", opener=_own) as output:
            yield output
            os.fsync(output.fileno())
        partial.rename(file)
        folder = os.open(file.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SpotterError(f"{file} cannot be written: {error.strerror}. Nothing of it was kept.") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
