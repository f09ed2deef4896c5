"""What comes of a backtest, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.domain.identifiers import LifterRef
from service.domain.instants import render
from service.domain.loads import Unit, canonical
from service.domain.prescription import Prescription
from service.engine.simulate.walk_forward import Case, Measure, Set, Share
from service.http.backtest_json import case_json, measure_json
from service.usecases.rules.backtest import Findings, Rules

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


def named(log: LifterRef | str) -> str:
    """A log in short: the name of its file, or the lifter."""
    return Path(log).name if isinstance(log, str) else log.lifter


# As text


def show(console: Console, title: str, findings: Findings, worst: list[Worst]) -> None:
    """Print it: in total, by log and by exercise, and the worst cases."""
    for log, trouble in findings.troubles.items():
        console.print(f"{escape(named(log))} {escape(trouble)}.", highlight=False, soft_wrap=True)
    console.print(_totals(title, findings.total))
    if not findings.total.cases:
        return
    if len(findings.logs) > 1:
        _breakdown(console, "log", [(named(log), measure) for log, measure in findings.logs])
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
        f"[bold]{escape(named(log))}, {escape(case.exercise)}[/], {render(case.at)}{escape(session)}: "
        f"asked for {_set_in_words(case.asked, case.unit)}, lifted {_set_in_words(case.lifted.top, case.unit)}, "
        f"last time {canonical(case.last)}"
    )
    yield f"  {case.prescription.outcome}: {escape(' '.join(case.prescription.because))}"
    if own is not None and isinstance(log, LifterRef):
        yield f"  [dim]spotter explain {own.prescription_id} --lifter {log.lifter} --gym {log.gym}[/]"


def _set_in_words(performed: Set, unit: Unit) -> str:
    return f"{canonical(performed.load)} {unit} × {performed.reps}"


# As JSON


def document(rules: Rules, findings: Findings, worst: list[Worst]) -> dict[str, Any]:
    """All of it, in counts."""
    return {
        "rule_set": {"programme": rules.own.programme.id, "digest": rules.own.digest},
        "total": measure_json(findings.total),
        "logs": [
            {"log": named(log), "trouble": findings.troubles.get(log), **measure_json(measure)}
            for log, measure in findings.logs
        ],
        "exercises": {name: measure_json(measure) for name, measure in findings.by_exercise().items()},
        "worst": [_case(each) for each in worst],
    }


def _case(worst: Worst) -> dict[str, Any]:
    derivation = None if worst.own is None else worst.own.derivation
    return {"log": named(worst.log), **case_json(worst.case), "derivation": derivation}
