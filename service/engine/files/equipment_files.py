"""What a programme is loaded with: bars, plates, dumbbells, stacks and rounding, natively in each unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, cast, get_args

from service.domain.equipment import MOST_OF_A_SIZE, MOST_PLATE_SUMS, MOST_SIZES, Equipment, Plates, Rounding, are_few
from service.domain.loads import LARGEST, Load, Unit, canonical
from service.engine.files.fields import Fields, choice, found, number, whole
from service.engine.files.yaml_tree import Entries, Items, Node, Problems
from service.engine.ruleset.places import Mistake, Scalar

_T = TypeVar("_T")

_EACH: Final = ("bar", "ez_bar", "stack")
_SEVERAL: Final = ("barbells", "dumbbells", "kettlebells")
_KEYS: Final = ("bar", "ez_bar", "plates", "barbells", "dumbbells", "kettlebells", "stack", "rounding")
BELONGS: Final = dict.fromkeys(_KEYS, "It belongs under equipment:, at the top of the programme.")
"""What to say where one of these keys is written anywhere else."""
_EXAMPLES: Final = {
    "bar": "{lb: 45, kg: 20}",
    "ez_bar": "{lb: 20, kg: 10}",
    "stack": "{lb: 10, kg: 5}",
    "plates": "{lb: [45, 25, 10, 5, 2.5], kg: {20: 8, 10: 4, 5: 4, 2.5: 4, 1.25: 4}}",
    "barbells": "{lb: [20, 30, 40], kg: [10, 15, 20]}",
    "dumbbells": "{lb: [5, 10, 15, 20], kg: [2, 4, 6, 8]}",
    "kettlebells": "{lb: [18, 26, 35, 53], kg: [8, 12, 16, 24]}",
}
MOST_PIECES: Final = 200
"""Dumbbells (kettlebells, fixed barbells) that it may list for one unit."""
PLENTY: Final = 20
"""How many plates of a size there are where a programme lists sizes alone: ten pairs, more than a bar holds."""


def equipment_from(node: Node, problems: Problems) -> Mapping[Unit, Equipment]:
    """Check the ``equipment`` of a programme: for each unit what it says; what it leaves out is the house's."""
    fields = Fields(node, problems, "equipment", _KEYS)
    by_unit: dict[Unit, dict[str, Any]] = {"kg": {}, "lb": {}}

    def take(key: str, one: Callable[[str, Unit, Node], Any]) -> None:
        value = fields.get(key)
        if value is not None:
            with problems.collecting():
                for unit, made in _by_unit(key, value, one).items():
                    by_unit[unit][key] = made

    for key in _EACH:
        take(key, _load)
    for key in _SEVERAL:
        take(key, _pieces)
    take("plates", _plates)
    rounding = fields.optional("rounding", choice(get_args(Rounding)))
    return {unit: Equipment(**said, rounding=cast(Rounding, rounding)) for unit, said in by_unit.items()}


def _by_unit(key: str, node: Node, take: Callable[[str, Unit, Node], _T]) -> dict[Unit, _T]:
    if not isinstance(node, Entries):
        message = f"{key} is said for each unit, for example {_EXAMPLES[key]}, but here is {found(node)} without one."
        raise Mistake(node.at, message)
    taken: dict[Unit, _T] = {}
    for unit, value in node.values:
        if unit.text not in LARGEST:
            raise Mistake(unit.at, f"{key} is said in kg and lb; {unit.text} is no unit here.")
        taken[cast(Unit, unit.text)] = take(key, cast(Unit, unit.text), value)
    if not taken:
        raise Mistake(node.at, f"nothing is written under {key}; for example {_EXAMPLES[key]}.")
    return taken


def _load(key: str, unit: Unit, node: Node) -> Load:
    value = number(node, f"{key} in {unit}")
    if not 0 <= value <= LARGEST[unit] or (value == 0 and key != "bar"):
        least = "from 0" if key == "bar" else "more than 0"
        raise Mistake(node.at, f"{key} is {least} to {LARGEST[unit]} {unit}, but here is {found(node)}.")
    return Load(Decimal(canonical(value)), unit)


def _pieces(key: str, unit: Unit, node: Node) -> tuple[Load, ...]:
    if not isinstance(node, Items):
        message = f"{key} lists the ones there are, for example {_EXAMPLES[key]}, but here is {found(node)}."
        raise Mistake(node.at, message)
    if not 1 <= len(node.values) <= MOST_PIECES:
        raise Mistake(node.at, f"{key} lists 1 to {MOST_PIECES} loads, but here are {len(node.values)}.")
    loads = [_load(key, unit, each) for each in node.values]
    _refuse_repeated(key, loads, node.values)
    return tuple(loads)


def _plates(key: str, unit: Unit, node: Node) -> tuple[Plates, ...]:
    if isinstance(node, Scalar):
        message = f"{key} lists the sizes there are, for example {_EXAMPLES[key]}, but here is {found(node)}."
        raise Mistake(node.at, message)
    counted = isinstance(node, Entries)
    sizes: tuple[Node, ...] = tuple(size for size, _ in node.values) if isinstance(node, Entries) else node.values
    counts = (
        [_count(size, count) for size, count in node.values] if isinstance(node, Entries) else [PLENTY] * len(sizes)
    )
    if len(sizes) > MOST_SIZES:
        raise Mistake(node.at, f"{key} has at most {MOST_SIZES} sizes in a unit, but here are {len(sizes)}.")
    loads = [_load("a plate", unit, size) for size in sizes]
    _refuse_repeated(key, loads, sizes)
    if not are_few([(load.value, count) for load, count in zip(loads, counts, strict=True)]):
        message = f"these plates make more than {MOST_PLATE_SUMS:,} different loads, more than anybody needs"
        raise Mistake(node.at, f"{message}; list fewer sizes{', or fewer of each' if counted else ''}.")
    return tuple(map(Plates, loads, counts))


def _count(size: Scalar, node: Node) -> int:
    count = whole(node, f"how many plates of {size.text}")
    if not 0 < count <= MOST_OF_A_SIZE:
        raise Mistake(node.at, f"there are 2 to {MOST_OF_A_SIZE} plates of a size, but here is {found(node)}.")
    if count % 2:
        message = f"plates go on a bar in pairs, and {count} leave one over; count those of both sides together."
        raise Mistake(node.at, message)
    return count


def _refuse_repeated(key: str, loads: list[Load], nodes: tuple[Node, ...]) -> None:
    """Refuse what is listed twice, or in no order: a decimal comma makes two of one, and breaks the order."""
    for place, load in enumerate(loads):
        if load in loads[:place]:
            raise Mistake(nodes[place].at, f"{key} has {load} twice; keep one.")
    falls = len(loads) > 1 and loads[1].value < loads[0].value
    for place in range(2, len(loads)):
        if (loads[place].value < loads[place - 1].value) != falls:
            said = f"{key} is listed in order, but {loads[place]} stands behind {loads[place - 1]}"
            raise Mistake(nodes[place].at, f"{said}; a decimal number has a point, as in 2.5.")
