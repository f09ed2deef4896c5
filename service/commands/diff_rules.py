"""`spotter rules diff`: how versions of rules differ, in their files and in what they prescribe on the same logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.log_files import read_log
from service.commands.next import sets_in_words
from service.commands.own_rules import chosen_rules, rules_folder
from service.commands.running_spotter import running_spotter
from service.domain.errors import InvalidInput
from service.domain.prescription import Prescription
from service.engine.files.file_diff import Differing, differences
from service.engine.files.library import Library
from service.engine.simulate.made_up_training import NoDays
from service.engine.simulate.prescription_diff import Divergence
from service.usecases.log.batch import Submission
from service.usecases.log.check_assignment import Assignable
from service.usecases.rules.compare_rule_sets import Side, differing, followers_logs, made_up_logs, refused
from service.usecases.rules.find_rule_set import archived, may_begin_digest
from service.usecases.rules.simulate import LibraryRuleSets

_SHOWN: Final = 12
"""Slots of a log that are shown at most."""


class Rules(NamedTuple):
    """What was named: its files, its programmes, and what else there is beside them."""

    files: Mapping[str, bytes]
    programmes: Mapping[str, Side]
    library: Library | None
    """None for an archived rule set."""


@click.command("diff")
@click.argument("before")
@click.argument("after", required=False)
@click.option("--programme", help="Try only this one, where the folders have several.")
@click.option("--weeks", type=click.IntRange(1, 104), default=12, show_default=True, help="How long lifters train.")
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Try them on this log instead: events as they are posted, one a line, or an export of one lifter.",
)
@click.option(
    "--store", is_flag=True, help="Try them on the logs of all who follow the programme, in the Spotter here."
)
@click.option("--files", "only_files", is_flag=True, help="Compare the files, and try nothing.")
def diff_rules(
    before: str,
    after: str | None,
    programme: str | None,
    weeks: int,
    log: Path | None,
    store: bool,  # noqa: FBT001 - click's way
    only_files: bool,  # noqa: FBT001 - click's way
) -> None:
    """Say how the rules AFTER (default: the files that `rules publish` would publish) differ from BEFORE.

    Each is a folder of rule files, a file, or a published rule set by the first few digits of its digest. Beside a rule
    set, of a folder only the files of the same programme count. Then the programmes that differ are tried on the same
    logs: those of three made-up lifters who train by BEFORE, or others as the options say.
    """
    for named in filter(None, (before, after)):  # before any Spotter is asked
        if not Path(named).exists() and not may_begin_digest(named):
            raise click.UsageError(f"{named!r} is no folder or file that is there, and no digest of a rule set.")
    one, other = _rules(before), _rules(after or str(rules_folder()))
    console = Console(soft_wrap=True)
    pairs = _pairs(one, other, programme)
    found = differences(*_files(one, other))
    for file, values in found.items():
        console.print(f"[bold]{escape(file)}[/]" + ("" if values else ": only comments or layout"), highlight=False)
        for value in values:
            console.print(f"  {_difference(value)}", highlight=False)
    if not found:
        console.print("They are the same, byte for byte.")
    if only_files:
        return
    for first, second in pairs:
        name = second.rule_set.programme.id
        for whose, events in _logs(console, first, log=log, store=store, weeks=weeks):
            _try(console, f"{name}, {whose}", first, second, events)


def _rules(named: str) -> Rules:
    path = Path(named)
    if not path.exists():
        services = running_spotter()
        rule_set = archived(services, named)
        return Rules(rule_set.files, {rule_set.programme.id: Side(rule_set, services.rule_sets)}, None)
    chosen = chosen_rules(path)
    others: Assignable = LibraryRuleSets(chosen.library)
    sides = {programme.id: Side(chosen.library.rule_set(programme.id), others) for programme in chosen.programmes}
    return Rules({place: chosen.library.files[place] for place in chosen.files}, sides, chosen.library)


def _pairs(one: Rules, other: Rules, programme: str | None) -> list[tuple[Side, Side]]:
    """The programmes to be tried: those of the same name that differ; where each side has one only, these."""
    if len(one.programmes) == len(other.programmes) == 1:
        pairs = [(*one.programmes.values(), *other.programmes.values())]
    else:
        shared = [name for name in one.programmes if name in other.programmes]
        pairs = [(one.programmes[name], other.programmes[name]) for name in shared]
    return [
        (first, second)
        for first, second in pairs
        if first.rule_set.digest != second.rule_set.digest and programme in (None, second.rule_set.programme.id)
    ]


def _files(one: Rules, other: Rules) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    """The files to be compared: of one programme, where a side is no more than that, else all."""
    if one.library is not None and other.library is not None:
        return one.files, other.files
    (side,) = (one if one.library is None else other).programmes.values()
    name = side.rule_set.programme.id
    return tuple(  # type: ignore[return-value]
        rules.files if rules.library is None else rules.library.rule_set(name).files for rules in (one, other)
    )


def _logs(
    console: Console, side: Side, *, log: Path | None, store: bool, weeks: int
) -> Iterator[tuple[str, list[Submission]]]:
    programme = side.rule_set.programme
    if log is not None:
        yield str(log), read_log(log)
    elif store:
        for lifter, events in followers_logs(running_spotter(), programme.id):
            if events is None:
                console.print(f"{programme.id}, {lifter.lifter}: the log is too long to be tried.")
            else:
                yield f"{lifter.lifter} of {lifter.gym}", events
    else:
        try:
            logs = made_up_logs(side, weeks)
        except NoDays as error:
            console.print(f"{programme.id}: {error}")
            return
        for kind, made_up in logs.items():
            yield f"a {kind} lifter's {weeks} weeks", made_up


def _try(console: Console, title: str, before: Side, after: Side, events: list[Submission]) -> None:
    try:
        found = differing(before, after, events)
    except InvalidInput as error:
        console.print(f"{escape(title)}: cannot be tried: {escape(refused(error))}", highlight=False)
        return
    if not found:
        console.print(f"{escape(title)}: the same is prescribed.", highlight=False)
        return
    table = Table(title=escape(title), title_justify="left")
    for heading in ("slot", "otherwise", "first", "before", "after"):
        table.add_column(heading, overflow="fold")
    for each in found[:_SHOWN]:
        table.add_row(each.slot, _how_often(each), _where(each), _said(each.before), _said(each.after))
    console.print(table)
    if len(found) > _SHOWN:
        console.print(f"and {len(found) - _SHOWN} more slots.", style="dim", highlight=False)


def _how_often(each: Divergence) -> str:
    return f"{each.times} of {each.of} times"


def _where(each: Divergence) -> str:
    if each.session == 0:
        return "at the start"
    return f"{'in' if each.in_session else 'after'} session {each.session}"


def _said(prescription: Prescription | None) -> str:
    if prescription is None:
        return "no such slot"
    return f"{sets_in_words(prescription.sets)}\n{prescription.outcome}: {escape(prescription.because[-1])}"


def _difference(value: Differing) -> str:
    where = escape(", ".join(value.where) or "the file")
    match value:
        case Differing(before=None, after=str(after)):
            return f"[green]+[/] {where}: {escape(after)}"
        case Differing(before=str(before), after=None):
            return f"[red]−[/] {where}: {escape(before)}"
        case _:
            return f"{where}: {escape(str(value.before))} [dim]→[/] {escape(str(value.after))}"
