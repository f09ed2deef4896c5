"""`spotter rules simulate`: what a programme would prescribe along a log, or to a made-up lifter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.log_files import read_log
from service.commands.next import sets_in_words
from service.commands.own_rules import installed_library, named_rule_set
from service.domain.events import SetLogged
from service.domain.loads import canonical
from service.engine.reading.readings import How
from service.engine.simulate.made_up_lifter import CHARACTERS
from service.engine.simulate.made_up_training import MOST_WEEKS, Done
from service.engine.simulate.read_sets import ReadSet
from service.engine.simulate.simulation import Simulated
from service.http.event_json import posted_event
from service.http.replies import encode
from service.http.resources.simulations import simulation_json
from service.usecases.rules.load_chart import loads_svg
from service.usecases.rules.simulate import LibraryRuleSets, Trained, course_of, simulate_under, train_under

_SLOTS_BESIDE: Final = 5
"""So many slots have room beside each other."""
_SIGNS: Final = {"raise": "↑", "lower": "↓", "deload": "⇓", "advance": "→", "reset": "↺"}


def course_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who trains, and how."""
    options = (
        click.option("--weeks", type=click.IntRange(1, MOST_WEEKS), default=52, show_default=True, help="How long."),
        click.option(
            "--per-week", type=click.IntRange(1, 7), help="Sessions a week. Default: the programme's days, 3 at least."
        ),
        click.option("--unit", type=click.Choice(["kg", "lb"]), default="kg", show_default=True, help="Their unit."),
        click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other good and bad days."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("simulate")
@click.argument("programme")
@click.option("--programme", "name", help="Which programme, where a folder has several.")
@click.option("--lifter", type=click.Choice(list(CHARACTERS)), help="A made-up lifter who trains by it.")
@course_options
@click.option(
    "--events",
    "--log",
    "log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Instead of a lifter: events as they are posted, one a line, or an export of one lifter.",
)
@click.option("--svg", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A picture of the loads.")
@click.option(
    "--write",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The made-up lifter's log, for --log.",
)
@click.option("--json", "as_json", is_flag=True, help="What POST /v1/simulations answers, instead of a table.")
def simulate_rules(
    programme: str,
    name: str | None,
    lifter: str | None,
    log: Path | None,
    svg: Path | None,
    write: Path | None,
    as_json: bool,  # noqa: FBT001 - click's way
    **course: Any,
) -> None:
    """Say what PROGRAMME would prescribe along a log, or to a made-up lifter (default: a typical one). Writes nothing.

    PROGRAMME is a programme file, a folder with one, or a programme of the library, which also lends what a file lacks.
    """
    if lifter is not None and log is not None:
        raise click.UsageError("give either --lifter or a log.")
    if write is not None and log is not None:
        raise click.UsageError("--write is for what a made-up lifter logs.")
    library = installed_library()
    rule_set = named_rule_set(programme, name, library)
    others = LibraryRuleSets(library)
    tables: Sequence[Table]
    if log is not None:
        simulated = simulate_under(rule_set, others, read_log(log))
        tables = [table_of(rule_set.programme.title, simulated), sets_table(simulated)]
    else:
        days = len(rule_set.programme.days)
        trained = train_under(rule_set, others, course_of(lifter or "typical", days, **course))
        simulated = trained.simulated
        tables = list(tables_of(rule_set.programme.title, trained))
        if write is not None:
            write.write_bytes(b"".join(encode(posted_event(event)) + b"\n" for event in trained.events))
    console = Console()
    if as_json:
        click.echo(encode(simulation_json(simulated)))
    else:
        for table in tables:
            console.print(table)
    if svg is not None:
        svg.write_text(loads_svg(rule_set.programme.title, simulated), encoding="utf-8")
        console.print(f"The loads over time are drawn in {svg}.", highlight=False, style="dim")


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


def sets_table(simulated: Simulated) -> Table:
    """A row for every set that rules could read: what it was taken for, and why."""
    table = Table(title="How sets were read", title_justify="left")
    for heading in ("session", "slot", "set", "read as", "why"):
        table.add_column(heading, overflow="fold")
    for session in simulated.sessions:
        table.add_section()
        for each in session.read:
            done, read_as, why = read_in_words(each)
            table.add_row(str(session.number), each.slot, done, read_as, escape(why))
    return table


def read_in_words(read: ReadSet) -> tuple[str, str, str]:
    """A set as it was done, what it was read as, and why."""
    logged, reading = read.logged, read.reading
    read_as = str(reading.how).replace("_", "-")
    if reading.place is not None:
        read_as = f"place {reading.place + 1}" if reading.how is How.PLACE else f"{read_as}, place {reading.place + 1}"
    return f"{canonical(logged.load.value)} {logged.load.unit} × {_amount(logged)}", read_as, reading.sentence()


def tables_of(title: str, trained: Trained) -> Iterator[Table]:
    """A row for each week: what was done in each slot, set by set, and how that had come about."""
    course = trained.course
    cells: dict[tuple[int, str], list[str]] = {}
    for done in trained.done:
        cells.setdefault((done.week, done.slot), []).append(_done_in_words(done))
    slots = list(dict.fromkeys(done.slot for done in trained.done))
    caption = "load × repetitions as done; " + ", ".join(f"{sign} {outcome}" for outcome, sign in _SIGNS.items())
    for first in range(0, len(slots), _SLOTS_BESIDE):
        some = slots[first : first + _SLOTS_BESIDE]
        table = Table(
            title=f"{title}: a {course.lifter} lifter, {course.per_week} sessions a week, {course.unit}",
            title_justify="left",
            caption=caption,
            caption_justify="left",
        )
        for heading in ("week", *some):
            table.add_column(heading, overflow="fold")
        for week in range(1, course.weeks + 1):
            table.add_row(str(week), *("\n".join(cells.get((week, slot), ["–"])) for slot in some))
        yield table


def _done_in_words(done: Done) -> str:
    if not done.sets:
        return "–"
    runs = (
        f"{canonical(load.value)} × {'/'.join(_amount(each) for each in alike)}"
        for load, alike in groupby(done.sets, lambda each: each.load)
    )
    sign = _SIGNS.get(done.prescribed.outcome, "")
    return f"{', '.join(runs)} {sign}".rstrip()


def _amount(done: SetLogged) -> str:
    return str(done.reps) if done.seconds is None else f"{done.seconds} s"
