"""`spotter rules preview`: every set of a programme's weeks, done as prescribed."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import groupby
from typing import Final, cast

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.own_rules import installed_library, named_rule_set
from service.domain.loads import Unit, canonical
from service.domain.prescription import PrescribedSet, Range
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.ruleset.programme import Programme
from service.engine.simulate.sessions_ahead import RoundAhead
from service.usecases.rules.preview import Strength, preview
from service.usecases.rules.simulate import LibraryRuleSets

_MOST_WEEKS: Final = 104
_WEEKS: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")
_MAX: Final = re.compile(r"(?:(?P<exercise>[a-z0-9-]+)=)?(?P<load>\d{1,4}(?:\.\d{1,2})?)")
_ROUND: Final = Decimal(100)
"""A one-rep max of which every percentage is read off at a glance."""


@click.command("preview")
@click.argument("programme")
@click.option("--programme", "name", help="Which programme, where a folder has several.")
@click.option("--weeks", "span", default="1-4", show_default=True, help="Which weeks: 3, or 1-8.")
@click.option(
    "--one-rep-max",
    "maxes",
    multiple=True,
    help="What the lifter begins with: squat=140 for one exercise, 100 (the default) for all others.",
)
@click.option("--unit", type=click.Choice(["kg", "lb"]), default="kg", show_default=True, help="The lifter's unit.")
def preview_rules(programme: str, name: str | None, span: str, maxes: tuple[str, ...], unit: str) -> None:
    """Show every set of PROGRAMME's weeks with its load, all of it done as prescribed: to be held against the book.

    PROGRAMME is a programme file, a folder with one, or a programme of the library. As prescribed means the fewest
    repetitions that do what is asked, also where as many as possible are.
    """
    first, last = _weeks(span)
    library = installed_library()
    rule_set = named_rule_set(programme, name, library)
    strength = _strength(maxes, cast(Unit, unit))
    sessions = preview(rule_set, LibraryRuleSets(library), strength, last)
    some = [each for each in sessions if each.round + 1 >= first]
    Console(highlight=False).print(_table(rule_set.programme, some))


def _table(programme: Programme, sessions: list[RoundAhead]) -> Table:
    """A row for each slot, a section for each session."""
    table = Table(title=programme.title, title_justify="left")
    for heading in ("week", "day", "slot", "sets"):
        table.add_column(heading, overflow="fold")
    for session in sessions:
        table.add_section()
        day = programme.days[session.day]
        for number, each in enumerate(session.prescriptions):
            place = (str(session.round + 1), day.id) if number == 0 else ("", "")
            slot = f"{each.slot.partition('/')[2]}: {each.exercise}"
            table.add_row(*place, escape(slot), _in_short(each.sets))
    return table


def _in_short(sets: tuple[PrescribedSet, ...]) -> str:
    """Sets as examples write them, without warm-ups: ``3x100x5, 100x5+``; where no load is known, ``3x5``."""
    runs = groupby((each for each in sets if each.kind != WARM_UP), lambda each: (each.load is None, _in_words(each)))
    counted = ((len(list(alike)), unknown, text) for (unknown, text), alike in runs)
    return (
        ", ".join(text if count == 1 and not unknown else f"{count}x{text}" for count, unknown, text in counted) or "–"
    )


def _in_words(each: PrescribedSet) -> str:
    text = "" if each.load is None else canonical(each.load.value)
    amount = each.reps or each.seconds
    if amount is not None:
        text += "x" if text else ""
        text += f"{_span(amount)}{'s' if each.reps is None else ''}{'+' if each.kind == 'amrap' else ''}"
    if each.total_reps is not None:
        text += f" total {_span(each.total_reps)}"
    if each.rir is not None:
        text += f" rir {_span(each.rir)}"
    text += "" if each.kind in ("work", "amrap") else f" {each.kind}"
    return f"{text} optional" if each.optional else text


def _span(ends: Range) -> str:
    return str(ends.min) if ends.min == ends.max else f"{ends.min}-{ends.max}"


def _weeks(span: str) -> tuple[int, int]:
    match = _WEEKS.fullmatch(span)
    first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
    if not 1 <= first <= last <= _MOST_WEEKS:
        raise click.BadParameter(f"weeks are one, 3, or the first and the last, 1-8, up to {_MOST_WEEKS}.")
    return first, last


def _strength(maxes: tuple[str, ...], unit: Unit) -> Strength:
    others, by_exercise = _ROUND, {}
    for text in maxes:
        match = _MAX.fullmatch(text)
        if match is None or not Decimal(match["load"]):
            raise click.BadParameter(f"a one-rep max is written squat=140, or 100 for all others, but here is {text}.")
        if match["exercise"] is None:
            others = Decimal(match["load"])
        else:
            by_exercise[match["exercise"]] = Decimal(match["load"])
    return Strength(unit, others, by_exercise)
