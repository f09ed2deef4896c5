"""The examples of a scheme or a programme: a training log in short, with what is to be prescribed after its lines.

::

    - name: the article's own example
      baseline: 225 lb
      params: {sets: 4}
      log: ["225x6 -> 235 raise", "235x3 rir 1 -> 230", "end -> 230", "14 days", "230x5"]

`service.engine.files.example_lines` says what a line can be. In a programme's example it is about an exercise or slot,
whose name stands before it, or about the whole session::

    - name: the first week
      one_rep_max: {squat: 100 kg, bench-press: 80 kg}
      log:
        - squat: 3x75x5 -> 1x85x5+
        - as prescribed, end
        - bench-press: -> 3x55x5
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from typing import Final, cast, get_args

from service.domain.loads import Unit
from service.engine.files.example_lines import line_of
from service.engine.files.fields import Fields, collected, entries, found, items, kebab, plain, scalar, text, whole
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.ruleset.examples import Based, Example, Line, Performed, ProgrammeExample, UsedScheme
from service.engine.ruleset.places import Mistake, Position, Scalar
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.suggestions import suggestion

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

_SHOWN: Final = 10
"""Names that a message shows."""

_LOAD: Final = re.compile(r"(-?\d{1,6}(?:\.\d{1,12})?) ?(lb|kg)")


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


def programme_examples(node: Node, programme: Programme, problems: Problems) -> tuple[ProgrammeExample, ...]:
    """Read the examples of a programme that is sound. Mistake where it has no days."""
    if not programme.days:
        raise Mistake(node.at, "examples belong to a programme of days; what is done under any: its schemes show.")
    names = {name for slot in programme.slots for name in (slot.id, slot.exercise or "")}
    nodes = items(node, "examples")
    return tuple(collected(nodes, problems, lambda each: _of_programme(each, problems, names)))


def _of_programme(node: Node, problems: Problems, names: Collection[str]) -> ProgrammeExample:
    """Read one example of a programme, of whose exercises and slots these are the ``names``."""
    fields = Fields(node, problems, "an example", ("name", *_STARTS, "unit", "log"))
    said = [
        (key, exercise, load)
        for key in _STARTS
        if (start := fields.get(key)) is not None
        for exercise, load in entries(start, key).values
    ]
    for _, exercise, _ in said:
        _check_named(exercise, names, "an exercise")
    loads = [(exercise.text, _STARTS[key], *_load(load, key)) for key, exercise, load in said]
    units = [(unit, node.at) for (*_, unit), (_, _, node) in zip(loads, said, strict=True)]
    unit = _one_unit(fields, units)
    nodes = items(fields.need("log"), "log")
    return ProgrammeExample(
        name=text(fields.need("name"), "name"),
        at=fields.node.at,
        unit=unit,
        baselines=tuple((exercise, name, load) for exercise, name, load, _ in loads),
        lines=tuple(collected(nodes, problems, lambda line: _line_of_programme(line, names))),
    )


def _line_of_programme(node: Node, names: Collection[str]) -> Line:
    if not isinstance(node, Entries):
        line = line_of(scalar(node, "a line of the log"))
        if line.expected is not None or any(isinstance(act, Performed | Based) for act in line.acts):
            raise Mistake(
                line.at, f"say of which exercise or slot that is, as {min(names, default='squat')}: {line.text}"
            )
        return line
    if len(node.values) != 1:
        raise Mistake(node.at, "a line of the log is about one exercise or slot; give each its own line and dash.")
    ((name, said),) = node.values
    _check_named(name, names, "an exercise or slot")
    return replace(line_of(scalar(said, "a line of the log")), of=name.text)


def _check_named(name: Scalar, names: Collection[str], what: str) -> None:
    if name.text not in names:
        slots = [each for each in sorted(names) if each.endswith(f"/{name.text}")]
        meant = f" Write {' or '.join(slots)}." if slots else suggestion(name.text, names)
        hint = meant or f" There are {', '.join(sorted(names)[:_SHOWN])}."
        raise Mistake(name.at, f"{name.text} is not {what} of this programme.{hint}", len(name.text))


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
        baselines[name], unit = _load(node, key)
        units.append((unit, node.at))
    return _one_unit(fields, units), baselines


def _load(node: Node, key: str) -> tuple[Decimal, str]:
    """A load and its unit."""
    match = _LOAD.fullmatch(text(node, key))
    if match is None:
        article = "a" if key == "baseline" else "the"
        raise Mistake(node.at, f"{article} {key} is a load with its unit, for example 225 lb or 102.5 kg.")
    return Decimal(match[1]), match[2]


def _one_unit(fields: Fields, units: list[tuple[str, Position]]) -> Unit:
    """The unit of an example: that which it says, and which every load of it has."""
    if "unit" in fields or not units:
        units.append((text(fields.need("unit"), "unit"), fields.need("unit").at))
    unit, at = units[0]
    if unit not in get_args(Unit):
        raise Mistake(at, f"unit is kg or lb, but here is {unit}.")
    for other, place in units:
        if other != unit:
            raise Mistake(place, f"an example is of one unit, but here is {other} beside {unit}.")
    return cast(Unit, unit)


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
