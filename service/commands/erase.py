"""`spotter erase`: forget a lifter for good."""

from __future__ import annotations

import click

from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.domain.instants import render
from service.usecases.lifter.erase import erase

ACTOR = "cli"

_REWRITES = {
    "pending": "The servers' files may still hold them until they are written anew, soon: erase again to ask.",
    "done": "The servers' files were written anew without them.",
}


@click.command("erase")
@click.argument("lifter", type=LIFTER)
@click.option("--yes", is_flag=True, help="Do not ask.")
@gym_option
def erase_command(lifter: str, yes: bool, gym: str) -> None:  # noqa: FBT001 - click passes flags by name
    """Erase everything of LIFTER, for good: log, projection and marks. The id can never be used again."""
    services = running_spotter()
    if not yes:
        click.confirm(f"Erase everything of {lifter} of the gym {gym}, for good?", abort=True)
    tombstone, rewrite = erase(services, LifterRef(gym, lifter), by=ACTOR)
    click.echo(
        f"Erased {tombstone.events:,} event(s) of {lifter} at {render(tombstone.erased_at)}"
        f" (asked for by {tombstone.erased_by}).\n"
        f"What remains of them is their chain's head, {tombstone.log_head}.\n{_REWRITES[rewrite]}"
    )
