"""The unknowns of a scheme: every name that its rules read, any value that it may have, and a case of them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import z3

from service.domain.limits import MOST_SECONDS
from service.domain.loads import Unit
from service.engine.ruleset.facts.fact import EVERY_RULE, LEVER, Fact, Sign
from service.engine.ruleset.parameters import in_unit
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.types import MAXIMUM_INT, Column, Type
from service.proofs.assumptions import LARGEST_LOAD, SETS_PROVEN, relations
from service.proofs.solver_values import OTHER, code, concrete, constant
from service.proofs.symbolic_lists import GivenRow, SymbolicList

_UNREAD: Final[Mapping[Type, Any]] = {"bool": False, "range": (0, 0), "word": OTHER}
"""What stands for a cell that a row leaves out, which nothing reads; 0 where the type is none of these."""


class Setting(NamedTuple):
    """The rows that a scheme's tables have; every other parameter is free."""

    tables: Mapping[str, Any]
    unit: Unit
    where: str
    """Who gives these rows; empty for the defaults."""


def default_setting(scheme: Scheme, unit: Unit = "lb") -> Setting:
    """The rows that the scheme file gives."""
    tables = {
        name: in_unit(parameter, parameter.default, unit)
        for name, parameter in scheme.parameters.items()
        if parameter.type == "rows"
    }
    return Setting(tables, unit, "")


class World:
    """What may be when a rule is considered; ``negative``: loads below 0 too, as assistance with added load is."""

    def __init__(
        self, scheme: Scheme, setting: Setting | None = None, *, negative: bool, most_sets: int = SETS_PROVEN
    ) -> None:
        self.scheme = scheme
        self.most_sets = most_sets
        """How long a list of sets may be."""
        self.setting = setting or default_setting(scheme)
        self.types: dict[str, Type] = {}
        """The names that were read, as rule files write them, and their types."""
        self._negative = negative
        self._values: dict[str, Any] = {}
        self._known: dict[str, Any] = {}
        self._lists: dict[str, tuple[SymbolicList, Fact]] = {}
        self._tables: dict[str, SymbolicList] = {}
        self._assumed: list[Any] = []

    @property
    def assumptions(self) -> list[Any]:
        """What is assumed of the names that were read so far."""
        return [*self._assumed, *relations(self.unknowns(), z3.Implies)]

    def fact(self, fact: Fact) -> Any:
        """The value of a fact."""
        if fact.name == LEVER:
            return self.lever()
        if fact.type == "load":
            return self._load(fact.name, fact.sign)
        if fact.type == "word":
            return self._word(fact.name, fact.words)
        limits = fact.limits
        if fact.measure == "reps" and self.scheme.role == "progression" and self.scheme.measure is None:
            limits = (0, MOST_SECONDS)  # it may be seconds
        return self.unknown(fact.name, fact.type, *limits)

    def known(self, fact: Fact) -> Any:
        """Whether a fact that may be missing is there."""
        return self._is_known(fact.known_with or fact.name)

    def lever(self) -> Any:
        """The track's lever, raw."""
        return self._load(self.scheme.lever)

    def parameter(self, name: str) -> Any:
        """A parameter: anything that it may be set to."""
        declared = self.scheme.parameters[name]
        if declared.type == "word":
            return self._word(name, declared.words)
        most = LARGEST_LOAD if declared.type == "load" else MAXIMUM_INT
        low = -most if declared.low is None else declared.low
        high = most if declared.high is None else declared.high
        return self.unknown(name, declared.type, low, high)

    def state(self, place: int) -> Any:
        """A state variable, before the rule."""
        variable = self.scheme.state[place]
        if variable.type == "load":
            return self._load(variable.name)
        return self.unknown(variable.name, variable.type, -MAXIMUM_INT, MAXIMUM_INT)

    def table(self, name: str, columns: tuple[Column, ...]) -> SymbolicList:
        """A table, row by row."""
        if name not in self._tables:
            rows = self.setting.tables[name]
            made = [_given(row, columns) for row in rows] or [_given((None,) * len(columns), columns)]
            self._tables[name] = SymbolicList(made, z3.IntVal(len(rows)))
        return self._tables[name]

    def performed(self, fact: Fact) -> SymbolicList:
        """A list that is a fact, such as the sets of a session; of one row at least."""
        if fact.name not in self._lists:
            length = self.anything(f"rows({fact.name})", "int")
            self._assumed += [length >= 1, length <= self.most_sets]
            rows = [self._set(f"{fact.name}[{number}]", fact.columns) for number in range(1, self.most_sets + 1)]
            self._lists[fact.name] = SymbolicList(rows, length), fact
        return self._lists[fact.name][0]

    @property
    def lists(self) -> Iterator[SymbolicList]:
        """The lists of the session's sets that were read so far."""
        return (made for made, fact in list(self._lists.values()) if fact.triggers != EVERY_RULE)

    def anything(self, name: str, type_: Type) -> Any:
        """Any value of a type, the same for the same name; not among the names of the file."""
        if type_ == "bool":
            return z3.Bool(name)
        if type_ == "range":
            return (z3.Int(f"{name}.min"), z3.Int(f"{name}.max"))
        return z3.Int(name) if type_ in ("int", "word") else z3.Real(name)

    def assume(self, condition: Any) -> None:
        """Take a condition for granted."""
        self._assumed.append(condition)

    def case(self, model: Any) -> dict[str, Any]:
        """The values of the names in a model of the solver, as the evaluator takes them; None for an unknown fact."""
        case: dict[str, Any] = {name: concrete(model, self._values[name], type_) for name, type_ in self.types.items()}
        for name, known in self._known.items():
            if not z3.is_true(model.eval(known, model_completion=True)):
                case[name] = None
            elif name not in case:
                case[name] = 1
        for name, (made, fact) in self._lists.items():
            if name in self._known and case.get(name, ()) is None:
                continue
            length = concrete(model, made.length, "int")
            case[name] = [_row(case, f"{name}[{number}]", fact.columns) for number in range(1, length + 1)]
        return {**case, **self.setting.tables}

    def unknowns(self) -> Mapping[str, Any]:
        """The solver's unknowns by name: first those that are known or not, then values."""
        lengths = {f"rows({name})": made.length for name, (made, _) in self._lists.items()}
        return {**{f"known({name})": known for name, known in self._known.items()}, **lengths, **self._values}

    def _set(self, name: str, columns: tuple[Column, ...]) -> GivenRow:
        def cell(column: Column) -> Any:
            path = _cell_name(name, column, columns)
            if column.type == "load":
                return self._load(path)
            if column.type == "word":
                return self._word(path, column.words)
            return self.unknown(path, column.type, *column.limits)

        def known(column: Column) -> Any:
            return self._is_known(_cell_name(name, column, columns)) if column.optional else z3.BoolVal(val=True)

        return GivenRow(cell, known)

    def _is_known(self, name: str) -> Any:
        return self._known.setdefault(name, z3.Bool(f"known({name})"))

    def _load(self, name: str, sign: Sign = "any") -> Any:
        seen = name in self._values
        value = self.unknown(name, "load", -LARGEST_LOAD if self._negative and sign == "any" else 0, LARGEST_LOAD)
        if sign == "above 0" and not seen:
            self._assumed.append(value > 0)
        return value

    def _word(self, name: str, words: tuple[str, ...]) -> Any:
        seen = name in self._values
        value = self.unknown(name, "word", 0, MAXIMUM_INT)
        if words and not seen:
            self._assumed.append(z3.Or([value == code(word) for word in words]))
        return value

    def unknown(self, name: str, type_: Type, low: Any, high: Any) -> Any:
        """An unknown among the names that a case gives values to, from ``low`` to ``high``."""
        if name in self._values:
            return self._values[name]
        value = self._values[name] = self.anything(name, type_)
        self.types[name] = type_
        ends = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple):
            self._assumed.append(value[0] <= value[1])
        for end in () if type_ == "bool" else ends:
            self._assumed += [end >= constant(low), end <= constant(high)]
        return value


def _given(row: tuple[Any, ...], columns: tuple[Column, ...]) -> GivenRow:
    """A row of a table; what it leaves out is not known, whatever stands for it."""
    known = {column: z3.BoolVal(row[column.place] is not None) for column in columns}
    cells = {
        column: constant(_UNREAD.get(column.type, 0) if row[column.place] is None else row[column.place])
        for column in columns
    }
    return GivenRow(cells.__getitem__, known.__getitem__)


def _cell_name(row: str, column: Column, columns: tuple[Column, ...]) -> str:
    """Columns of one place are one unknown: reps and seconds are."""
    first = next(each for each in columns if each.place == column.place)
    return f"{row}.{first.name}"


def _row(case: Mapping[str, Any], name: str, columns: tuple[Column, ...]) -> tuple[Any, ...]:
    cells: dict[int, Any] = {}
    for column in columns:
        cells.setdefault(column.place, case.get(_cell_name(name, column, columns)))
    return tuple(cells[place] for place in sorted(cells))
