"""The command line, `spotter`."""

import click

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


main.add_command(run)
