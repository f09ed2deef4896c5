"""How the command line shows why a prescription is what it is, why not, what if, and what differs: as trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from service.engine.derive.why import in_words, sets_in_words


def objections_tree(answer: Mapping[str, Any]) -> Tree:
    """Why not, a branch for each rule considered."""
    (expected,) = answer["asked"].values()
    tree = Tree(f"Why not [bold]{expected}[/]? What came out is [bold]{answer['outcome']}[/].")
    for each in answer["considered"]:
        cause = "time alone" if each["event_id"] is None else f"{each['event_id']} (version {each['version']})"
        node = tree.add(f"[cyan]{each['trigger']}[/] · {escape(cause)}")
        node.add(f"{escape(each['said'])} [dim]{each['file']}:{each['line']}[/]")
    for each in answer["not_considered"]:
        tree.add(f"{each['rule']} has had no occasion yet: it is asked {each['trigger']}. {_place(each)}")
    if not tree.children:
        tree.add("No rule of this slot has that outcome.")
    return tree


def alternatives_tree(answer: Mapping[str, Any]) -> Tree:
    """What would have changed it, a branch for each way."""
    tree = Tree(f"{answer['said']} [dim]{answer['folds']} changes tried[/]")
    for way in answer["ways"] if answer["distance"] else ():
        changed = "; ".join(
            f"{change['event_id']}: {change['field']} {in_words(change['to'])} instead of {in_words(change['from'])}"
            for change in way["changes"]
        )
        tree.add(f"{escape(changed)} → [bold]{way['outcome']}[/], {sets_in_words(way['sets'])}")
    return tree


def comparison_tree(answer: Mapping[str, Any]) -> Tree:
    """What differs, a branch for each part of the two derivations."""
    tree = Tree("The two derivations are the same." if answer["same"] else "before → after")
    for part in ("prescription", "earlier", "state", "sets"):
        if answer[part]:
            branch = tree.add(part)
            for line in _differences(answer[part]):
                branch.add(line)
    for trigger in answer["triggers"]:
        cause = trigger["event_id"] or "time alone"
        only = "" if trigger["in"] == "both" else f", only {trigger['in']}"
        branch = tree.add(f"[cyan]{trigger['trigger'] or 'set'}[/] · {escape(cause)}{only}")
        for line in _differences(trigger["facts"]):
            branch.add(line)
        for rule in trigger["rules"]:
            branch.add(f"{rule['rule']}: {rule['before'] or 'not asked'} → {rule['after'] or 'not asked'}")
    return tree


def _differences(differences: list[dict[str, Any]]) -> Iterator[str]:
    for each in differences:
        yield escape(f"{each['path'].removeprefix('/')}: {in_words(each['before'])} → {in_words(each['after'])}")


def _place(rule: Mapping[str, Any]) -> str:
    return f"[dim]{rule['file']}:{rule['line']}[/]"
