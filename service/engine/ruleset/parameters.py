"""What a parameter may be set to, whether a rule file, a programme or an event says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

from service.domain.loads import Unit, canonical, convert
from service.engine.ruleset.set_notation import sets_of
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.types import DESCRIPTIONS, MAXIMUM_INT, Column, Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter; ``default`` is already of ``type`` (a load: ``{"lb": ..., "kg": ...}``).

    ``words`` are those that a word may be. ``table`` are the columns of a table, each like a parameter of its own; a
    default of None must be given in every row.
    """

    name: str
    type: Type
    default: Any
    low: Decimal | None = None
    high: Decimal | None = None
    words: tuple[str, ...] = ()
    table: tuple[Parameter, ...] = ()
    about: str = ""
    """What the file says that it is for."""
    apart: str = ""
    """Of a table, the column whose ranges no two rows may share a number of."""
    optional: bool = False
    """Of a column, whether rows may leave it out, so that it is unknown: None."""

    @property
    def may_be_empty(self) -> bool:
        """Whether it is a table that may have no rows."""
        return self.type == "rows" and self.low == 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each place of a table's rows holds."""
        return tuple(
            Column(each.name, each.type, place, each.optional, each.words) for place, each in enumerate(self.table)
        )


_EXAMPLES: dict[Type, str] = {
    "bool": "true or false",
    "int": "3",
    "number": "1.5",
    "load": "{lb: 5, kg: 2.5}",
    "percent": "10",
    "range": "[4, 6]",
}

_MOST_SHOWN = 4
"""Entries of a list that a message shows; of longer ones it tells how many there are."""

_WEEKS = re.compile(r"([0-9]{1,2})(?: ?- ?([0-9]{1,2}))?")

MOST_ROWS = 100
"""Rows in a table: more than any programme's weeks and days need, and a bound on what a rule costs."""


def value_of(parameter: Parameter, plain: Any) -> Any:
    """The value of a parameter from plain data (also from a value already of its type).

    Raises ValueError with a sentence for what is of another type or out of bounds.
    """
    if parameter.type == "rows":
        return _table(parameter, plain)
    if parameter.type == "word":
        return _word(parameter, plain)
    value = of_type(parameter.name, parameter.type, plain)
    numbers: tuple[Any, ...] = (value,)
    if parameter.type == "range":
        numbers = value
    elif parameter.type == "load":
        numbers = tuple(value.values())
    elif parameter.type == "bool":
        numbers = ()
    for number in numbers:
        if parameter.type == "percent" and 0 < number < 1 <= (parameter.default or parameter.low or 0):
            shown, meant = canonical(number), canonical(number * 100)
            raise ValueError(
                f"{parameter.name} is in percent, and {shown} is less than one: write {meant} for {meant} %."
            )
        _check_bounds(parameter, number)
    return value


def in_unit(parameter: Parameter, value: Any, unit: Unit, of: Unit | None = None) -> Any:
    """A parameter's value in a unit; a load is what it is for lifters of that unit, or of the unit ``of``."""
    if value is None:  # what a row leaves out
        return None
    if parameter.type == "load":
        return convert(value[of or unit], of or unit, unit)
    if parameter.type == "rows":
        return tuple(
            tuple(in_unit(column, cell, unit, of) for column, cell in zip(parameter.table, row, strict=True))
            for row in value
        )
    return value


def row_of(parameter: Parameter, plain: Any, number: int) -> tuple[Any, ...]:
    """A row of a table from plain data, or from a row already made. Raises ValueError with a sentence."""
    what = f"row {number} of {parameter.name}"
    columns = {column.name: column for column in parameter.table}
    if isinstance(plain, tuple) and len(plain) == len(columns):
        plain = dict(zip(columns, plain, strict=True))
    if isinstance(plain, str) and "sets" in columns and "reps" in columns:
        plain = _in_columns(what, columns, plain)
    if not isinstance(plain, Mapping):
        raise ValueError(f"{what} is written {{{', '.join(f'{name}: ...' for name in columns)}}}, not {_text(plain)}.")  # noqa: TRY004 - of a file
    for name in plain:
        if name not in columns:
            hint = suggestion(str(name), columns) or f" It has {', '.join(columns)}."
            raise ValueError(f"{what} has a column {name}, which the table has not.{hint}")
    for name, column in columns.items():
        if name not in plain and column.default is None and not column.optional:
            raise ValueError(f"{what} lacks {name}; a row has {', '.join(columns)}.")
    return tuple(_cell(column, plain.get(name)) for name, column in columns.items())


def _cell(column: Parameter, plain: Any) -> Any:
    """What a row holds in a column: its default, or nothing, where the row leaves it out."""
    return (
        column.default if plain is None and (column.optional or column.default is not None) else value_of(column, plain)
    )


def _in_columns(what: str, columns: Mapping[str, Parameter], text: str) -> dict[str, Any]:
    """A row of sets that is written in short, by its columns. Raises ValueError with a sentence."""
    try:
        said = sets_of(text)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    if said.timed:
        raise ValueError(f"{what} counts repetitions, but {text} is in seconds.")
    row: dict[str, Any] = {"sets": said.number, "reps": said.amount}
    row |= {"amrap": True} if said.amrap else {}
    row |= {} if said.percent is None else {"percent": said.percent}
    row |= {} if said.rir is None else {"rir": said.rir}
    for name in row:
        if name not in columns:
            raise ValueError(f"{what} says {name} with {text}, but the table has no such column.")
    return {name: value[0] if _is_one(columns[name], value) else value for name, value in row.items()}


def _is_one(column: Parameter, value: Any) -> bool:
    return column.type != "range" and isinstance(value, tuple) and value[0] == value[1]


def rows_of_weeks(parameter: Parameter, weeks: str, plain: Any) -> list[Any]:
    """The rows that a table written by weeks has for one of its keys, ``1``, ``2-4`` or ``1, 5-6``, each with its week.

    ``plain`` is a row or a list of them. Raises ValueError with a sentence.
    """
    columns = {column.name: column for column in parameter.table}
    if "week" not in columns:
        raise ValueError(f"{parameter.name} has no column week, so it is a list of rows, not {_text({weeks: plain})}.")
    numbers = weeks_written(weeks)
    if numbers is None:
        raise ValueError(f"{parameter.name} is written by weeks, 1:, 2-4: or 1, 5:, but here is {weeks}.")
    what = f"week {weeks} of {parameter.name}"
    rows = [_in_columns(what, columns, row) if isinstance(row, str) else row for row in _listed(plain)]
    for row in rows:
        if not isinstance(row, Mapping) or "week" in row:
            raise ValueError(f"{what} has rows without their week, but here is {_text(row)}.")
    return [{"week": week, **row} for week in numbers for row in rows]


def weeks_written(weeks: str) -> list[int] | None:
    """The weeks of a key such as ``1``, ``2-4`` or ``1, 5-6``, in the order written; None for any other text."""
    matches = [_WEEKS.fullmatch(part.strip()) for part in weeks.split(",")]
    spans = [range(int(match[1]), int(match[2] or match[1]) + 1) for match in matches if match is not None]
    return [week for span in spans for week in span] if len(spans) == len(matches) and all(spans) else None


def _listed(plain: Any) -> list[Any]:
    return list(plain) if isinstance(plain, list | tuple) else [plain]


def _table(parameter: Parameter, plain: Any) -> tuple[tuple[Any, ...], ...]:
    if isinstance(plain, Mapping):
        plain = [row for weeks, rows in plain.items() for row in rows_of_weeks(parameter, str(weeks), rows)]
    least = 0 if parameter.may_be_empty else 1
    if not isinstance(plain, list | tuple) or not least <= len(plain) <= MOST_ROWS:
        said = f"a list of {least} to {MOST_ROWS} rows"
        raise ValueError(f"{parameter.name} is a table: {said}, but here is {_text(plain)}.")
    rows = tuple(row_of(parameter, row, number) for number, row in enumerate(plain, 1))
    if parameter.apart:
        _check_apart(parameter, rows)
    return rows


def _check_apart(parameter: Parameter, rows: tuple[tuple[Any, ...], ...]) -> None:
    """Refuse two rows of which both would count."""
    place = next(column.place for column in parameter.columns if column.name == parameter.apart)
    spans = sorted((row[place], number) for number, row in enumerate(rows, 1))
    for ((_, high), one), ((low, _), other) in pairwise(spans):
        if low <= high:
            raise ValueError(
                f"rows {min(one, other)} and {max(one, other)} of {parameter.name} are both about {parameter.apart} of "
                f"{low}; of each number one row tells."
            )


def _word(parameter: Parameter, plain: Any) -> str:
    if isinstance(plain, str) and plain in parameter.words:
        return plain
    hint = suggestion(str(plain), parameter.words)
    raise ValueError(f"{parameter.name} is one of {', '.join(parameter.words)}, but here is {_text(plain)}.{hint}")


def of_type(name: str, type_: Type, plain: Any) -> Any:
    """Plain data as a value of ``type_``; a load keeps both of its units. Raises ValueError with a sentence."""
    match type_:
        case "bool" if isinstance(plain, bool):
            return plain
        case "int" if _is_number(plain) and Decimal(str(plain)) % 1 == 0:
            return int(plain)
        case "number" | "percent" if _is_number(plain):
            return Decimal(str(plain))
        case "range" if _is_number(plain) and Decimal(str(plain)) % 1 == 0:
            return (int(plain), int(plain))
        case "range" if _is_pair(plain):
            low, high = (int(end) for end in plain)
            if low > high:
                raise ValueError(f"{name} runs from {low} down to {high}; write [{high}, {low}].")
            return (low, high)
        case "load" if isinstance(plain, Mapping):
            return _load(name, plain)
    found = _text(plain)
    if type_ == "load" and _is_number(plain):
        raise ValueError(
            f"{name} is a load and {found} says no unit; write both, for example {{lb: {found}, kg: ...}}."
        )
    if type_ == "range" and isinstance(plain, str) and re.fullmatch(r"\d+\s*[-–]\s*\d+", plain):
        low_text, high_text = re.findall(r"\d+", plain)
        raise ValueError(f"{name} is a range: write [{low_text}, {high_text}] instead of {plain}.")
    hint = _MEANT[type_](plain) if type_ in _MEANT and isinstance(plain, str) else ""
    raise ValueError(f"{name} is {DESCRIPTIONS[type_]}, for example {_EXAMPLES[type_]}, but here is {found}.{hint}")


def _meant_range(plain: str) -> str:
    if re.fullmatch(r"\d+ ?\+", plain):
        least = plain.rstrip(" +")
        own = "as many as possible is a parameter of its own, where the scheme has one"
        return f" Write {least}; {own}. A row about {least} or more has [{least}, 1000]."
    return ""


def _meant_percent(plain: str) -> str:
    return f" Write {plain.rstrip(' %')} for {plain}." if re.fullmatch(r"\d+(\.\d+)? ?%", plain) else ""


_MEANT: Mapping[str, Callable[[str], str]] = {"range": _meant_range, "percent": _meant_percent}
"""What to write instead of what is written so elsewhere."""


def _load(name: str, plain: Mapping[Any, Any]) -> dict[Unit, Decimal]:
    for unit in plain:
        if unit not in ("kg", "lb"):
            # YAML reads {lb: 5, kg: 2,5} as three entries, of which the last is a number without a value.
            comma = _is_number(unit) and plain[unit] in ("", None)
            wrong = "a decimal number has a point, as in 2.5" if comma else f"{unit} is no unit here"
            raise ValueError(f"{name} is a load in kg and lb; {wrong}.")
    for unit, other in (("kg", "lb"), ("lb", "kg")):
        if unit not in plain:
            raise ValueError(
                f"{name} says {other} but not {unit}; write what lifters who use {unit} load, rounded to their plates."
            )
        if not _is_number(plain[unit]):
            point = " A decimal number has a point, 2.5." if "," in str(plain[unit]) else ""
            raise ValueError(f"{name} needs a number of {unit}, but here is {_text(plain[unit])}.{point}")
    return {"lb": Decimal(str(plain["lb"])), "kg": Decimal(str(plain["kg"]))}


def _check_bounds(parameter: Parameter, number: Decimal | int) -> None:
    if not -MAXIMUM_INT <= number <= MAXIMUM_INT:
        raise ValueError(f"{parameter.name} is beyond {MAXIMUM_INT:,}.")
    low, high = parameter.low, parameter.high
    if (low is None or number >= low) and (high is None or number <= high):
        return
    if low is not None and high is not None:
        bounds = f"from {canonical(low)} to {canonical(high)}"
    else:
        bounds = f"at least {canonical(low)}" if low is not None else f"at most {canonical(cast(Decimal, high))}"
    raise ValueError(f"{parameter.name} must be {bounds}, but here is {canonical(Decimal(number))}.")


def _is_number(plain: Any) -> bool:
    if isinstance(plain, str):
        return re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", plain) is not None
    return isinstance(plain, int | float | Decimal) and not isinstance(plain, bool) and Decimal(str(plain)).is_finite()


def _is_pair(plain: Any) -> bool:
    return (
        isinstance(plain, list | tuple)
        and len(plain) == 2
        and all(_is_number(end) and Decimal(str(end)) % 1 == 0 for end in plain)
    )


def _text(plain: Any) -> str:
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, Mapping):
        return "{" + ", ".join(f"{key}: {_text(value)}" for key, value in plain.items()) + "}"
    if isinstance(plain, list | tuple) and len(plain) > _MOST_SHOWN:
        return f"a list of {len(plain)}"
    if isinstance(plain, list | tuple):
        return "[" + ", ".join(map(_text, plain)) + "]"
    return str(plain)
