"""`spotter run`: the whole of Spotter in the foreground."""

import os

import click

from service.config import Settings
from service.running.supervisor import Supervisor


@click.command()
def run() -> None:
    """Start databases, workers and API here, and keep them running until Ctrl-C."""
    settings = Settings.from_environment(os.environ)
    Supervisor(settings, say=click.echo, check=lambda: None, first_key=lambda: None).run()
