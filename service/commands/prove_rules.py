"""`spotter rules prove`: what holds of every scheme whatever its parameters and whatever a lifter does."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

import click

from service.config import Settings
from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.library import load_library


@click.command("prove")
@click.argument("path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--verbose", is_flag=True, help="Name every claim that was proven.")
def prove_rules(path: Path | None, *, verbose: bool) -> None:
    """Prove every scheme of the folder PATH (default: the rules that `spotter run` would publish).

    Over all parameters and all training: each rule can fire, no load falls below 0, no trigger changes the load by more
    than the scheme's bounds, state keeps to its range, and something is prescribed. Where one is not so, a case of it
    is shown. Needs the development dependencies (Z3).
    """
    try:
        from service.proofs.library import proofs_of  # noqa: PLC0415 - a solver that nothing else needs
    except ImportError as error:
        message = "proofs need the solver Z3, a development dependency: install requirements/dev.txt."
        raise click.ClickException(message) from error
    root = path or Settings.from_environment(os.environ).rules_dir
    library = load_library(root)
    findings: list[RuleError] = []
    started = perf_counter()
    for scheme, proofs in proofs_of(library):
        found = [claim.finding for claim in proofs if claim.finding is not None]
        findings += found
        click.echo(f"{scheme.file}: {len(proofs) - len(found)} of {len(proofs)} claims proven")
        for claim in proofs if verbose else ():
            click.echo(f"  {'✗' if claim.finding else '✓'} {claim.name}")
    if findings:
        raise RuleSetInvalid([each._replace(file=str(root / each.file)) for each in sorted(findings)])
    click.echo(f"{root}: all of it proven in {perf_counter() - started:.1f} s.")
