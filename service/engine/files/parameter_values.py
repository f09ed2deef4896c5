"""The values that a rule file gives parameters, each mistake told at the very place that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, get_args

from service.domain.loads import Unit
from service.engine.files.fields import plain
from service.engine.files.yaml_tree import Entries, Items, Node, Problems
from service.engine.ruleset.parameters import Parameter, row_of, rows_of_weeks, value_of
from service.engine.ruleset.places import AlreadySaid, Mistake, Scalar

_Made = TypeVar("_Made")


def value_at(parameter: Parameter, node: Node, problems: Problems) -> Any:
    """The value of a parameter as a file writes it. Mistakes at the rows and the cells of a table that are wrong."""
    before = len(problems.errors)
    if parameter.type == "rows" and isinstance(node, Items):
        for number, row in enumerate(node.values, 1):
            with problems.collecting():
                _check_row(parameter, row, number, problems)
    if parameter.type == "rows" and isinstance(node, Entries):
        keys: dict[int, str] = {}
        for weeks, rows in node.values:
            with problems.collecting():
                _check_weeks(parameter, weeks, rows, problems)
                _check_apart(parameter, weeks, keys)
    if len(problems.errors) > before:
        raise AlreadySaid(node.at, "")
    try:
        return value_of(parameter, plain(node))
    except ValueError as error:
        raise Mistake(_wrong_unit(parameter, node).at, str(error)) from None


def _wrong_unit(parameter: Parameter, node: Node) -> Node:
    """Where a load is wrong: at what is no unit, or at what is no number of one; else the whole of it."""
    if parameter.type != "load" or not isinstance(node, Entries):
        return node
    for key, value in node.values:
        if key.text not in get_args(Unit):
            return key
        if isinstance(plain(value), str):
            return value
    return node


def _check_apart(parameter: Parameter, weeks: Scalar, keys: dict[int, str]) -> None:
    """Refuse a key for a week that one before is for; ``keys`` by their weeks."""
    for row in rows_of_weeks(parameter, weeks.text, {}):
        week = row["week"]
        if week in keys:
            said = f"{parameter.name} is written for week {week} by {keys[week]} and by {weeks.text}"
            raise Mistake(weeks.at, f"{said}; write all the sets of a week behind one of them.", len(weeks.text))
        keys[week] = weeks.text


def _check_weeks(parameter: Parameter, weeks: Scalar, node: Node, problems: Problems) -> None:
    """Check what a table that is written by weeks says for some of them, each row at its place."""
    _at(weeks, partial(rows_of_weeks, parameter, weeks.text, []))
    columns = {column.name: column for column in parameter.table}
    for row in node.values if isinstance(node, Items) else (node,):
        written = _at(row, partial(rows_of_weeks, parameter, weeks.text, plain(row)))
        _check_cells(columns, row, problems)
        _at(row, partial(row_of, parameter, written[0], 1))


def _at(node: Node, made: Callable[[], _Made]) -> _Made:
    """What is made of a node; a ValueError is told as a Mistake at its place."""
    try:
        return made()
    except ValueError as error:
        raise Mistake(node.at, str(error)) from None


def _check_cells(columns: Mapping[str, Parameter], row: Node, problems: Problems) -> None:
    """Check each cell of a row at its place; `AlreadySaid` where one is wrong."""
    before = len(problems.errors)
    for key, cell in row.values if isinstance(row, Entries) else ():
        if key.text in columns:
            with problems.collecting():
                value_at(columns[key.text], cell, problems)
    if len(problems.errors) > before:
        raise AlreadySaid(row.at, "")


def _check_row(parameter: Parameter, node: Node, number: int, problems: Problems) -> None:
    columns = {column.name: column for column in parameter.table}
    _check_cells(columns, node, problems)
    _at(node, partial(row_of, parameter, plain(node), number))
