"""`spotter import`: take in what another app exports, or take such an import back."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.import_lifters import import_lifters_command
from service.commands.import_names import map_command, names_command
from service.commands.import_summary import became, read_as
from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.domain.loads import Unit
from service.trackers.dates import DateOrder
from service.trackers.export import Question, Unanswered
from service.trackers.reader import APPS, LARGEST_EXPORT
from service.usecases.log.import_tracker import (
    Said,
    already_there,
    append_prepared,
    columns_said,
    prepare_import,
)
from service.usecases.log.take_back_import import take_back_import

_TITLES: Final = {
    "auto": "FILE, an export of any app that is known, or a table whose columns --columns names",
    "strong": "FILE, an export of the Strong app in any of its layouts",
    "hevy": "FILE, what the Hevy app exports (CSV) or its API answers (JSON)",
    "fitnotes": "FILE, what FitNotes exports (CSV of Android or iOS) or backs up (.fitnotes)",
    "liftosaur": "FILE, the history that Liftosaur exports (CSV or JSON)",
    "csv": "FILE, any table with a row for each set; --columns says what its columns mean",
}
_ASKED: Final[dict[Question, str]] = {
    "unit": "say it with --unit kg or --unit lb.",
    "time_zone": "say where the lifter trained, such as --time-zone Europe/Berlin.",
    "date_order": "say it with --date-order day-month or --date-order month-day.",
    "columns": "say it with --columns, such as --columns {}",
}


@click.group("import")
def import_group() -> None:
    """Take in logs: of another app, or of another Spotter."""


class _Columns(click.ParamType[dict[str, str]]):
    """What columns mean: ``date=Datum, exercise=Übung``, as the names of columns with their meaning."""

    name = "meaning=column"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        """The meaning of each column."""
        columns = columns_said(str(value))
        if columns is None:
            self.fail(f"{value!r} is not like 'date=Datum, exercise=Übung, weight=kg, reps=Wdh.'", param, ctx)
        return columns


@click.pass_context
def _import(  # noqa: PLR0913 - click's way: an argument for each option
    context: click.Context,
    *,
    file: Path,
    lifter: str,
    unit: str | None,
    time_zone: str | None,
    date_order: str | None,
    columns: dict[str, str] | None,
    dry_run: bool,
    gym: str,
) -> None:
    services, ref, console = running_spotter(), LifterRef(gym, lifter), Console()
    app = None if context.info_name == "auto" else context.info_name
    said = Said(cast("Unit | None", unit), time_zone, cast("DateOrder | None", date_order), columns)
    if file.stat().st_size > LARGEST_EXPORT:
        raise click.ClickException(f"{file} is larger than {LARGEST_EXPORT // 1024 // 1024} MiB; split it.")
    try:
        prepared = prepare_import(services, ref, file.read_bytes(), said, app=app)
    except Unanswered as unanswered:
        asked = _ASKED[unanswered.question].format(shlex.quote(unanswered.suggestion))
        raise click.ClickException(f"the file does not say: {unanswered}; {asked}") from None
    for line in read_as(prepared):
        console.print(line, highlight=False)
    if dry_run:
        there = already_there(services, ref, prepared)
        console.print(
            f"Would append {len(prepared.lines) - there} events; {there} are in the log. Nothing was written."
        )
        return
    with _progress("Importing") as told:
        imported = append_prepared(services, ref, prepared, told)
    for line in became(imported, ref):
        console.print(line, highlight=False)


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar of how many events of how many are done, on standard error; what it gives is to be told so."""
    bar = Progress(
        TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    )
    with bar:
        task = bar.add_task(doing, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _command(name: str) -> click.Command:
    options = [
        click.Argument(["file"], type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.Option(["--lifter"], type=LIFTER, required=True, help="Whose log it is."),
        click.Option(
            ["--unit"], type=click.Choice(["kg", "lb"]), help="What weights are in, where the file does not say."
        ),
        click.Option(
            ["--time-zone"], help="Where the lifter trained, such as Europe/Berlin. Default: the lifter's zone."
        ),
        click.Option(
            ["--date-order"], type=click.Choice(["day-month", "month-day"]), help="What dates like 03/04/2026 mean."
        ),
        click.Option(["--columns"], type=_Columns(), help="What columns mean, as meaning=column, ..."),
        click.Option(["--dry-run"], is_flag=True, help="Say how the file is read, and write nothing."),
    ]
    command = click.Command(name, callback=_import, params=list(options), help=f"Import {_TITLES[name]}.")
    return gym_option(command)


for _name in ("auto", *APPS):
    import_group.add_command(_command(_name))
import_group.add_command(import_lifters_command)
import_group.add_command(map_command)
import_group.add_command(names_command)


@import_group.command("take-back")
@click.argument("import_id")
@click.option("--lifter", type=LIFTER, required=True, help="Whose log it is.")
@gym_option
def take_back_command(import_id: str, lifter: str, gym: str) -> None:
    """Take back IMPORT_ID as a whole: its sets and notes count no longer, and the file can be imported anew."""
    with _progress("Taking back") as told:
        voided = take_back_import(running_spotter(), LifterRef(gym, lifter), import_id, told)
    click.echo(f"Took back {voided} events.")
