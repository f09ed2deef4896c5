"""The command line, `spotter`."""

from collections import UserDict
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from service.domain.errors import RuleSetInvalid, SpotterError, Unavailable
from service.engine.files.yaml_tree import show

_PLACES = {
    "backup": "backup:backup_command",
    "check-proof": "proof:check_proof_command",
    "doctor": "doctor:doctor",
    "erase": "erase:erase_command",
    "explain": "explain:explain",
    "export": "export:export_command",
    "gyms": "gyms:gyms_group",
    "import": "import_exports:import_group",
    "keys": "keys:keys_group",
    "mcp": "mcp:mcp_command",
    "next": "next:next_command",
    "operator": "operator:operator_command",
    "proof": "proof:proof_command",
    "queues": "queues:queues_command",
    "replay": "replay:replay",
    "restore": "restore:restore_command",
    "rules": "rules:rules_group",
    "run": "run:run",
    "sign-in": "sign_in:sign_in_command",
    "verify": "verify:verify_command",
    "webhooks": "webhooks:webhooks_group",
}


class _Commands(UserDict[str, Any]):
    """Commands by their names, each imported when it is asked for: all together take half a second more."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = super().__getitem__(name).partition(":")
        command: click.Command = getattr(import_module(f"service.commands.{module}"), attribute)
        return command


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


@click.group(cls=_Refusals, commands=_Commands(_PLACES))
@click.version_option(package_name="spotter")
def main() -> None:
    """Tell lifters what to do next, and why."""
