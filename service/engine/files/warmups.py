"""The ramp before the first work set, as a programme file writes it."""

from __future__ import annotations

from typing import Final

from service.engine.files.fields import entries, found, items, number, whole
from service.engine.files.yaml_tree import Node
from service.engine.ruleset.places import Mistake, Scalar
from service.engine.ruleset.programme import WarmUp

_MOST_LINES: Final = 10


def warmup_from(node: Node, what: str) -> tuple[WarmUp, ...]:
    """A ramp: sets at percentages of the first work set's load, the lightest first."""
    made = tuple(_line(line) for line in items(node, what))
    if len(made) > _MOST_LINES:
        raise Mistake(node.at, f"{what} has at most {_MOST_LINES} lines.")
    return made


def _line(node: Node) -> WarmUp:
    if isinstance(node, Scalar):
        said = f"a line of warmup is written {{percent: 40, reps: 5, sets: 1}}, but here is {found(node)}."
        raise Mistake(node.at, said, len(node.text))
    values = {key.text: (key, value) for key, value in entries(node, "a line of warmup").values}
    for name, (key, _) in values.items():
        if name not in ("percent", "reps", "sets"):
            raise Mistake(key.at, f"a line of warmup has no key {name}; it has percent, reps and perhaps sets.")
    for name in ("percent", "reps"):
        if name not in values:
            raise Mistake(node.at, f"a line of warmup needs {name}, as in {{percent: 40, reps: 5}}.")
    percent = number(values["percent"][1], "percent")
    reps = whole(values["reps"][1], "reps")
    sets = whole(values["sets"][1], "sets") if "sets" in values else 1
    if not (percent == 0 or 1 <= percent < 100):
        said = "a warm-up is lighter than the work: percent is 0 for the bar alone, or 1 to 99, 40 for 40 %."
        raise Mistake(values["percent"][1].at, said)
    if not 1 <= reps <= 30 or not 1 <= sets <= 10:
        raise Mistake(node.at, "a warm-up has 1 to 30 reps and 1 to 10 sets.")
    return WarmUp(percent, reps, sets)
