"""`spotter rules list`: the programmes that there are, or those that suit."""

from __future__ import annotations

from typing import Any, get_args

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.own_rules import installed_library
from service.domain.exercises import Level
from service.engine.files.exercise_files import EQUIPMENT
from service.engine.ruleset.tags import MOST_DAYS_A_WEEK, MOST_MINUTES, Goal
from service.usecases.rules.suitable_programmes import Suitable


@click.command("list")
@click.option("--goal", type=click.Choice(get_args(Goal)), help="What it is for.")
@click.option("--level", type=click.Choice(get_args(Level)), help="For whom.")
@click.option("--days-a-week", type=click.IntRange(1, MOST_DAYS_A_WEEK), help="On how many days one trains.")
@click.option(
    "--equipment",
    multiple=True,
    type=click.Choice(EQUIPMENT),
    help="What there is to train with, beside the body; repeat it. Nothing else is needed.",
)
@click.option("--minutes", type=click.IntRange(1, MOST_MINUTES), help="How long a session may take.")
def list_programmes(equipment: tuple[str, ...], **said: Any) -> None:
    """List the library's programmes: all, or those that suit. The days of `any` are as many as one likes."""
    suitable = Suitable(**said, equipment=frozenset(equipment) if equipment else None)
    library = installed_library()
    table = Table()
    for heading in ("programme", "title", "for", "level", "days", "minutes", "equipment"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "programme")
    for rule_set in filter(suitable.includes, map(library.rule_set, sorted(library.programmes))):
        programme, tags = rule_set.programme, rule_set.programme.tags
        cells = (programme.id, programme.title, ", ".join(tags.goals), tags.level or "")
        table.add_row(
            *map(escape, cells),
            str(programme.days_a_week or "any"),
            str(tags.minutes or ""),
            ", ".join(sorted(rule_set.equipment)),
        )
    if not table.row_count:
        click.echo("No programme suits.")
        return
    Console(highlight=False).print(table)
