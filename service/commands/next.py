"""`spotter next`: what a lifter should do next, and why."""

from __future__ import annotations

from itertools import groupby

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.options import LIFTER, as_of_option, at_version_option, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.loads import canonical
from service.domain.prescription import PrescribedSet, Prescription, Range
from service.usecases.lifter.prescribe import next_for, next_session

_OUTCOME_STYLES = {"raise": "green", "lower": "yellow", "deload": "yellow"}
_STATUSES = {"in_session": "still to do in this session", "next_session": "next session"}


@click.command("next")
@click.argument("lifter", type=LIFTER)
@click.argument("exercise", required=False)
@click.option("--slot", help="The slot, where a programme has several of the exercise.")
@click.option("--all", "dormant", is_flag=True, help="Without a programme: everything ever logged.")
@as_of_option
@at_version_option
@gym_option
def next_command(
    lifter: str,
    exercise: str | None,
    slot: str | None,
    *,
    dormant: bool,
    as_of: Instant | None,
    at_version: int | None,
    gym: str,
) -> None:
    """Show what LIFTER should do next: the whole session, or one EXERCISE."""
    services = running_spotter()
    who = LifterRef(gym, lifter)
    if exercise is not None:
        prescriptions = [next_for(services, who, exercise, slot=slot, as_of=as_of, at_version=at_version)]
    elif slot is not None:
        raise click.UsageError("--slot needs the EXERCISE whose slot it is.")
    else:
        prescriptions = next_session(services, who, as_of=as_of, at_version=at_version, dormant=dormant)
    console = Console()
    if not prescriptions:
        console.print(f"Nothing is due for {lifter}: no programme, and no set logged yet.")
        return
    console.print(table_of(prescriptions))
    parked = prescriptions[0].parked
    if parked is not None:
        console.print(
            f"[red]Parked:[/] event {escape(parked.event_id)} (version {parked.version}) could not be replayed: "
            f"{escape(parked.why)}. What is shown is as of the version before it."
        )
    if exercise is not None:
        console.print(f"Why: spotter explain {lifter} {exercise}", style="dim", highlight=False)


def table_of(prescriptions: list[Prescription]) -> Table:
    """A row for each prescription."""
    first = prescriptions[0]
    table = Table(
        title=f"{first.lifter}: {first.rule_set.programme}, version {first.version}, as of {first.as_of}",
        title_justify="left",
        show_lines=True,
    )
    for heading in ("slot", "do", "outcome", "because"):
        table.add_column(heading, overflow="fold")
    for prescription in prescriptions:
        style = _OUTCOME_STYLES.get(prescription.outcome, "default")
        table.add_row(
            f"{escape(prescription.slot)}\n[dim]{_STATUSES[prescription.status]}[/]",
            sets_in_words(prescription.sets),
            f"[{style}]{prescription.outcome}[/]",
            escape("\n".join(prescription.because)),
        )
    return table


def sets_in_words(sets: tuple[PrescribedSet, ...]) -> str:
    """Sets a line for each run of equal ones: ``3 × 225 lb × 4–6, 1–2 in reserve``."""
    lines = (f"{sum(1 for _ in equal)} × {words}" for words, equal in groupby(sets, _set_in_words))
    return "\n".join(lines) or "nothing more"


def _set_in_words(each: PrescribedSet) -> str:
    words = "any load" if each.load is None else f"{canonical(each.load.value)} {each.load.unit}"
    if each.reps is not None:
        words += f" × {_span(each.reps)}"
    if each.seconds is not None:
        words += f" for {_span(each.seconds)} s"
    if each.rir is not None:
        words += f", {_span(each.rir)} in reserve"
    if each.rest_s is not None:
        words += f", rest {each.rest_s} s"
    if each.side is not None:
        words += f", {each.side} side"
    words += "" if each.kind == "work" else f" ({each.kind})"
    words += ", optional" if each.optional else ""
    return f"{words}: {each.notes}" if each.notes else words


def _span(ends: Range) -> str:
    return str(ends.min) if ends.min == ends.max else f"{ends.min}–{ends.max}"
