"""`spotter proof` and `spotter check-proof`: a prescription's proof in one file, and checking it with nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.engine.verify.check_bundle import Check, check
from service.engine.verify.proof_bundle import LONGEST_LINE, Bundle, BundleUnreadable, read
from service.usecases.lifter.proof_bundle import proof_bundle

_MOST_SHOWN: Final = 20
_LONGEST_SHOWN: Final = 1000


@click.command("proof")
@click.argument("prescription_id")
@click.option("--lifter", type=LIFTER, required=True, help="Whose prescription it is.")
@click.option(
    "--bundle", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True, help="The file to write."
)
@gym_option
def proof_command(prescription_id: str, lifter: str, bundle: Path, gym: str) -> None:
    """Write the proof of PRESCRIPTION_ID into one file.

    It holds the lifter's log up to the prescription, the rules that it was made by, and its derivation: all that
    `spotter check-proof` needs, anywhere and at any time. It tells whoever has it what the lifter logged.
    """
    if bundle.exists():
        raise click.UsageError(f"{bundle} is there already; it is not written over.")
    lines = proof_bundle(running_spotter(), LifterRef(gym, lifter), prescription_id)
    partial = bundle.with_name(f"{bundle.name}.part")
    try:
        with partial.open("wb") as output:
            output.writelines(lines)
        partial.rename(bundle)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"Wrote {bundle} ({bundle.stat().st_size:,} bytes); check it with `spotter check-proof {bundle}`.")


@click.command("check-proof")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def check_proof_command(context: click.Context, bundle: Path) -> None:
    """Check a file that `spotter proof` wrote, without a server and without settings.

    Exit status 0: it holds. 1: something in it does not, or cannot be made again by this Spotter. 2: it cannot be read.
    """
    try:
        with bundle.open("rb") as content:
            found = read(iter(lambda: content.readline(LONGEST_LINE + 1), b""))
    except (BundleUnreadable, OSError) as error:
        click.echo(_printable(f"{bundle} cannot be read as a proof bundle: {error}."), err=True)
        context.exit(2)
    checks = check(found)
    for line in _shown(found, checks):
        click.echo(_printable(line))
    context.exit(1 if any(each.flaws for each in checks) else 0)


def _shown(bundle: Bundle, checks: list[Check]) -> Iterator[str]:
    """What was checked and what was found, in words."""
    asked, prescription = bundle.asked, bundle.stated.prescription
    yield f"Prescription {prescription.prescription_id}"
    yield (
        f"of {bundle.manifest.lifter}, slot {asked.slot}, version {asked.version}, by programme "
        f"{prescription.rule_set.programme}, engine {asked.engine}, edition {bundle.derived.edition}"
    )
    for part, said, flaws, done in checks:
        if not flaws:
            yield f"  {'holds' if done else '-':<15} {part}: {said}."
        for flaw in flaws[:_MOST_SHOWN]:
            yield f"  {'DOES NOT HOLD':<15} {part}: line {flaw.line} {flaw.message}."
        if len(flaws) > _MOST_SHOWN:
            yield f"  {'':<15} and {len(flaws) - _MOST_SHOWN:,} more."
    count = sum(len(each.flaws) for each in checks)
    if count:
        yield f"The proof does not hold: {count:,} finding(s)."
    else:
        yield "The proof holds. That this is the lifter's log, its head shows to whoever has kept that elsewhere."


def _printable(text: str) -> str:
    """A line without anything that a terminal would obey: what is in a bundle is not to be trusted."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]} ..."
