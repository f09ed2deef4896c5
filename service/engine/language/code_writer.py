"""Python source for the expressions of one generated function.

A fact is read when a condition first needs it, and kept in a local for as long as every way to the next use has passed
that place; what parameters, exercise and unit settle is an argument of the factory, computed once.
"""

from __future__ import annotations

import re

from service.engine.language.functions import FUNCTIONS
from service.engine.language.tree_queries import is_constant, text_of
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
    Name,
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


class ConstantTable:
    """The arguments of the factory: every part of the scheme that is settled when it is bound."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._nodes: list[Node] = []

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What each argument of the factory is the value of, in order."""
        return tuple(self._nodes)

    def name(self, node: Node) -> str:
        """The argument that holds the value of ``node``."""
        key = (node.type, text_of(node))
        if key not in self._names:
            self._names[key] = self._readable(node)
            self._nodes.append(node)
        return self._names[key]

    def _readable(self, node: Node) -> str:
        match node:
            case ParameterName():
                return f"p_{node.name}"
            case Bound(range=ParameterName()):
                return f"p_{text_of(node.range)}__{node.end}"
            case FactName():
                return f"c_{node.fact.path}"
        return f"k{len(self._nodes)}"

    def header(self) -> list[str]:
        """The first lines of the source; all of it is our own spelling of checked trees, nothing is the file's text."""
        comments = [f"# {name} = {text}" for (_, text), name in self._names.items() if name.startswith("k")]
        return [*comments, f"def scheme({', '.join(self._names.values())}):"]


class FunctionWriter:
    """Writes the expressions of one function; knows which locals certainly hold their value by now."""

    def __init__(self, constants: ConstantTable) -> None:
        self._constants = constants
        self._assigned: frozenset[str] = frozenset()
        self._temporaries = 0
        self._remembered: list[str] | None = None

    def value(self, node: Node) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
        """Python for the value of ``node``."""
        if isinstance(node, Constant) and isinstance(node.value, bool | int):
            return repr(node.value)
        if isinstance(node, Word):  # of small letters, digits, _ and -, as the checker has seen to
            return repr(node.value)
        if is_constant(node):
            return self._constants.name(node)
        match node:
            case FactName() | StateName() | LeverName() | LetName():
                return self._name(node)
            case RowName():
                return f"r_{node.name}"
            case RowAt():
                index = "None" if node.index is None else self.value(node.index)
                return f"row_at({self.rows(node.rows)}, {index})"
            case Cell():
                return f"{self._operand(node.row)}[{node.column.place}]"
            case Over():
                return self._over(node)
            case Bound():
                return f"{self._operand(node.range)}[{0 if node.end == 'min' else 1}]"
            case ToNumber():
                return f"Decimal({self.value(node.operand)})"
            case Negation():
                return f"-{self._operand(node.operand)}"
            case Arithmetic():
                return f"{self._operand(node.left)} {node.operator} {self._operand(node.right)}"
            case Choice():
                return self._choice(node)
            case Call():
                return self._call(node)
        code, if_true, if_false = self._condition(node)
        self._assigned = if_true & if_false
        return code

    def holds(self, node: Node) -> tuple[str, frozenset[str]]:
        """Python for a condition, after which the function goes on as if it held; and the locals if it did not."""
        code, if_true, if_false = self._condition(node)
        self._assigned = if_true
        return code, if_false

    def remember_lets(self) -> list[str]:
        """Write code that runs for many rows: what a ``let`` says is the same for all, and computed for the first.

        Answer the locals that must be None before the first row; more come as code is written.
        """
        self._remembered = []
        return self._remembered

    def go_on_with(self, assigned: frozenset[str]) -> None:
        """Write on where just these locals are assigned."""
        self._assigned = assigned

    def _operand(self, node: Node) -> str:
        code = self.value(node)
        return code if is_atom(code) or _is_bracketed(code) or isinstance(node, Bound) else f"({code})"

    def _name(self, node: Name) -> str:
        match node:
            case FactName():
                local, read = node.fact.name.replace(".", "_"), node.fact.path
            case StateName():
                local, read = f"s_{node.name}", f"own[{node.index}]"
            case LeverName():
                local, read = "lever", "track.lever"
            case LetName():
                local, read = f"l_{node.name}", ""
                if local not in self._assigned:
                    read = self.value(node.value)
                    if self._remembered is not None:
                        self._remembered.append(local)
                        return f"({local} if {local} is not None else {self._kept(local, read)})"
            case _:
                return self._constants.name(node)
        return self._kept(local, read)

    def _kept(self, local: str, read: str) -> str:
        if local in self._assigned:
            return local
        self._assigned |= {local}
        return f"({local} := {read})"

    def _temporary(self, code: str) -> tuple[str, str]:
        """The code to write first, and the name under which its value can be had again."""
        if is_atom(code):
            return code, code
        name = code[1:].partition(" := ")[0]
        if is_atom(name) and _is_bracketed(code):
            return code, name
        self._temporaries += 1
        name = f"t{self._temporaries}"
        return f"({name} := {code})", name

    def _condition(self, node: Node) -> tuple[str, frozenset[str], frozenset[str]]:
        """Python for a condition, and the locals that are assigned when it comes out true and when false."""
        if is_constant(node) or isinstance(node, FactName | StateName | LetName | Choice | Cell | Over):
            code = self.value(node)
            return code, self._assigned, self._assigned
        match node:
            case Not():
                code, if_true, if_false = self._condition(node.operand)
                return f"not ({code})", if_false, if_true
            case Logic():
                return self._logic(node)
            case Known(fact=Cell()):
                code = f"{self.value(node.fact)} is not None"
            case Known(fact=FactName() as fact):
                code = f"{self._name(fact)} is not None"
            case Comparison():
                code = f"{self._operand(node.left)} {node.operator} {self._operand(node.right)}"
            case _:
                raise TypeError(f"{text_of(node)} is no condition")
        return code, self._assigned, self._assigned

    def _logic(self, node: Logic) -> tuple[str, frozenset[str], frozenset[str]]:
        is_and = node.operator == "and"
        codes = []
        short: list[frozenset[str]] = []
        for operand in node.operands:
            code, if_true, if_false = self._condition(operand)
            codes.append(f"({code})" if isinstance(operand, Logic | Choice) else code)
            self._assigned, leaving = (if_true, if_false) if is_and else (if_false, if_true)
            short.append(leaving)
        left_early = frozenset.intersection(*short)
        return (
            f" {node.operator} ".join(codes),
            self._assigned if is_and else left_early,
            left_early if is_and else self._assigned,
        )

    def _choice(self, node: Choice) -> str:
        condition, if_true, if_false = self._condition(node.condition)
        self._assigned = if_true
        chosen = self._operand(node.chosen)
        after_chosen = self._assigned
        self._assigned = if_false
        other = self._operand(node.other)
        self._assigned &= after_chosen
        asked = f"({condition})" if isinstance(node.condition, Choice) else condition
        return f"{chosen} if {asked} else {other}"

    def rows(self, node: Node) -> str:
        """Python for a list, read where it stands: what a comprehension runs over allows no assignment."""
        return node.fact.path if isinstance(node, FactName) else self._constants.name(node)

    def _over(self, node: Over) -> str:
        """A question about every row; what it puts into locals may never be reached, so nothing counts on it after."""
        before = self._assigned
        asked = "" if node.condition is None else self.holds(node.condition)[0]
        value = self.value(node.value)
        rows = f"for r_{node.variable} in {self.rows(node.rows)}"
        self._assigned = before
        if node.function == "count":
            asked = f"({asked}) and ({value})" if asked else value
            return f"sum(1 {rows} if {asked})"
        only = f" if {asked}" if asked else ""
        zero = f", {'0' if node.type == 'int' else 'zero'}" if node.function == "sum" else ""
        generator = f"{value} {rows}{only}"
        return f"{node.function}(({generator}){zero})" if zero else f"{node.function}({generator})"

    def _call(self, node: Call) -> str:
        if node.function == "rows":
            return f"len({self.rows(node.arguments[0])})"
        if node.function in ("min", "max"):
            return self._extreme(node, "<=" if node.function == "min" else ">=")
        if node.function == "range":
            return self._range(node)
        given = [self.rows(each) if each.type == "rows" else self._operand(each) for each in node.arguments]
        return FUNCTIONS[node.function].python.format(*given)

    def _extreme(self, node: Call, operator: str) -> str:
        code = self.value(node.arguments[0])
        for argument in node.arguments[1:]:
            first, first_again = self._temporary(code)
            second, second_again = self._temporary(self.value(argument))
            code = f"({first_again} if {first} {operator} {second} else {second_again})"
        return code

    def _range(self, node: Call) -> str:
        if node.arguments[0] == node.arguments[1]:
            only, only_again = self._temporary(self.value(node.arguments[0]))
            return f"({only}, {only_again})"
        low, low_again = self._temporary(self.value(node.arguments[0]))
        high, high_again = self._temporary(self.value(node.arguments[1]))
        return f"(({low_again}, {high_again}) if {low} <= {high} else ({low_again}, {low_again}))"


def is_atom(code: str) -> bool:
    """Whether ``code`` is a name or a number, which needs no brackets."""
    return code.isidentifier() or code.isdigit()


def _is_bracketed(code: str) -> bool:
    """Whether one pair of brackets encloses all of ``code``."""
    open_brackets = 0
    for place, character in enumerate(code):
        open_brackets += (character == "(") - (character == ")")
        if open_brackets == 0:
            return place > 0 and place == len(code) - 1
    return False


def without_idle_locals(lines: list[str]) -> list[str]:
    """The lines of a function, values that are used only once written where they are used."""
    body = "\n".join(lines)

    def used_once(match: re.Match[str]) -> str:
        once = len(re.findall(rf"(?<![\w.]){match[1]}\b", body)) == 1
        return match[2] if once else match[0]

    return re.sub(r"\((\w+) := ([\w.\[\]]+)\)", used_once, body).split("\n")
