"""`spotter rules backtest`: what rules would have asked of real lifters, beside what those then lifted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.bootstrap import bootstrap
from service.commands.backtest_chart import exercise_svg, total_svg
from service.commands.backtest_results import Worst, document, named, show
from service.commands.log_files import read_log
from service.commands.options import LIFTER, gym_option
from service.commands.own_rules import installed_library, named_rule_set
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.domain.loads import Unit
from service.domain.prescription import Prescription
from service.domain.time_zones import UnknownTimeZone, zone
from service.engine.files.library import Library
from service.engine.simulate.walk_forward import Case
from service.http.replies import encode
from service.trackers.export import ExportUnreadable
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.tracker_logs import tracker_log
from service.usecases.rules.backtest import FileLog, Findings, Rules, Wanted, backtest, default_of, in_their_log
from service.usecases.rules.find_rule_set import archived, may_begin_digest
from service.usecases.services import Services

_MOST_EVENTS: Final = 200_000
"""In a file; more is none of one lifter."""


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
        click.echo(encode(document(rules, findings, worst)))
    else:
        show(Console(), title, findings, worst)
    if svg is not None:
        logs_drawn = [(named(log), cases) for log, cases in findings.drawn]
        drawing = (
            total_svg(title, findings.total) if exercise is None else exercise_svg(f"{title}: {exercise}", logs_drawn)
        )
        svg.write_text(drawing, encoding="utf-8")


def _own(services: Services | None, log: LifterRef | str, case: Case) -> Prescription | None:
    return in_their_log(services, log, case) if services is not None and isinstance(log, LifterRef) else None


def _rules(named: str, programme: str | None, library: Library) -> Rules:
    """The rules that were named: files, a programme of the library, else what is archived under a digest."""
    default = default_of(library)
    if Path(named).exists() or named in library.programmes or not may_begin_digest(named):
        return Rules(named_rule_set(named, programme, library), default)
    return Rules(archived(running_spotter(), named, programme), default)


def _zone(name: str) -> ZoneInfo:
    try:
        return zone(name)
    except UnknownTimeZone:
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
            raise erased_or_unknown(services, lifter)
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
