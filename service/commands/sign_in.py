"""`spotter sign-in`: a link that signs a browser in."""

from __future__ import annotations

import click

from service.commands.options import GYM
from service.commands.running_spotter import running_spotter
from service.domain.gyms import DEFAULT_GYM
from service.running.startup_message import sign_in_link
from service.usecases.gym.browser_sessions import offer_sign_in
from service.usecases.gym.gyms import find_gym


@click.command("sign-in")
@click.option("--gym", type=GYM, default=DEFAULT_GYM, show_default=True, help="The gym to look at.")
def sign_in_command(gym: str) -> None:
    """Print a link that signs one browser in to the pages, with what the gym's widest key may do."""
    services = running_spotter()
    link = offer_sign_in(services, find_gym(services, gym).id)
    if link is None:
        raise click.ClickException(f"gym {gym!r} has no valid key: make one with `spotter keys add`")
    click.echo(sign_in_link(services.settings, link))
