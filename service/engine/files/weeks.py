"""Weeks of a cycle, as a programme file says in which of them a day or a slot is done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from service.engine.files.fields import found, plain
from service.engine.files.yaml_tree import Entries, Items, Node
from service.engine.ruleset.places import Mistake, Scalar

_SPAN: Final = re.compile(r"(?P<first>[0-9]{1,2})(?: ?- ?(?P<last>[0-9]{1,2}))?")
_WEEKS: Final = re.compile(r"[0-9]{1,2}(?: ?[-,] ?[0-9]{1,2})*")
"""Weeks of a table, as its key or a cell of a row tells them."""


def weeks_from(node: Node, what: str, cycle: int) -> frozenset[int]:
    """Weeks, ``[1, 9]``, ``4`` or ``1-3, 5``, of a cycle of so many. Mistake for what is none, or beyond the cycle."""
    spans = _spans(node, what)
    beyond = [week for span in spans for week in span if not 1 <= week <= cycle]
    if beyond:  # before any is written out: a range may be of any length
        raise Mistake(node.at, f"{what} names week {beyond[0]}, but {_length(cycle)}.")
    weeks = frozenset(week for first, last in spans for week in range(first, last + 1))
    if len(weeks) == cycle:
        raise Mistake(node.at, f"{what} names every week of the cycle; leave it out.")
    return weeks


def refuse_weeks_beyond(params: Iterable[tuple[Scalar, Node]], cycle: int) -> None:
    """Refuse rows that parameters give for weeks that a cycle has not. Mistake at the first."""
    for name, rows in params:
        if isinstance(rows, Entries):
            weeks: Iterable[Node] = (key for key, _ in rows.values)
        else:
            listed = rows.values if isinstance(rows, Items) else ()
            weeks = (
                cell for row in listed if isinstance(row, Entries) for key, cell in row.values if key.text == "week"
            )
        for week in weeks:
            if isinstance(week, Scalar) and _WEEKS.fullmatch(week.text):
                last = max(map(int, re.findall("[0-9]+", week.text)))
                if last > cycle:
                    raise Mistake(
                        week.at,
                        f"{name.text} names week {last}, but {_length(cycle)}; mend one of them.",
                        len(week.text),
                    )


def _length(cycle: int) -> str:
    has = f"has {cycle} weeks" if cycle > 1 else "is one week long; say so at the top, as in weeks: 4"
    return f"a cycle of the programme {has}"


def _spans(node: Node, what: str) -> list[tuple[int, int]]:
    said = f"{what} is a range of weeks, [1, 9], one week, 4, or several, 1-3, 5"
    if isinstance(node, Items):
        ends = plain(node)
        if len(ends) != 2 or not all(isinstance(end, int) and not isinstance(end, bool) for end in ends):
            raise Mistake(node.at, f"{said}; a list has the first week and the last.")
        spans = [(ends[0], ends[1])]
    elif isinstance(node, Entries):
        raise Mistake(node.at, f"{said}, but here is {found(node)}.")
    else:
        matches = [_SPAN.fullmatch(part.strip()) for part in node.text.split(",")]
        spans = [(int(match["first"]), int(match["last"] or match["first"])) for match in matches if match is not None]
        if len(spans) < len(matches):
            raise Mistake(node.at, f"{said}, but here is {found(node)}.")
    for first, last in spans:
        if first > last:
            raise Mistake(node.at, f"{what} runs from {first} down to {last}; exchange them.")
    return spans
