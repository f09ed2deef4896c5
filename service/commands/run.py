"""`spotter run`: the whole of Spotter in the foreground."""

import os
from contextlib import suppress

import click

from service.config import Settings
from service.running.supervisor import Supervisor


@click.command()
def run() -> None:
    """Start databases, workers and API here, and keep them running until Ctrl-C."""
    Supervisor(Settings.from_environment(os.environ), _say).run()


def _say(text: str) -> None:
    # A terminal that was closed, or a pipe that nobody reads any longer, must not keep it from stopping in order.
    with suppress(OSError):
        click.echo(text)
