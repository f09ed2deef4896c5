"""`spotter explain`: the derivation of a prescription, step by step; why, why not, what if and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
from rich.console import Console, Group
from rich.markup import escape
from rich.tree import Tree

from service.commands.explanation_trees import alternatives_tree, comparison_tree, objections_tree
from service.commands.options import LIFTER, as_of_option, at_version_option, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.identifiers import LifterRef
from service.engine.derive.why import OUTCOMES, Expectation, why
from service.usecases.lifter.explain import alternatives, comparison, derivation, objections
from service.usecases.lifter.prescribe import next_for

_ANY = "any"
_MARKS = {"fired": "[green]fired[/]", "not fired": "[dim]not fired[/]", "shadowed": "[dim]shadowed[/]"}


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="LIFTER EXERCISE | PRESCRIPTION_ID")
@click.option("--lifter", type=LIFTER, help="Whose prescription PRESCRIPTION_ID is.")
@click.option("--slot", help="The slot, where a programme has several of the exercise.")
@click.option("--why-not", metavar="OUTCOME|RULE", help="What kept an outcome, or a rule, from having its way.")
@click.option(
    "--what-if",
    type=click.Choice([*OUTCOMES, _ANY]),
    is_flag=False,
    flag_value=_ANY,
    help="The smallest change to the last session that leads to an outcome; alone, to any other outcome or load.",
)
@click.option("--against", metavar="PRESCRIPTION_ID", help="What differs in the derivation of another prescription.")
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON.")
@as_of_option
@at_version_option
@gym_option
def explain(
    what: tuple[str, ...],
    *,
    lifter: str | None,
    gym: str,
    why_not: str | None,
    what_if: str | None,
    against: str | None,
    as_json: bool,
    **moment: Any,
) -> None:
    """Show how the next prescription of an EXERCISE came about, or any that was ever given, by its id."""
    if len(what) != (2 if lifter is None else 1):
        raise click.UsageError("give either LIFTER and EXERCISE, or PRESCRIPTION_ID and --lifter.")
    if len([asked for asked in (why_not, what_if, against) if asked is not None]) > 1:
        raise click.UsageError("ask one thing at a time: --why-not, --what-if or --against.")
    services = running_spotter()
    if lifter is None:
        who = LifterRef(gym, LIFTER.convert(what[0], None, click.get_current_context()))
        prescription = next_for(services, who, what[1], **moment)
        prescription_id = prescription.prescription_id
    else:
        who, prescription_id = LifterRef(gym, lifter), what[0]
    shown: Tree | Group
    if why_not is not None:
        expected = Expectation(outcome=why_not) if why_not in OUTCOMES else Expectation(rule=why_not)
        answer = objections(services, who, prescription_id, expected)
        shown = objections_tree(answer)
    elif what_if is not None:
        answer = alternatives(services, who, prescription_id, None if what_if == _ANY else what_if)
        shown = alternatives_tree(answer)
    elif against is not None:
        answer = comparison(services, who, prescription_id, against)
        shown = comparison_tree(answer)
    else:
        answer = derivation(services, who, prescription_id)
        shown = Group(*map(escape, why(answer)), "", tree_of(answer))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        Console().print(shown, highlight=False)


def tree_of(proof: Mapping[str, Any]) -> Tree:
    """A derivation as a tree: where the track stood, what happened since, what that makes of the load."""
    prescription = proof["prescription"]
    tree = Tree(
        f"[bold]{escape(prescription['slot'])}[/]: {prescription['outcome']}, "
        f"version {proof['version']}, as of {prescription['as_of']}"
    )
    for reason in prescription["because"]:
        tree.add(f"[bold]{escape(reason)}[/]")
    _add_state(tree, "stood before", proof["earlier"]["state"])
    for trigger in proof["triggers"]:
        _add_trigger(tree, trigger)
    _add_state(tree, "stands now", proof["state"])
    rounding = tree.add("sets to do")
    for each in proof["sets"]:
        rounding.add(_rounding(each))
    rules = prescription["rule_set"]
    tree.add(f"[dim]rules {rules['programme']} {rules['digest']}[/]")
    tree.add(f"[dim]log {proof['log_head']}[/]")
    tree.add(f"[dim]derivation {proof['sha256']}[/]")
    return tree


def _add_state(tree: Tree, heading: str, state: Mapping[str, Any]) -> None:
    lever = state["lever"]
    node = tree.add(f"{heading}: {'no load yet' if lever is None else _text(lever)}")
    for scheme, own in state["schemes"].items():
        node.add(escape(f"{scheme}: {_named(own)}"))


def _add_trigger(tree: Tree, trigger: Mapping[str, Any]) -> None:
    node = tree.add(" · ".join(_heading(trigger)))
    if trigger["trigger"] is None:
        node.add(escape(trigger["why"]))
        return
    for scheme in trigger["schemes"]:
        branch = node.add(f"{scheme['scheme']} [dim]({scheme['role']})[/]")
        for rule in scheme["rules"]:
            _add_rule(branch, rule)
    for move in trigger["moves"]:
        if move["applied"] and move["from"] == move["to"]:
            continue
        applied = "" if move["applied"] else " [yellow](overruled)[/]"
        node.add(f"{move['rule']}: {_text(move['from'])} → {_text(move['to'])}{applied}")


def _heading(trigger: Mapping[str, Any]) -> Iterator[str]:
    yield f"[cyan]{trigger['trigger'] or 'set'}[/]"
    if trigger["cause"] == "time":
        yield "time alone"
        return
    performed = trigger.get("set")
    if performed is not None:
        amount = performed["reps"] if "reps" in performed else f"{performed['seconds']} s"
        yield f"{performed['exercise']} {_text(performed['load'])} × {amount}"
    yield escape(f"{trigger['event_id']} (version {trigger['version']})")
    yield trigger["occurred_at"]


def _add_rule(branch: Tree, rule: Mapping[str, Any]) -> None:
    node = branch.add(f"{rule['rule']}: {_MARKS[rule['result']]} [dim]{rule['file']}:{rule['line']}[/]")
    for condition in rule["conditions"]:
        value = condition["value"]
        outcome = value if isinstance(value, str) else "yes" if value else "no"
        node.add(escape(f"{condition['expression']}: {outcome}, with {_named(condition['operands'])}"))
    if "because" in rule:
        node.add(f"[bold]{escape(rule['because'])}[/]")


def _rounding(chain: Mapping[str, Any]) -> str:
    if chain["raw"] is None:
        return f"{chain['index']}: any load"
    plates = chain["plates_each_side"]
    bar = "" if plates is None else f", a side {' + '.join(map(_text, plates)) or 'nothing'}"
    return f"{chain['index']}: {_text(chain['raw'])} → {_text(chain['rounded'])} ({chain['rounding']}){bar}"


def _named(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_text(value)}" for name, value in values.items()) or "nothing"


def _text(value: Any) -> str:
    """A value of a derivation in words: a load, a range, a number, or that it is not known."""
    match value:
        case {"value": amount, "unit": unit}:
            return f"{amount} {unit}"
        case {"min": low, "max": high}:
            return f"{low}–{high}"
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
