"""`spotter doctor`: looks at everything that could be wrong and says how to mend what is."""

from __future__ import annotations

import os
import sys

import click

from service.config import Settings
from service.running.doctor_checks import findings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
def doctor() -> None:
    """Check settings, servers, disk, rules, workers and replay; the exit status is 1 when something is wrong."""
    counted = {"ok": 0, "warn": 0, "fail": 0}
    for verdict, about, what, mend in findings(Settings.from_environment(os.environ)):
        counted[verdict] += 1
        click.echo(f"{click.style(f'{verdict:<4}', fg=_COLOURS[verdict])}  {about}: {what}")
        if mend:
            click.echo(f"      {mend}")
    click.echo(f"{counted['ok']} ok, {counted['warn']} to watch, {counted['fail']} wrong")
    sys.exit(1 if counted["fail"] else 0)
