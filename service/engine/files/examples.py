"""The examples of a scheme file: a training log in short, with what the scheme is to prescribe after each line.

::

    - name: the article's own example
      baseline: 225 lb
      params: {sets: 4}
      log: ["225x6 -> 235 raise", "235x3 rir 1 -> 230", "end -> 230", "14 days", "230x5"]

A line is a set, ``LOADxREPS`` or ``LOADxSECONDSs``, with ``rir N`` behind it when it was logged; ``end``, the session's
end; or ``N days``, which pass (a session that is open ends first). After ``->`` stands what is prescribed next, before
it is rounded to what equipment can make: the load, perhaps the repetitions (``235x4-6``), perhaps the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, cast, get_args

from service.domain.loads import Unit
from service.engine.files.fields import Fields, entries, items, kebab, plain, scalar, text
from service.engine.files.reading import Mistake, Node, Position, Problems, Scalar
from service.engine.model import Outcome

_NUMBER = r"-?\d{1,6}(?:\.\d{1,4})?"
_BASELINE = re.compile(rf"({_NUMBER}) (lb|kg)")
_SET = re.compile(rf"(?P<load>{_NUMBER}) ?x ?(?P<count>\d{{1,4}})(?P<timed>s?)(?: rir (?P<rir>\d{{1,2}}(?:\.5)?))?")
_DAYS = re.compile(r"(\d{1,4}) days?")
_EXPECTED = re.compile(
    rf"(?P<load>{_NUMBER})(?: ?x ?(?P<low>\d{{1,4}})(?:-(?P<high>\d{{1,4}}))?s?)?(?: (?P<outcome>[a-z]+))?"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be prescribed next, before rounding; None where the example does not say."""

    load: Decimal
    reps: tuple[int, int] | None
    """Seconds, for a timed scheme."""
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of an example's log; ``days`` counts for ``days`` alone, the rest for ``set``."""

    kind: Literal["set", "end", "days"]
    text: str
    at: Position
    expected: Expected | None
    load: Decimal = Decimal(0)
    reps: int | None = None
    seconds: int | None = None
    rir: Decimal | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """An example: where a lifter starts, what they do, what they are told."""

    name: str
    at: Position
    unit: Unit
    baseline: Decimal | None
    params: Mapping[str, Any]
    """Of the scheme itself; checked against it."""
    exercise: str | None
    """An exercise of the catalogue; None: one that no catalogue knows."""
    progression: str | None
    """For a deload: the progression that it accompanies."""
    steps: tuple[Step, ...]


def example(node: Node, problems: Problems) -> Example:
    """Read one example."""
    fields = Fields(
        node, problems, "an example", ("name", "baseline", "unit", "params", "exercise", "progression", "log")
    )
    unit, baseline = _start(fields)
    params = fields.get("params")
    return Example(
        name=text(fields.need("name"), "name"),
        at=fields.node.at,
        unit=unit,
        baseline=baseline,
        params={} if params is None else plain(entries(params, "params")),
        exercise=fields.optional("exercise", kebab),
        progression=fields.optional("progression", kebab),
        steps=_steps(fields.need("log")),
    )


def _start(fields: Fields) -> tuple[Unit, Decimal | None]:
    node = fields.get("baseline")
    if node is None:
        unit = text(fields.need("unit"), "unit")
        if unit not in get_args(Unit):
            raise Mistake(fields.need("unit").at, f"unit is kg or lb, but here is {unit}.")
        return cast(Unit, unit), None
    match = _BASELINE.fullmatch(text(node, "baseline"))
    if match is None:
        raise Mistake(node.at, "a baseline is a load with its unit, for example 225 lb or 102.5 kg.")
    return cast(Unit, match[2]), Decimal(match[1])


def _steps(log: Node) -> tuple[Step, ...]:
    lines = items(log, "log")
    if not lines:
        raise Mistake(log.at, "log is empty: write what is done and what must be prescribed next, as 225x6 -> 235.")
    return tuple(_step(scalar(line, "a line of the log")) for line in lines)


def _step(line: Scalar) -> Step:
    done, arrow, then = (part.strip() for part in line.text.partition("->"))
    expected = _expected(line, then) if arrow else None
    if done == "end":
        return Step("end", line.text, line.at, expected)
    if days := _DAYS.fullmatch(done):
        return Step("days", line.text, line.at, expected, days=int(days[1]))
    match = _SET.fullmatch(done)
    if match is None:
        raise Mistake(
            line.at,
            f"“{done}” is no line of a log: write a set as 225x6 or 225x6 rir 1 (0x30s for seconds), "
            "the end of a session as end, a pause as 14 days.",
        )
    count = int(match["count"])
    return Step(
        "set",
        line.text,
        line.at,
        expected,
        load=Decimal(match["load"]),
        reps=None if match["timed"] else count,
        seconds=count if match["timed"] else None,
        rir=Decimal(match["rir"]) if match["rir"] else None,
    )


def _expected(line: Scalar, then: str) -> Expected:
    match = _EXPECTED.fullmatch(then)
    if match is None or (match["outcome"] and match["outcome"] not in get_args(Outcome)):
        raise Mistake(
            line.at,
            f"“{then}” is no prescription: write the load and, if you like, repetitions and outcome after ->, "
            "for example 235 or 235x4-6 raise.",
        )
    reps = (int(match["low"]), int(match["high"] or match["low"])) if match["low"] else None
    return Expected(Decimal(match["load"]), reps, cast("Outcome | None", match["outcome"]))
