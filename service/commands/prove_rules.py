"""`spotter rules prove`: what holds of every scheme whatever its parameters and whatever a lifter does."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click

from service.commands.own_rules import chosen_rules, rules_folder
from service.domain.errors import RuleError, RuleSetInvalid


@click.command("prove")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--verbose", is_flag=True, help="Name every claim that was proven.")
def prove_rules(path: Path | None, *, verbose: bool) -> None:
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
    for scheme, claims in proofs_of(chosen.library, schemes.values()):
        file = str(chosen.files.get(scheme.file, rules_folder() / scheme.file))
        found = [claim.finding for claim in claims if claim.finding is not None]
        findings += [each._replace(file=file) for each in found]
        left_open = [claim for claim in claims if claim.left_open and claim.finding is None]
        open_too = f", {len(left_open)} left open" if left_open else ""
        click.echo(f"{file}: {len(claims) - len(found) - len(left_open)} of {len(claims)} claims proven{open_too}")
        for claim in claims if verbose else left_open:
            click.echo(f"  {'✗' if claim.finding else '?' if claim.left_open else '✓'} {claim.name}")
    if findings:
        raise RuleSetInvalid(sorted(findings))
    click.echo(f"{path or rules_folder()}: all of it proven in {perf_counter() - started:.1f} s.")
