"""`spotter rules backtest`: what rules would have asked of real lifters, beside what those then lifted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.bootstrap import bootstrap
from service.commands.backtest_chart import exercise_svg, total_svg
from service.commands.connecting import LIFTER, gym_option, running_spotter
from service.commands.log_files import read_log
from service.commands.own_rules import installed_library, named_rule_set
from service.domain.identifiers import LifterRef
from service.domain.instants import render, zone
from service.domain.loads import Unit, canonical
from service.domain.prescription import Prescription
from service.engine.files.library import Library
from service.engine.simulate.walk_forward import Case, Measure, Set, Share
from service.http.replies import encode
from service.trackers.table import ExportUnreadable
from service.usecases.lifter.not_found import absence
from service.usecases.log.tracker_logs import tracker_log
from service.usecases.rules.backtest import FileLog, Findings, Rules, Wanted, backtest, default_of, in_their_log
from service.usecases.rules.find_rule_set import archived
from service.usecases.services import Services

_MOST_EVENTS: Final = 200_000
"""In a file; more is none of one lifter."""

_SHOWN: Final = 30
"""Rows of a table that are shown at most; ``--json`` has all."""

_LABELS: Final = {
    "within_5_percent": "within 5 % of what was lifted",
    "within_10_percent": "within 10 %",
    "raises_foreseen": "of their raises, asked for",
    "raises_right": "of the raises asked for, made",
    "lowered_in_vain": "lowered in vain",
    "loads_their_gym_has": "loads that their gym has",
    "records_foreseen": "of their records, asked for",
    "records_right": "of the records asked for, made",
    "estimate_within_5_percent": "estimate within 5 % of the day's best",
    "asked_too_much": "estimate over 105 % of it: too much",
}
_LAST_TIME: Final = {
    "within_5_percent": "last_time_within_5_percent",
    "within_10_percent": "last_time_within_10_percent",
}

_COLUMNS: Final = (
    "within_5_percent",
    "last_time_within_5_percent",
    "raises_foreseen",
    "raises_right",
    "lowered_in_vain",
)


class Worst(NamedTuple):
    """A case that is far off, in which log, and what the lifter's own log leads to, where that asks for the same."""

    log: LifterRef | str
    case: Case
    own: Prescription | None


@click.command("backtest")
@click.argument("programme")
@click.option("--programme", "name", help="Which programme, where a folder has several.")
@click.option("--log", "logs", metavar="FILE|LIFTER", multiple=True, help="A log to try them on; may be repeated.")
@click.option("--all", "everybody", is_flag=True, help="Try them on the logs of all lifters of the gym.")
@click.option("--exercise", help="Draw this exercise.")
@click.option("--worst", "most", type=click.IntRange(0, 1000), default=5, show_default=True, help="Worst cases shown.")
@click.option("--unit", type=click.Choice(["kg", "lb"]), default="kg", help="Of loads in a Strong export without one.")
@click.option("--time-zone", default="UTC", show_default=True, help="Where those trained whose exports are files.")
@click.option("--svg", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A picture of it.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, instead of tables.")
@click.option("--processes", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default=True)
@gym_option
def backtest_rules(  # noqa: PLR0913 - click's way: an argument for each option
    programme: str,
    *,
    name: str | None,
    logs: tuple[str, ...],
    everybody: bool,
    exercise: str | None,
    most: int,
    unit: str,
    time_zone: str,
    svg: Path | None,
    as_json: bool,
    processes: int,
    gym: str,
) -> None:
    """Say what PROGRAMME would have asked for before each session of real logs, beside what was then lifted.

    PROGRAMME is a programme file, a folder with one, a programme of the library, or a published rule set by the first
    few digits of its digest. A log is a file (events as they are posted, one a line, an export of one lifter, or an
    export of the Strong or Hevy app) or a lifter of the Spotter here. Writes nothing.
    """
    if bool(logs) == everybody:
        raise click.UsageError("give --log, as often as there are logs, or --all.")
    library = installed_library()
    here = everybody or not all(Path(log).exists() for log in logs)
    services = running_spotter() if here else None
    rules = _rules(programme, name, library)
    tried: list[LifterRef | FileLog]
    if services is not None and everybody:
        tried = [lifter for lifter in services.log.lifters() if lifter.gym == gym]
    else:
        tried = [_log(log, services, gym, library, time_zone=_zone(time_zone), unit=cast("Unit", unit)) for log in logs]
    bar = Progress(
        TextColumn("Backtesting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    )
    workers = min(processes, len(tried) or 1)
    wanted = Wanted(most, exercise)
    results = backtest(rules, tried, services=services, wanted=wanted, processes=workers, start=bootstrap)
    findings = Findings(wanted)
    with bar:
        for backtested in bar.track(results, total=len(tried)):
            findings.take(backtested)
    worst = [Worst(log, case, _own(services, log, case)) for log, case in findings.worst]
    title = rules.own.programme.title
    if as_json:
        click.echo(encode(_document(rules, findings, worst)))
    else:
        _show(Console(), title, findings, worst)
    if svg is not None:
        logs_drawn = [(_named(log), cases) for log, cases in findings.drawn]
        drawing = (
            total_svg(title, findings.total) if exercise is None else exercise_svg(f"{title}: {exercise}", logs_drawn)
        )
        svg.write_text(drawing, encoding="utf-8")


def _own(services: Services | None, log: LifterRef | str, case: Case) -> Prescription | None:
    return in_their_log(services, log, case) if services is not None and isinstance(log, LifterRef) else None


def _rules(named: str, programme: str | None, library: Library) -> Rules:
    """The rules that were named: files, a programme of the library, else what is archived under a digest."""
    default = default_of(library)
    if Path(named).exists() or named in library.programmes or not _is_digest(named):
        return Rules(named_rule_set(named, programme, library), default)
    return Rules(archived(running_spotter(), named, programme), default)


def _is_digest(named: str) -> bool:
    return all(character in "0123456789abcdef" for character in named)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone(name)
    except (KeyError, ValueError, OSError):  # a folder's name, such as Europe, is an OSError
        raise click.BadParameter(
            f"{name!r} is no time zone such as Europe/Berlin", param_hint="'--time-zone'"
        ) from None


def _log(
    named: str, services: Services | None, gym: str, library: Library, *, time_zone: ZoneInfo, unit: Unit
) -> LifterRef | FileLog:
    """The log of a file, or of a lifter."""
    path = Path(named)
    if not path.exists():
        lifter = LifterRef(gym, LIFTER.convert(named, None, click.get_current_context()))
        if services is not None and not services.log.head(lifter):
            raise absence(services, lifter)
        return lifter
    try:
        exported = tracker_log(path.read_bytes(), library.exercises, time_zone=time_zone, unit=unit)
    except ExportUnreadable as error:
        raise click.ClickException(f"{named}: {error}") from None
    if exported is None:
        return FileLog(named, read_log(path, _MOST_EVENTS))
    left_out = "; ".join(f"{count} × {reason}" for reason, count in exported.skipped.items())
    click.echo(
        f"{named}: {exported.rows} rows, {exported.sets} sets" + (f"; left out: {left_out}" if left_out else ""),
        err=True,
    )
    return FileLog(named, exported.submissions)


def _named(log: LifterRef | str) -> str:
    return Path(log).name if isinstance(log, str) else log.lifter


# As text


def _show(console: Console, title: str, findings: Findings, worst: list[Worst]) -> None:
    for log, trouble in findings.troubles.items():
        console.print(f"{escape(_named(log))} {escape(trouble)}.", highlight=False, soft_wrap=True)
    console.print(_totals(title, findings.total))
    if not findings.total.cases:
        return
    if len(findings.logs) > 1:
        _breakdown(console, "log", [(_named(log), measure) for log, measure in findings.logs])
    _breakdown(console, "exercise", list(findings.by_exercise().items()))
    if worst:
        console.print("The worst cases:")
    for line in (line for each in worst for line in _lines(each)):
        console.print(line, highlight=False, soft_wrap=True)


def _totals(title: str, measure: Measure) -> Table:
    table = Table(title=title, title_justify="left")
    for heading, justify in (("", "left"), ("asked for", "right"), ("as last time", "right")):
        table.add_column(heading, justify=cast("Any", justify))
    table.add_row("exercise-sessions", f"{measure.cases:,}", "")
    shares = measure.shares()
    for name, label in _LABELS.items():
        last = _LAST_TIME.get(name)
        table.add_row(label, _percent(shares[name]), "" if last is None else _percent(shares[last]))
    return table


def _breakdown(console: Console, what: str, measures: Sequence[tuple[str, Measure]]) -> None:
    """A row for each log or exercise, in percent."""
    table = Table(box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column(what, overflow="fold", min_width=20)
    for heading in ("cases", "within\n5 %", "as last\ntime", "raises\nforeseen", "raises\nright", "lowered\nin vain"):
        table.add_column(heading, justify="right")
    for name, measure in measures[:_SHOWN]:
        shares = measure.shares()
        table.add_row(
            escape(name), f"{measure.cases:,}", *(_percent(shares[each]).removesuffix(" %") for each in _COLUMNS)
        )
    console.print(table)
    if len(measures) > _SHOWN:
        console.print(f"and {len(measures) - _SHOWN} more; --json has all.", style="dim", highlight=False)


def _percent(share: Share) -> str:
    return "–" if share.percent is None else f"{share.percent:.1f} %"


def _lines(worst: Worst) -> Iterable[str]:
    """What was asked for, what was lifted, and where the reasons stand."""
    log, case, own = worst
    session = "" if case.session is None else f" (session {case.session})"
    yield (
        f"[bold]{escape(_named(log))}, {escape(case.exercise)}[/], {render(case.at)}{escape(session)}: "
        f"asked for {_set_in_words(case.asked, case.unit)}, lifted {_set_in_words(case.lifted.top, case.unit)}, "
        f"last time {canonical(case.last)}"
    )
    yield f"  {case.prescription.outcome}: {escape(' '.join(case.prescription.because))}"
    if own is not None and isinstance(log, LifterRef):
        yield f"  [dim]spotter explain {own.prescription_id} --lifter {log.lifter} --gym {log.gym}[/]"


def _set_in_words(performed: Set, unit: Unit) -> str:
    return f"{canonical(performed.load)} {unit} × {performed.reps}"


# As JSON


def _document(rules: Rules, findings: Findings, worst: list[Worst]) -> dict[str, Any]:
    return {
        "rule_set": {"programme": rules.own.programme.id, "digest": rules.own.digest},
        "total": _measure(findings.total),
        "logs": [
            {"log": _named(log), "trouble": findings.troubles.get(log), **_measure(measure)}
            for log, measure in findings.logs
        ],
        "exercises": {name: _measure(measure) for name, measure in findings.by_exercise().items()},
        "worst": [_case(*each) for each in worst],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    shares = {
        name: {
            "count": share.part,
            "of": share.whole,
            "percent": None if share.percent is None else round(share.percent, 1),
        }
        for name, share in measure.shares().items()
    }
    return {"exercise_sessions": measure.cases, **shares}


def _case(log: LifterRef | str, case: Case, own: Prescription | None) -> dict[str, Any]:
    return {
        "log": _named(log),
        "exercise": case.exercise,
        "session_id": case.session,
        "at": render(case.at),
        "version": case.version,
        "unit": case.unit,
        "asked": {"load": case.asked.load, "reps": case.asked.reps},
        "lifted": {"load": case.lifted.top.load, "reps": case.lifted.top.reps},
        "last_time": case.last,
        "slot": case.prescription.slot,
        "sets": case.prescription.sets,
        "outcome": case.prescription.outcome,
        "because": case.prescription.because,
        "derivation": None if own is None else own.derivation,
    }
