"""`spotter import strong`: take in what the Strong app exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.commands.import_lifters import import_lifters_command
from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.domain.loads import Unit
from service.usecases.log.import_tracker import Imported, Said, import_export

_LINES_SHOWN = 5
_DETAILS_SHOWN = 3


@click.group("import")
def import_group() -> None:
    """Take in logs: of another app, or of another Spotter."""


import_group.add_command(import_lifters_command)


@import_group.command("strong")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lifter", type=LIFTER, required=True, help="Whose log it is.")
@click.option("--unit", type=click.Choice(["kg", "lb"]), help="What weights are in, where the export does not say.")
@click.option("--time-zone", help="Where the lifter trained, such as Europe/Berlin. Default: the lifter's.")
@gym_option
def import_strong_command(file: Path, lifter: str, unit: str | None, time_zone: str | None, gym: str) -> None:
    """Import FILE, an export of the Strong app in any of its layouts."""
    services = running_spotter()
    console = Console()
    bar = Progress(TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    with bar:
        task = bar.add_task("import", total=None)
        imported = import_export(
            services,
            LifterRef(gym, lifter),
            file.read_bytes(),
            Said(cast("Unit | None", unit), time_zone),
            app="strong",
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(_summary(imported))
    for line in _remarks(imported):
        console.print(line)


def _summary(imported: Imported) -> Table:
    """What became of every row."""
    export = imported.export
    table = Table("rows", "what became of them", "lines", title=f"{export.rows} rows", title_justify="left")
    table.add_row(str(len(export.sets)), "sets")
    table.add_row(str(len(export.notes)), "notes on exercises")
    reasons: dict[str, list[int]] = {}
    for line, reason in export.skipped:
        reasons.setdefault(reason, []).append(line)
    for reason, lines in sorted(reasons.items()):
        table.add_row(str(len(lines)), f"skipped: {escape(reason)}", _some(lines))
    table.add_section()
    table.add_row(str(imported.outcomes.get("appended", 0)), "events appended")
    table.add_row(str(imported.outcomes.get("already_appended", 0)), "events already in the log")
    if imported.differing:
        table.add_row(
            str(len(imported.differing)), "in the log with other content, which was kept", _some(imported.differing)
        )
    for reason, refused in sorted(imported.refused.items()):
        table.add_row(str(len(refused)), f"refused: {escape(reason)}", _some(refused))
    for code, warned in sorted(imported.warned.items()):
        lines = [line for line, _ in warned]
        table.add_row(str(len(lines)), f"taken with a warning: {code}", _some(lines))
    return table


def _remarks(imported: Imported) -> Iterable[str]:
    assumed = imported.assumed
    units = " and ".join(sorted({performed.load.unit for performed in imported.export.sets}))
    yield (
        f"Unit: {units}, as the export says."
        if imported.export.says_unit
        else (f"Unit: {assumed.unit} ({assumed.unit_from}).")
    )
    yield f"Time zone: {assumed.time_zone} ({assumed.time_zone_from})."
    yield f"Exercises of the catalogue: {len(imported.matched)}. The gym's own: {len(imported.own)}" + (
        "." if not imported.own else ": " + escape(", ".join(f"{name} ({made})" for name, made in _own(imported))) + "."
    )
    for code, warned in sorted(imported.warned.items()):
        for detail in list(dict.fromkeys(detail for _, detail in warned))[:_DETAILS_SHOWN]:
            yield f"Warning ({code}): {escape(detail)}."
    if imported.export.unknown_columns:
        yield f"Columns left unread: {escape(', '.join(imported.export.unknown_columns))}."
    if imported.differing:
        yield "Rows that differ were edited in Strong since, or read with another unit or time zone before."


def _own(imported: Imported) -> list[tuple[str, str]]:
    return sorted(imported.own.items(), key=lambda pair: pair[1])


def _some(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_LINES_SHOWN]))
    return shown if len(lines) <= _LINES_SHOWN else f"{shown}, ..."
