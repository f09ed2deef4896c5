"""Checked expressions in plain English, for people who read what a rule says and do not write rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from service.domain.loads import canonical
from service.engine.language.functions import FUNCTIONS
from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.tree_queries import name_of
from service.engine.ruleset.typed_tree import (
    Arithmetic,
    Bound,
    Call,
    Cell,
    Choice,
    Comparison,
    Constant,
    FactName,
    Known,
    LetName,
    LeverName,
    Logic,
    Negation,
    Node,
    Not,
    Over,
    ParameterName,
    RowAt,
    RowName,
    StateName,
    ToNumber,
    Word,
)

_COMPARED: Final = {
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
}
_COMPUTED: Final = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}


class Prose:
    """Writes expressions of one scheme; ``values`` says what a parameter is set to, as the reader should see it."""

    def __init__(self, lever: str, values: Callable[[str], str]) -> None:
        self.lever = f"the {_worded(lever)}"
        self._values = values
        self._rows: dict[str, str] = {}
        """What the names that ``for`` gives to rows stand for."""

    def value(self, node: Node) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
        """A value, or a condition, as a phrase."""
        match node:
            case Constant(value=bool() as value):
                return "yes" if value else "no"
            case Constant(value=value):
                shown = canonical(Decimal(value))
                return f"{shown} %" if node.type == "percent" else shown
            case Word(value=value):
                return f"“{value}”"
            case FactName():
                return node.fact.phrase
            case ParameterName():
                shown = self._values(node.name)
                return f"the {_worded(node.name)}" + (f" ({shown})" if shown else "")
            case LeverName():
                return self.lever
            case StateName() | LetName() if node.type == "bool":
                return f"“{_worded(node.name)}” is true"
            case StateName() | LetName():
                return f"“{_worded(node.name)}”"
            case RowName():
                return f"the {self._rows.get(node.name, 'row')}"
            case RowAt():
                rows = self.value(node.rows)
                if node.index is None:
                    return FUNCTIONS["last"].phrase.format(rows)
                return f"row {self.value(node.index)} of {rows}"
            case Cell() if node.type == "bool":
                return f"{self.value(node.row)} says “{_worded(node.column.name)}”"
            case Cell():
                column = _worded(node.column.name).replace("prescribed.", "prescribed ").replace("reps", "repetitions")
                return f"the {column} of {self.value(node.row)}"
            case Over():
                return self._over(node)
            case Bound():
                return f"the {'bottom' if node.end == 'min' else 'top'} of {self.value(node.range)}"
            case ToNumber():
                return self.value(node.operand)
            case Negation():
                return f"minus {self.value(node.operand)}"
            case Arithmetic():
                return f"{self.value(node.left)} {_COMPUTED[node.operator]} {self._operand(node.right)}"
            case Choice():
                chosen, other = self.value(node.chosen), self.value(node.other)
                return f"{chosen} if {self.condition(node.condition)}, else {other}"
            case Call():
                return self._called(node)
        return self.condition(node)

    def condition(self, node: Node) -> str:  # noqa: PLR0911 - one line a kind of node
        """A condition as a clause that may follow “when”."""
        match node:
            case Known():
                return FUNCTIONS["known"].phrase.format(self.value(node.fact))
            case Not(operand=Known() as known):
                return f"{self.value(known.fact)} is not known"
            case Not():
                return f"it is not so that {self.condition(node.operand)}"
            case Comparison():
                verb = _COMPARED[node.operator]
                if isinstance(node.left, FactName) and node.left.fact.plural:
                    verb = verb.replace("is", "are", 1)
                return f"{self.value(node.left)} {verb} {self.value(node.right)}"
            case Logic(operator="and"):
                return self._joined(node, "and")
            case Logic():
                return f"either {self._joined(node, 'or')}"
            case ParameterName():
                return f"“{_worded(node.name)}” is chosen ({self._values(node.name)})"
        return self.value(node)

    def change(self, name: str, node: Node, *, is_lever: bool) -> str:
        """What becomes of the lever or a state variable, as a clause."""
        what = self.lever if is_lever else f"“{_worded(name)}”"
        match node:
            case Call(function="lowered", arguments=(LeverName(), by)):
                return f"{what} falls by {self.value(by)}, but not below 0"
            case Constant(value=bool() as value):
                return f"“{_worded(name)}” becomes {'true' if value else 'false'}"
            case Arithmetic(operator="+" | "-", left=LeverName() | StateName() as left) if name_of(left) == name:
                amount = self.value(node.right)
                return f"{what} {'rises' if node.operator == '+' else 'falls'} by {amount}"
        return f"{what} becomes {self.value(node)}"

    def _joined(self, node: Logic, word: str) -> str:
        parts = [self.condition(operand) for operand in node.operands]
        return f"{', '.join(parts[:-1])} {word} {parts[-1]}"

    def _operand(self, node: Node) -> str:
        text = self.value(node)
        return f"({text})" if isinstance(node, Arithmetic | Choice) else text

    def rows(self, variable: str, rows: Node, condition: Node | None) -> tuple[str, str]:
        """What each row of a list is, and which rows are meant; the variable stands for them from now on."""
        noun = "set" if isinstance(rows, FactName) else "row"
        self._rows[variable] = noun
        where = "" if condition is None else f" where {self.condition(condition)}"
        return noun, f"{self.value(rows)}{where}"

    def short(self, node: Node) -> str:
        """The same as `value`, but a parameter is just what it is set to."""
        return (self._values(node.name) or self.value(node)) if isinstance(node, ParameterName) else self.value(node)

    def _over(self, node: Over) -> str:
        noun, rows = self.rows(node.variable, node.rows, node.condition)
        write = self.condition if node.value.type == "bool" else self.value
        return LIST_FUNCTIONS[node.function].phrase.format(noun, rows, write(node.value))

    def _called(self, node: Call) -> str:
        given = [self.value(argument) for argument in node.arguments]
        if node.function == "range" and given[0] == given[1]:
            return given[0]
        function = FUNCTIONS[node.function]
        if function.variadic:
            phrase = function.phrase if len(given) == 2 else function.phrase_of_more
            return phrase.format(f"{', '.join(given[:-1])} and {given[-1]}")
        return function.phrase.format(*given)


def _worded(name: str) -> str:
    return name.replace("_", " ")


def plain(value: Any, type_: str) -> str:  # noqa: PLR0911 - one line a type
    """A parameter's value as a reader should see it: ``10 lb or 5 kg``, ``4-6``, ``10 %``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        shown = [f"{canonical(Decimal(amount))} {unit}" for unit, amount in value.items()]
        return " or ".join(shown)
    if type_ == "range":
        return str(value[0]) if value[0] == value[1] else f"{value[0]}-{value[1]}"
    if isinstance(value, tuple | list):
        return f"{len(value)} rows"
    if isinstance(value, Decimal | int):
        shown_number = canonical(Decimal(value))
        return f"{shown_number} %" if type_ == "percent" else shown_number
    return str(value)
