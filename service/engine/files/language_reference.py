"""The reference of the rule language, made from what the checker itself reads: triggers, types, facts, functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from service.engine.language.function import Function
from service.engine.language.functions import FUNCTIONS
from service.engine.language.list_functions import LIST_FUNCTIONS, ListFunction
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.facts.fact import Fact
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import Column

TRIGGERS: Final[Mapping[Trigger, str]] = {
    Trigger.AFTER_SET: "Each work set: one logged as work, amrap or failure, or without a kind and not a warm-up.",
    Trigger.AFTER_EXERCISE: "The session's end, for each slot in which a set was performed, in programme order.",
    Trigger.AFTER_SESSION: "Then, once for each track that was performed.",
    Trigger.AFTER_WEEK: "The track's first set, or the first question, in a later calendar week than its last set.",
    Trigger.BEFORE_PRESCRIPTION: "The track's first set of a session, or a question about it: where time counts.",
}
"""What a list of rules is considered after, or before."""

TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "bool": ("–", "True or false."),
    "int": ("a count", "A whole number."),
    "number": ("–", "An exact decimal."),
    "load": ("kg or lb", "A weight in the lifter's working unit; only 0 needs none."),
    "percent": ("%", "A share of a hundred: percent_of(10, load)."),
    "range": ("a count", "From min to max, both included."),
    "word": ("–", "One of a fixed list, compared with a word in quotes."),
    "rows": ("–", "A list: its rows have fields."),
}
"""The unit of each type, and what it is."""


class Table(NamedTuple):
    """A part of the reference: headings, and rows in which names stand in backticks."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def reference() -> list[Table]:
    """The whole reference."""
    return [
        Table("Triggers", ("trigger", "is"), [(f"`{trigger}`", text) for trigger, text in TRIGGERS.items()]),
        Table(
            "Types",
            ("type", "unit", "is"),
            [(f"`{_type(name)}`", unit, text) for name, (unit, text) in TYPES.items()],
        ),
        Table("Facts", ("fact", "type", "unit", "readable in", "is"), list(_facts())),
        Table("Functions", ("function", "gives", "is"), [_function(each) for each in FUNCTIONS.values()]),
        Table(
            "Questions about lists",
            ("function", "is"),
            [(f"`{each.name}({_asked(each)})`", each.description) for each in LIST_FUNCTIONS.values()],
        ),
    ]


def markdown() -> str:
    """The reference as the part of ``rules/README.md`` that is generated."""
    parts = []
    for table in reference():
        lines = [f"### {table.title}", "", _row(table.headings), "|---" * len(table.headings) + "|"]
        parts.append("\n".join([*lines, *map(_row, table.rows)]))
    return "\n\n".join(parts) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _facts() -> Iterator[tuple[str, ...]]:
    for fact in FACTS.values():
        yield f"`{fact.name}`", _type_of(fact), unit_of(fact), _readable(fact.triggers), fact.description
        for column in fact.columns:
            yield (
                f"`{fact.name}[1].{column.name}`",
                _type_of(column),
                unit_of(column),
                "as the list",
                "Of the first row, and likewise of every other.",
            )


def _type(name: str) -> str:
    return "list" if name == "rows" else name


def _type_of(named: Fact | Column) -> str:
    words = f": {', '.join(named.words)}" if named.words else ""
    return f"{_type(named.type)}{words}{', may be unknown' if named.optional else ''}"


def unit_of(named: Fact | Column) -> str:
    """The unit of a fact or of a field of a list's rows."""
    if named.type in ("load", "percent"):
        return TYPES[named.type][0]
    return named.unit or "–"


def _readable(triggers: frozenset[Trigger] | None) -> str:
    if triggers is None:
        return "everywhere"
    if triggers == frozenset(Trigger):
        return "every rule, `prescribe`"
    return ", ".join(f"`{trigger}`" for trigger in Trigger if trigger in triggers)


def _function(function: Function) -> tuple[str, str, str]:
    names = ", ".join(name for name, _ in function.parameters) + (", ..." if function.variadic else "")
    gives = "as its values" if function.result == "alike" else _type(function.result)
    source = f". {function.source}" if function.source else ""
    return f"`{function.name}({names})`", gives, f"{function.formula}{source}"


def _asked(function: ListFunction) -> str:
    selecting = " if CONDITION" if function.selects else ""
    return f"{'CONDITION' if function.asks_condition else 'VALUE'} for each in LIST{selecting}"
