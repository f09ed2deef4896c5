"""`spotter rules simulate`: what a programme would prescribe along a log."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.log_files import read_log
from service.commands.next import sets_in_words
from service.commands.own_rules import installed_library, named_rule_set
from service.engine.simulating import Simulated
from service.http.replies import encode
from service.http.resources.simulations import shown
from service.usecases.simulate import LibraryRuleSets, simulate_under


@click.command("simulate")
@click.argument("programme")
@click.option("--programme", "name", help="Which programme, where a folder has several.")
@click.option(
    "--events",
    "--log",
    "log",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Events as they are posted, one a line, or an export of one lifter.",
)
@click.option("--json", "as_json", is_flag=True, help="What POST /v1/simulations answers, instead of a table.")
def simulate_rules(programme: str, name: str | None, log: Path, as_json: bool) -> None:  # noqa: FBT001 - click's way
    """Say what PROGRAMME would prescribe before the first set and after every session of a log. Nothing is written.

    It is a programme file, a folder with one, or a programme of the library, which also lends what a file lacks.
    """
    library = installed_library()
    rule_set = named_rule_set(programme, name, library)
    simulated = simulate_under(rule_set, LibraryRuleSets(library), read_log(log))
    if as_json:
        click.echo(encode(shown(simulated)))
    else:
        Console().print(table_of(rule_set.programme.title, simulated))


def table_of(title: str, simulated: Simulated) -> Table:
    """A row for every slot before the first session, and then wherever a session has changed one."""
    table = Table(title=title, title_justify="left")
    for heading in ("after session", "slot", "do", "outcome", "because"):
        table.add_column(heading, overflow="fold")
    before = {each.slot: each for each in simulated.initial}
    for slot, each in before.items():
        table.add_row("", slot, sets_in_words(each.sets), each.outcome, escape("\n".join(each.because)))
    for session in simulated.sessions:
        table.add_section()
        for each in session.prescriptions:
            known = before.get(each.slot)
            if known is None or (known.sets, known.because) != (each.sets, each.because):
                name = str(session.number) if session.session_id is None else f"{session.number} ({session.session_id})"
                because = escape("\n".join(each.because))
                table.add_row(escape(name), each.slot, sets_in_words(each.sets), each.outcome, because)
            before[each.slot] = each
    return table
