"""`spotter rules exercises`: what a slot may name."""

from __future__ import annotations

from typing import Final

import click

from service.commands.own_rules import installed_library
from service.usecases.rules.published_library import ranked_exercises

_MOST: Final = 20


@click.command("exercises")
@click.argument("words", nargs=-1, required=True)
def find_exercises(words: tuple[str, ...]) -> None:
    """Find the exercises that WORDS fit, as a slot names them: `bench`, `ohp`, `romanian`. The best first."""
    library = installed_library()
    rule_sets = map(library.rule_set, sorted(library.programmes))
    found = ranked_exercises(library.exercises, rule_sets, " ".join(words))
    for each in found[:_MOST]:
        exercise = each.item
        click.echo(f"{each.id:44}  {exercise.title} ({exercise.equipment}, {exercise.measure})")
    if len(found) > _MOST:
        click.echo(f"... and {len(found) - _MOST} more: add a word.")
    if not found:
        click.echo("No exercise fits all of these words. Try fewer, or a part of one.")
