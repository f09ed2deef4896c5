"""`spotter rules diff`: how two versions of rules differ, in the words of their files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from service.commands.connecting import running_spotter
from service.config import Settings
from service.engine.differing import Differing, differences
from service.engine.files.library import Library, load_library
from service.engine.model import RuleSet
from service.usecases.archived import archived


@click.command("diff")
@click.argument("before")
@click.argument("after", required=False)
def diff_rules(before: str, after: str | None) -> None:
    """Say how the rules AFTER (default: the files that `rules publish` would publish) differ from BEFORE.

    Each is a folder of rule files, or a published rule set by the first few digits of its digest. Beside a rule set, of
    a folder only the files of the same programme count.
    """
    one, other = _rules(before), _rules(after or str(Settings.from_environment(os.environ).rules_dir))
    console = Console(soft_wrap=True)
    found = differences(_files(one, beside=other), _files(other, beside=one))
    for file, values in found.items():
        console.print(f"[bold]{escape(file)}[/]" + ("" if values else ": only comments or layout"), highlight=False)
        for value in values:
            console.print(f"  {_shown(value)}", highlight=False)
    if not found:
        console.print("They are the same, byte for byte.")


def _rules(named: str) -> Library | RuleSet:
    folder = Path(named)
    return load_library(folder) if folder.is_dir() else archived(running_spotter(), named)


def _files(rules: Library | RuleSet, *, beside: Library | RuleSet) -> Mapping[str, bytes]:
    if isinstance(rules, Library) and isinstance(beside, RuleSet):
        return rules.rule_set(beside.programme.id).files
    return rules.files


def _shown(value: Differing) -> str:
    where = escape(", ".join(value.where) or "the file")
    match value:
        case Differing(before=None, after=str(after)):
            return f"[green]+[/] {where}: {escape(after)}"
        case Differing(before=str(before), after=None):
            return f"[red]−[/] {where}: {escape(before)}"
        case _:
            return f"{where}: {escape(str(value.before))} [dim]→[/] {escape(str(value.after))}"
