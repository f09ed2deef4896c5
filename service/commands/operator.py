"""`spotter operator`: a token for the operator's page."""

from __future__ import annotations

import os

import click

from service.config import Settings
from service.usecases.operator_token import make_operator_token


@click.command("operator")
def operator_command() -> None:
    """Make and print the token of the operator's page; the one before opens nothing any more."""
    settings = Settings.from_environment(os.environ)
    token = make_operator_token(settings.data_dir)
    where = "set SPOTTER_OPERATOR_PORT, and it is at that port of 127.0.0.1 from the next start on"
    if settings.operator_port is not None:
        where = f"http://127.0.0.1:{settings.operator_port}/"
    click.echo(f"Token  {token}")
    click.echo(f"Page   {where}")
