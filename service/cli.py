"""The command line, `spotter`."""

from pathlib import Path

import click

from service.commands.backup import backup_command
from service.commands.doctor import doctor
from service.commands.erase import erase_command
from service.commands.explain import explain
from service.commands.export import export_command
from service.commands.gyms import gyms_group
from service.commands.import_lifters import import_lifters_command
from service.commands.import_strong import import_group
from service.commands.keys import keys_group
from service.commands.next import next_command
from service.commands.proof import check_proof_command, proof_command
from service.commands.queues import queues_command
from service.commands.replay import replay
from service.commands.restore import restore_command
from service.commands.rules import rules_group
from service.commands.run import run
from service.commands.verify import verify_command
from service.commands.webhooks import webhooks_group
from service.domain.errors import RuleSetInvalid, SpotterError, Unavailable
from service.engine.files.yaml_tree import show


class _Refusals(click.Group):
    """Shows what Spotter refuses as one sentence instead of a traceback; the exit status is 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except RuleSetInvalid as error:
            mistakes = [show(mistake, _content(mistake.file)) for mistake in error.errors]
            raise click.ClickException("the rule files need mending:\n\n" + "\n\n".join(mistakes)) from error
        except Unavailable as error:
            raise click.ClickException(error.in_full) from error
        except SpotterError as error:
            raise click.ClickException(str(error)) from error


def _content(file: str) -> bytes | None:
    path = Path(file)
    return path.read_bytes() if path.is_file() else None


@click.group(cls=_Refusals)
@click.version_option(package_name="spotter")
def main() -> None:
    """Tell lifters what to do next, and why."""


import_group.add_command(import_lifters_command)
_COMMANDS = (
    run,
    doctor,
    queues_command,
    import_group,
    next_command,
    explain,
    proof_command,
    check_proof_command,
    erase_command,
    export_command,
    backup_command,
    restore_command,
    replay,
    verify_command,
    webhooks_group,
    rules_group,
    gyms_group,
    keys_group,
)
for command in _COMMANDS:
    main.add_command(command)
