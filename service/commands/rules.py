"""`spotter rules`: what a coach does with rule files."""

from __future__ import annotations

import os
from pathlib import Path

import click

from service.bootstrap import publish_rules
from service.commands.connecting import running_spotter
from service.commands.diff_rules import diff_rules
from service.commands.prove_rules import prove_rules
from service.commands.rollout import rollout
from service.commands.simulate_rules import simulate_rules
from service.config import Settings
from service.engine.files.library import load_library


@click.group("rules")
def rules_group() -> None:
    """Check rule files, try them out, compare them, publish them, and take lifters on to them."""


rules_group.add_command(diff_rules)
rules_group.add_command(prove_rules)
rules_group.add_command(rollout)
rules_group.add_command(simulate_rules)


@rules_group.command()
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(path: Path | None) -> None:
    """Check every rule file of the folder PATH (default: the rules that `spotter run` would publish)."""
    root = path or Settings.from_environment(os.environ).rules_dir
    library = load_library(root)
    click.echo(
        f"{root}: {len(library.schemes)} schemes, {len(library.programmes)} programmes and "
        f"{len(library.exercises)} exercises, nothing wrong."
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
