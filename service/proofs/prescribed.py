"""The lines of ``prescribe`` as formulas, row by row where a line is for each row of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import z3

from service.engine.ruleset.scheme import PrescribedEntry, Scheme
from service.engine.ruleset.typed_tree import FactName
from service.proofs.solver_values import code, ends_of
from service.proofs.translation import Translation, Unknowns


class Line(NamedTuple):
    """So many sets alike, none where it does not apply."""

    sets: Any
    load: Any
    amount: tuple[Any, Any]
    """The range of repetitions or seconds."""
    kind: Any


def lines(scheme: Scheme, world: Unknowns) -> list[Line]:
    """Every line that may be, in order; two worlds with the same tables have the same."""
    made = []
    for entry in scheme.prescribe:
        for inside, conditions in rows_of(entry, world):
            measured = entry.reps or entry.seconds
            assert measured is not None  # noqa: S101 - a line has the one or the other
            amount = inside.value(measured.root)
            kind = inside.value(entry.kind.root)
            if entry.amrap is not None:
                kind = z3.If(inside.value(entry.amrap.root), z3.IntVal(code("amrap")), kind)
            sets = z3.If(z3.And(conditions), count_of(entry, inside)[0], 0)
            made.append(Line(sets, inside.value(entry.load.root), ends_of(amount), kind))
    return made


def rows_of(entry: PrescribedEntry, world: Unknowns) -> Iterator[tuple[Translation, list[Any]]]:
    """What a line of ``prescribe`` stands for, row by row where it is for each row, and the conditions under which."""
    translation = Translation(world)
    if entry.over is None:
        rows: list[tuple[Translation, list[Any]]] = [(translation, [])]
    else:
        rows = []
        listed = entry.over.rows
        there = [world.known(listed.fact)] if isinstance(listed, FactName) and listed.fact.optional else []
        for active, row in translation.list(entry.over.rows).active():
            inside = translation.at_row(entry.over.variable, row)
            condition = entry.over.condition
            rows.append((inside, [*there, active, *([] if condition is None else [inside.value(condition)])]))
    for inside, conditions in rows:
        asked = [] if entry.when is None else [inside.value(entry.when.root)]
        yield inside, [*conditions, *asked, count_of(entry, inside)[1] >= 1]


def count_of(entry: PrescribedEntry, inside: Translation) -> tuple[Any, Any]:
    """How many sets a line asks for, at least and at most."""
    return ends_of(inside.value(entry.count.root))
