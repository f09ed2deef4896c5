"""`spotter rules rollout`: what newer rules would change for the lifters of a programme, and moving them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.commands.histogram import histogram_svg
from service.commands.next import sets_in_words
from service.commands.running_spotter import running_spotter
from service.engine.changes.rollout_effect import EDGES, Effect, Left, histogram, quantile
from service.http.replies import encode
from service.http.rules_json import effect_json
from service.usecases.rules.rollout import Rollout, move, rollout_of
from service.usecases.rules.rollout_preview import preview_rollout
from service.usecases.services import Services

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("programme")
@click.option("--from", "source", metavar="DIGEST", help="Only who follows this rule set. Default: any but the target.")
@click.option("--to", "target", metavar="DIGEST", help="The rule set to go on under. Default: the newest published.")
@click.option("--dry-run", is_flag=True, help="Only say what it would change.")
@click.option("--yes", is_flag=True, help="Move the lifters without asking.")
@click.option("--json", "json_file", type=_FILE, help="Write what it changes to this file, as JSON.")
@click.option("--svg", "svg_file", type=_FILE, help="Draw how loads change to this file, as a histogram.")
def rollout(
    programme: str,
    source: str | None,
    target: str | None,
    *,
    dry_run: bool,
    yes: bool,
    json_file: Path | None,
    svg_file: Path | None,
) -> None:
    """Take the lifters of PROGRAMME on to another version of its rules.

    First shows what that changes for them. Rule sets are named by the first few digits of their digests. May be
    stopped at any time; done again, it goes on with those who have not been moved.
    """
    services = running_spotter()
    planned = rollout_of(services, programme, source, target)
    console = Console()
    if not services.rollout_previews.worker_count():
        console.print("No worker is running: working it out here.", style="dim")
    with _progress("Comparing", console) as bar:
        task = bar.add_task("")
        effect = preview_rollout(services, planned, lambda done, total: bar.update(task, completed=done, total=total))
    _show(console, planned, effect)
    if json_file is not None:
        json_file.write_bytes(_document(planned, effect) + b"\n")
    if svg_file is not None:
        svg_file.write_text(
            histogram_svg(_caption(planned, effect), list(zip(_LABELS, histogram(effect.moves), strict=True)))
        )
    if dry_run or not effect.lifters:
        return
    if not yes:
        click.confirm(f"Move {effect.lifters:,} lifter(s) to {planned.target[:12]}?", abort=True)
    _roll_out(services, planned, console)


def _roll_out(services: Services, planned: Rollout, console: Console) -> None:
    moved, left = 0, list[Left]()
    lifters = list(services.log.lifters())
    try:
        with _progress("Moving", console) as bar:
            for lifter in bar.track(lifters):
                match move(services, planned, lifter):
                    case Left() as stays:
                        left.append(stays)
                    case done:
                        moved += done
    finally:  # also when stopped half-way
        console.print(f"Moved {moved:,} lifter(s) to {planned.target[:12]}.", highlight=False)
        _show_left(console, left)


def _progress(doing: str, console: Console) -> Progress:
    return Progress(TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)


def _show(console: Console, planned: Rollout, effect: Effect) -> None:
    followed = ", ".join(f"{count:,} on {digest[:12]}" for digest, count in sorted(effect.followed.items()))
    if not followed:
        console.print("Nobody to move: no lifter follows such rules.")
        return
    table = Table(title=f"{planned.programme} to {planned.target[:12]}", title_justify="left", show_header=False)
    table.add_row("lifters", followed)
    table.add_row("told otherwise", _share(effect.lifters_changed, effect.lifters))
    table.add_row("next prescriptions", _share(effect.changed, effect.prescriptions) + " changed")
    for words, share in _spread(effect):
        table.add_row(words, share)
    console.print(table)
    if effect.most:
        console.print(_table_of_most(effect))
    _show_left(console, effect.left)


def _spread(effect: Effect) -> list[tuple[str, str]]:
    """By how much loads change, in words."""
    rows = []
    for words, sign in (("load raised", 1), ("load lowered", -1)):
        sizes = {abs(change): count for change, count in effect.moves.items() if change * sign > 0}
        if sizes:
            spread = f"median {_percent(quantile(sizes, 0.5))}, 9 in 10 up to {_percent(quantile(sizes, 0.9))}"
            rows.append((words, f"{sum(sizes.values()):,}: {spread}, most {_percent(max(sizes))}"))
    return rows


def _table_of_most(effect: Effect) -> Table:
    table = Table(title="For whom it changes most", title_justify="left", show_lines=True)
    for heading in ("gym", "lifter", "slot", "now", "then", "load"):
        table.add_column(heading, overflow="fold")
    for each in effect.most:
        before, after = ("-" if sets is None else sets_in_words(sets) for sets in (each.before, each.after))
        change = f"{each.change / 100:+g} %" if each.change else ""
        table.add_row(each.gym, each.lifter, escape(each.slot), before, after, change)
    return table


def _show_left(console: Console, left: tuple[Left, ...] | list[Left]) -> None:
    if left:
        console.print(f"{len(left):,} lifter(s) stay as they are:")
    for each in left:
        console.print(f"  {each.lifter} of {each.gym}: {escape(each.why)}", highlight=False)


def _document(planned: Rollout, effect: Effect) -> bytes:
    """What the rollout changes, for programs; changes of loads are in hundredths of a percent."""
    shown = {"programme": planned.programme, "to": planned.target, **effect_json(effect)}
    return msgspec.json.format(encode(shown), indent=2)


def _caption(planned: Rollout, effect: Effect) -> str:
    moves = sum(effect.moves.values())
    return (
        f"{planned.programme} to {planned.target[:12]}: the load changes in {moves:,} "
        f"of {effect.prescriptions:,} next prescriptions, by %"
    )


def _labels() -> list[str]:
    edges = [f"{edge / 100:g}".replace("-", "−") for edge in EDGES]
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"< {edges[0]}", *between, f"> {edges[-1]}"]


_LABELS = _labels()


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({part / whole:.1%})" if whole else "")


def _percent(hundredths: int) -> str:
    return f"{hundredths / 100:g} %"
