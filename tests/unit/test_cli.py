"""The command line, as far as it says which commands there are."""

from service.cli import main


def test_every_command_is_found_under_its_name() -> None:
    assert len(main.commands) > 15
    assert [command.name for command in main.commands.values()] == list(main.commands)
