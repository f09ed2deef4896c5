"""`spotter gyms`: the gyms of a Spotter."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from service.commands.keys import day, show_secret
from service.commands.options import GYM, NAME
from service.commands.running_spotter import running_spotter
from service.domain.instants import render
from service.usecases.gym import gyms, sample


@click.group("gyms")
def gyms_group() -> None:
    """List gyms, make them, suspend and remove them."""


@gyms_group.command("list")
def list_command() -> None:
    """List every gym with its valid keys and its lifters."""
    table = Table(Column("Gym", no_wrap=True), "Name", "Made", "Keys", "Lifters", "", box=None, padding=(0, 2, 0, 0))
    for gym, keys, lifters, sandbox in gyms.list_gyms(running_spotter()):
        state = "" if gym.suspended_at is None else f"suspended {day(gym.suspended_at)}"
        if sandbox is not None:
            state = f"{state} its clock: {render(sandbox.now)}".lstrip()
        table.add_row(gym.id, escape(gym.name or ""), day(gym.created_at), f"{keys:,}", f"{lifters:,}", state)
    Console().print(table)


@gyms_group.command("add")
@click.argument("gym", type=GYM)
@click.option("--name", type=NAME, help="What people call it.")
@click.option(
    "--sandbox", is_flag=True, help="Make it for tests: its clock is set, and its lifters can all be taken away."
)
def add_command(gym: str, name: str | None, sandbox: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Make the gym GYM, and print its first key, which has every scope, on standard output."""
    made = gyms.add_gym(running_spotter(), gym, name, sandbox=sandbox)
    click.echo(f"Made the {'sandbox' if sandbox else 'gym'} {gym}.", err=True)
    show_secret(made.key, made.secret)


@gyms_group.command("sample")
@click.option("--remove", is_flag=True, help="Take it away again.")
def sample_command(remove: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Make a sample gym, a sandbox in which lifters have trained for a year, and print its key on standard output."""
    services = running_spotter()
    if remove:
        sample.remove_sample(services)
        click.echo(f"The sample gym {sample.SAMPLE} is gone.")
        return
    click.echo("Three made-up lifters train for a year, which takes some seconds ...", err=True)
    made = sample.make_sample(services)
    click.echo(f"Look at it in a browser: spotter sign-in --gym {sample.SAMPLE}", err=True)
    show_secret(made.key, made.secret)


@gyms_group.command("suspend")
@click.argument("gym", type=GYM)
def suspend_command(gym: str) -> None:
    """Refuse every key of GYM, and tell its webhooks nothing, until it is resumed. Nothing of it is changed."""
    gyms.suspend_gym(running_spotter(), gym)
    click.echo(f"The gym {gym} is suspended: within 5 seconds its keys are refused.")


@gyms_group.command("resume")
@click.argument("gym", type=GYM)
def resume_command(gym: str) -> None:
    """Take the keys of GYM again, and tell its webhooks what came meanwhile."""
    gyms.resume_gym(running_spotter(), gym)
    click.echo(f"The gym {gym} is not suspended: within 5 seconds its keys are taken.")


@gyms_group.command("remove")
@click.argument("gym", type=GYM)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_command(gym: str, yes: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Forget GYM, its keys and its webhooks. Refused while it has lifters: export and erase those first."""
    services = running_spotter()
    gyms.find_gym(services, gym)
    if not yes:
        click.confirm(f"Forget the gym {gym}, its keys and its webhooks, for good?", abort=True)
    removed = gyms.remove_gym(services, gym)
    click.echo(f"Removed the gym {gym}, its {removed.keys:,} key(s) and its {removed.webhooks:,} webhook(s).")
