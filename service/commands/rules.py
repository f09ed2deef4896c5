"""`spotter rules`: what a coach does with rule files."""

from __future__ import annotations

from pathlib import Path

import click

from service.commands.backtest_rules import backtest_rules
from service.commands.diff_rules import diff_rules
from service.commands.explain_rules import explain_rules, facts_of_rules
from service.commands.find_exercises import find_exercises
from service.commands.list_programmes import list_programmes
from service.commands.own_rules import chosen_rules, rules_folder
from service.commands.preview_rules import preview_rules
from service.commands.prove_rules import prove_rules
from service.commands.rollout import rollout
from service.commands.running_spotter import running_spotter
from service.commands.simulate_rules import simulate_rules
from service.commands.test_rules import rehearse_rules
from service.usecases.rules.publish import publish_rules


@click.group("rules")
def rules_group() -> None:
    """Find programmes, check rule files, try them out, compare them, publish them, and take lifters on to them."""


rules_group.add_command(backtest_rules)
rules_group.add_command(diff_rules)
rules_group.add_command(explain_rules)
rules_group.add_command(facts_of_rules)
rules_group.add_command(find_exercises)
rules_group.add_command(list_programmes)
rules_group.add_command(preview_rules)
rules_group.add_command(prove_rules)
rules_group.add_command(rehearse_rules)
rules_group.add_command(rollout)
rules_group.add_command(simulate_rules)


@rules_group.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def check(path: Path | None) -> None:
    """Check a rule file, or all in the folder PATH (default: the rules that `spotter run` would publish).

    What the files name and the folder lacks is the library's.
    """
    chosen = chosen_rules(path)
    borrowed = chosen.borrowed
    for doubt in chosen.doubts:
        click.echo(f"{chosen.files[doubt.file]}:{doubt.line}:{doubt.column}: {doubt.message}")
    click.echo(
        f"{path or rules_folder()}: {len(chosen.schemes)} schemes, {len(chosen.programmes)} programmes and "
        f"{len(chosen.exercises)} exercises, nothing wrong."
        + (f" They use {len(borrowed)} files of the library." if borrowed else "")
    )


@rules_group.command()
def publish() -> None:
    """Publish the rule files to the running Spotter: whoever is assigned a programme from now on gets these.

    Lifters who follow a programme already stay with the rules that they were assigned.
    """
    changes = publish_rules(running_spotter())
    for change in changes:
        instead = "" if change.before is None else f", instead of {change.before[:12]}"
        click.echo(f"Published the programme {change.programme}: rule set {change.digest[:12]}{instead}.")
    if not changes:
        click.echo("Nothing to publish: every programme is published as it is.")
