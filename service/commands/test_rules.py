"""`spotter rules test`: the examples in rule files, run."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from service.commands.own_rules import chosen_rules
from service.commands.simulate_rules import read_in_words
from service.engine.simulate.rule_coverage import AskedRule, Covered
from service.engine.simulate.rule_examples import Failure
from service.http.replies import encode
from service.http.rules_json import example_json
from service.usecases.rules.drafts import Draft, Tried, coverage_of, run_examples


@click.command("test")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--coverage", "covering", is_flag=True, help="Also tell every rule that never fired, or always did.")
@click.option("--sets", "showing_sets", is_flag=True, help="Also tell how each set was read, and why.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON an example: its failures, and its sets.")
@click.pass_context
def rehearse_rules(
    context: click.Context,
    path: Path | None,
    covering: bool,  # noqa: FBT001 - click's way
    showing_sets: bool,  # noqa: FBT001 - click's way
    as_json: bool,  # noqa: FBT001 - click's way
) -> None:
    """Run the examples of a rule file, or of all in the folder PATH (default: those of `rules publish`).

    The exit status is 1 where an example does not come true; with --coverage also where a rule did not both fire and
    stay silent in some example. Of an example that fails it is always told how its sets were read.
    """
    chosen = chosen_rules(path)
    console = Console(soft_wrap=True, highlight=False)
    asked: set[AskedRule] = set()
    failed = examples = 0
    for tried in run_examples(chosen):
        came = tried.came
        asked |= came.asked
        examples += 1
        failed += bool(came.failures)
        if as_json:
            click.echo(encode(example_json(chosen, tried)))
            continue
        for failure in came.failures:
            console.print(_failure(chosen, failure))
        if came.failures or showing_sets:
            console.print(_sets(tried))
    if as_json:
        context.exit(1 if failed else 0)
    lacking = _report(console, chosen, coverage_of(chosen, asked)) if covering else 0
    programmes = sum(1 for each in chosen.programmes if each.examples)
    whose = f"{len(chosen.schemes)} schemes" + (f" and {programmes} programmes" if programmes else "")
    came_true = f"{examples - failed} of {examples} examples of {whose} come true."
    console.print(f"[{'red' if failed else 'green'}]{came_true}[/]")
    context.exit(1 if failed or lacking else 0)


def _failure(chosen: Draft, failure: Failure) -> str:
    place = f"{chosen.files[failure.file]}:{failure.line}:{failure.column}"
    lines = [f"[red]{escape(place)}[/]: {failure.of}, “{escape(failure.example)}”"]
    if failure.text:
        lines.append(f"  {escape(failure.text)}")
    if failure.expected:
        lines.append(f"  expected  {escape(failure.expected)}")
    lines.append(f"  got       {escape(failure.got)}")
    lines += [f"  because   {escape(reason)}" for reason in failure.because]
    return "\n".join(lines) + "\n"


def _sets(tried: Tried) -> str:
    """How each set of an example was read."""
    lines = [f"{escape(tried.of.id)}, “{escape(tried.example.name)}”: how its sets were read"]
    for read in tried.came.read:
        done, read_as, why = read_in_words(read)
        lines.append(f"  {done}  {read_as}: {escape(why)}")
    return "\n".join(lines) + "\n"


def _report(console: Console, chosen: Draft, covered: list[Covered]) -> int:
    """Tell what no example shows; how many rules that are."""
    lacking = [each for each in covered if not each.whole]
    for each in lacking:
        never = " and ".join(
            ([] if each.fired else ["never fires"]) + ([] if each.passed_over else ["is never asked in vain"])
        )
        console.print(f"{escape(chosen.files[each.rule.file])}:{each.rule.line}: {each.rule.name} {never}")
    whole = len(covered) - len(lacking)
    share = 100 * whole // len(covered) if covered else 100
    console.print(f"{share} % coverage: {whole} of {len(covered)} rules both fire and stay silent in some example.")
    return len(lacking)
