"""`spotter rules prove`: what holds of every scheme whatever its parameters and whatever a lifter does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.own_rules import chosen_rules, rules_folder
from service.domain.errors import RuleError, RuleSetInvalid

if TYPE_CHECKING:
    from service.proofs.claims import Claim

_SEARCHED: Final = (
    "Searched by the tests, which is no proof: that a better performance never leads to less in whole sessions of the "
    "library's programmes, with long sessions, deloads, several schemes of one load, and loads rounded to equipment."
)


@click.command("prove")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--verbose", is_flag=True, help="Name every claim that was proven.")
@click.option("--processes", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default=True)
def prove_rules(path: Path | None, *, verbose: bool, processes: int) -> None:
    """Prove the schemes of a rule file, or of all in the folder PATH (default: those of `rules publish`).

    Of a programme, that is the schemes that it names, with the rows that it gives their tables.

    Over all parameters and all training: each rule can fire, no load falls below 0, no trigger changes the load by more
    than the scheme's bounds, state keeps to its range, something is prescribed, and a better performance never leads to
    less. Where one is not so, a case of it is shown. What the solver leaves open is named, and is not proven. Tables
    are taken with their own rows and with those of every programme. Needs the development dependencies (Z3).
    """
    try:
        from service.proofs.library import proofs_of  # noqa: PLC0415 - a solver that nothing else needs
    except ImportError as error:
        message = "proofs need the solver Z3, a development dependency: install requirements/dev.txt."
        raise click.ClickException(message) from error
    chosen = chosen_rules(path)
    findings: list[RuleError] = []
    started = perf_counter()
    named = [scheme for each in chosen.programmes for scheme in chosen.library.rule_set(each.id).schemes.values()]
    schemes = {scheme.id: scheme for scheme in (*chosen.schemes, *named)}
    with _bar() as bar:
        task = bar.add_task("")
        counting: Callable[[int, int], None] = lambda done, of: bar.update(task, completed=done, total=of)  # noqa: E731
        proven = list(proofs_of(chosen.library, schemes.values(), processes=processes, counting=counting))
    for scheme, claims in proven:
        file = chosen.files.get(scheme.file, str(rules_folder() / scheme.file))
        found = [claim.finding for claim in claims if claim.finding is not None]
        findings += [each._replace(file=file) for each in found]
        click.echo(f"{file}: {_counted(claims)}")
        for claim in claims:
            if verbose or (claim.unproven and claim.finding is None):
                click.echo(f"  {_SIGNS[claim.rank]} {claim.name}{f' ({claim.unproven})' if claim.unproven else ''}")
    if findings:
        raise RuleSetInvalid(sorted(findings))
    left_open = sum(claim.unproven is not None for _, claims in proven for claim in claims)
    but = f", but for {left_open} left open" if left_open else ""
    click.echo(f"{path or rules_folder()}: all of it proven{but}, in {perf_counter() - started:.1f} s.\n{_SEARCHED}")


_SIGNS: Final = "✓?-✗"
"""By how far a claim is from proven."""


def _counted(claims: list[Claim]) -> str:
    proven = sum(claim.rank == 0 for claim in claims)
    others = [(word, sum(claim.unproven == word for claim in claims)) for word in ("left open", "not asked")]
    return ", ".join([f"{proven} of {len(claims)} claims proven", *(f"{n} {word}" for word, n in others if n)])


def _bar() -> Progress:
    columns = (TextColumn("Proving"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
