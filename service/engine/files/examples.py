"""The examples of a scheme file: a training log in short, with what the scheme is to prescribe after its lines.

::

    - name: the article's own example
      baseline: 225 lb
      params: {sets: 4}
      log: ["225x6 -> 235 raise", "235x3 rir 1 -> 230", "end -> 230", "14 days", "230x5"]

`service.engine.files.example_lines` says what a line can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, cast, get_args

from service.domain.loads import Unit
from service.engine.files.example_lines import line_of
from service.engine.files.fields import Fields, entries, found, items, kebab, plain, scalar, text, whole
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.ruleset.examples import Example, Line, UsedScheme
from service.engine.ruleset.places import Mistake, Position

_KEYS: Final = (
    "name",
    "baseline",
    "one_rep_max",
    "training_max",
    "unit",
    "params",
    "exercise",
    "progression",
    "deload",
    "weeks",
    "days",
    "log",
)
_STARTS: Final = {"baseline": "load", "one_rep_max": "one_rep_max", "training_max": "training_max"}
"""What an example may start from, and which of a baseline's fields each is."""

_LOAD: Final = re.compile(r"(-?\d{1,6}(?:\.\d{1,12})?) (lb|kg)")


def example(node: Node, problems: Problems) -> Example:
    """Read one example."""
    fields = Fields(node, problems, "an example", _KEYS)
    unit, baselines = _start(fields)
    params = fields.get("params")
    deloads = fields.get("deload")
    return Example(
        name=text(fields.need("name"), "name"),
        at=fields.node.at,
        unit=unit,
        baselines=baselines,
        params={} if params is None else plain(entries(params, "params")),
        exercise=fields.optional("exercise", kebab),
        progression=fields.optional("progression", _used),
        deloads=() if deloads is None else tuple(_used(each, "deload") for each in items(deloads, "deload")),
        weeks=fields.optional("weeks", _few(52)) or 1,
        days=fields.optional("days", _few(7)) or 1,
        lines=_lines(fields.need("log")),
    )


def _lines(log: Node) -> tuple[Line, ...]:
    lines = items(log, "log")
    if not lines:
        raise Mistake(log.at, "log is empty: write what is done and what must be prescribed next, as 225x6 -> 235.")
    return tuple(line_of(scalar(line, "a line of the log")) for line in lines)


def _start(fields: Fields) -> tuple[Unit, dict[str, Decimal]]:
    baselines: dict[str, Decimal] = {}
    units: list[tuple[str, Position]] = []
    for key, name in _STARTS.items():
        node = fields.get(key)
        if node is None:
            continue
        match = _LOAD.fullmatch(text(node, key))
        if match is None:
            article = "a" if key == "baseline" else "the"
            raise Mistake(node.at, f"{article} {key} is a load with its unit, for example 225 lb or 102.5 kg.")
        baselines[name] = Decimal(match[1])
        units.append((match[2], node.at))
    if "unit" in fields or not units:
        units.append((text(fields.need("unit"), "unit"), fields.need("unit").at))
    unit, at = units[0]
    if unit not in get_args(Unit):
        raise Mistake(at, f"unit is kg or lb, but here is {unit}.")
    for other, place in units:
        if other != unit:
            raise Mistake(place, f"an example is of one unit, but here is {other} beside {unit}.")
    return cast(Unit, unit), baselines


def _used(node: Node, what: str) -> UsedScheme:
    """A scheme by its name alone, or with parameters: ``stall``, ``{stall: {sessions: 3}}``."""
    if not isinstance(node, Entries):
        return UsedScheme(kebab(node, what), {})
    if len(node.values) != 1:
        raise Mistake(node.at, f"{what} names one scheme, as {{name: {{parameter: value}}}}.")
    ((name, params),) = node.values
    return UsedScheme(kebab(name, what), plain(entries(params, f"the parameters of {name.text}")))


def _few(most: int) -> Callable[[Node, str], int]:
    def take(node: Node, what: str) -> int:
        number = whole(node, what)
        if not 1 <= number <= most:
            raise Mistake(node.at, f"{what} is a whole number from 1 to {most}, but here is {found(node)}.")
        return number

    return take
