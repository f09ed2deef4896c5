"""`spotter rules explain` and `facts`: what a rule file says in plain sentences, and what rules may read."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.own_rules import chosen_rules, installed_library
from service.domain.errors import NotFound
from service.engine.files.language_reference import markdown, reference
from service.engine.files.rule_prose import Section, explained_programme, explained_scheme, sources_told
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.suggestions import suggestion
from service.usecases.rules.drafts import Draft


@click.command("explain")
@click.argument("file", required=False)
def explain_rules(file: str | None) -> None:
    """Say in plain sentences what a scheme or a programme does: a FILE, or one of the library by its name.

    Without FILE: which schemes the library has.
    """
    if file is None:
        for scheme in sorted(
            installed_library().schemes.values(), key=lambda each: (each.role != "progression", each.id)
        ):
            click.echo(f"{scheme.role:11}  {scheme.id:32}  {scheme.title}")
        return
    path = Path(file)
    chosen = chosen_rules(path if path.is_file() else None)
    console = Console(highlight=False)
    for title, sections in _explained(chosen, None if path.is_file() else file):
        console.print(f"[bold]{escape(title)}[/]")
        for section in sections:
            console.print(f"\n[cyan]{escape(section.heading)}[/]")
            for sentence in section.sentences:
                row = Table.grid(padding=(0, 1))
                row.add_row("-", escape(sentence))
                console.print(row)


def _explained(chosen: Draft, name: str | None) -> list[tuple[str, list[Section]]]:
    schemes = [scheme for scheme in chosen.schemes if name in (None, scheme.id)]
    programmes = [programme for programme in chosen.programmes if name in (None, programme.id)]
    if not schemes and not programmes:
        known = [*(scheme.id for scheme in chosen.schemes), *(programme.id for programme in chosen.programmes)]
        near = suggestion(name or "", known)
        raise NotFound(
            f"there is no file, and in the library no scheme or programme, {name}.{near} A file is named by its path."
        )
    return [
        *((each.title, [*explained_scheme(each), sources_told(each.sources)]) for each in schemes),
        *((each.title, _programme(each, chosen)) for each in programmes),
    ]


def _programme(programme: Programme, chosen: Draft) -> list[Section]:
    schemes = [chosen.library.schemes[name] for name in sorted(programme.schemes)]
    return [
        *explained_programme(programme, chosen.library),
        Section(
            "Its schemes, each explained by a command of its own",
            [f"{each.title}: spotter rules explain {each.id}" for each in schemes],
        ),
        sources_told(programme.sources),
    ]


@click.command("facts")
@click.option("--markdown", "as_markdown", is_flag=True, help="As the generated part of rules/README.md.")
def facts_of_rules(as_markdown: bool) -> None:  # noqa: FBT001 - click's way
    """List what rules may read and call: triggers, types, facts with their units, functions with formula and source."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    console = Console()
    for part in reference():
        table = Table(title=part.title, title_justify="left")
        for heading in part.headings:
            table.add_column(heading, overflow="fold")
        for row in part.rows:
            table.add_row(*(escape(cell.replace("`", "")) for cell in row))
        console.print(table)
