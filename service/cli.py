"""The command line, `spotter`."""

import click

from service.commands.explain import explain
from service.commands.import_strong import import_group
from service.commands.next import next_command
from service.commands.replay import replay
from service.commands.run import run
from service.domain.errors import SpotterError


class _Refusals(click.Group):
    """Shows what Spotter refuses as one sentence instead of a traceback; the exit status is 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except SpotterError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Refusals)
@click.version_option(package_name="spotter")
def main() -> None:
    """Tell lifters what to do next, and why."""


for command in (run, import_group, next_command, explain, replay):
    main.add_command(command)
