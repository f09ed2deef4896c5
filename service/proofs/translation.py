"""From typed trees to formulas of the solver: one line a kind of node, as in `evaluation` and `writing`.

A condition is a Boolean of the solver, a whole number an Int, a number, load or percentage a Real, a range a pair.
"""

from __future__ import annotations

from decimal import Decimal
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any, Final

import z3

from service.engine.language.expressions import (
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
    text_of,
)
from service.proofs.formulas import FORMULAS
from service.proofs.world import World

_ORDER: Final = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_SUMS: Final = {"+": add, "-": sub, "*": mul}


class Translation:
    """Turns nodes into formulas over the unknowns of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def value(self, node: Node) -> Any:  # noqa: C901, PLR0911, PLR0912 - one line a kind of node
        """The formula of a node."""
        match node:
            case Constant():
                return constant(node.value)
            case LetName():
                return self.value(node.value)
            case FactName():
                return self._world.fact(node.fact)
            case ParameterName():
                return self._world.parameter(node.name)
            case StateName():
                return self._world.state(node.index)
            case LeverName():
                return self._world.lever()
            case Known(fact=FactName() as fact):
                return self._world.known(fact.fact)
            case Word():
                return z3.StringVal(node.value)
            case Known() | Cell() | RowName() | RowAt() | Over():
                return self._world.anything(text_of(node), node.type)
            case Bound():
                return self.value(node.range)[0 if node.end == "min" else 1]
            case ToNumber():
                return as_real(self.value(node.operand))
            case Negation():
                return -self.value(node.operand)
            case Not():
                return z3.Not(self.value(node.operand))
            case Logic():
                joined = z3.And if node.operator == "and" else z3.Or
                return joined([self.value(operand) for operand in node.operands])
            case Comparison():
                return compared(node.operator, self.value(node.left), self.value(node.right))
            case Choice():
                return chosen(self.value(node.condition), self.value(node.chosen), self.value(node.other))
            case Arithmetic():
                left, right = self.value(node.left), self.value(node.right)
                return as_real(left) / as_real(right) if node.operator == "/" else _SUMS[node.operator](left, right)
            case Call():
                return self._call(node)

    def _call(self, node: Call) -> Any:
        arguments = [self.value(argument) for argument in node.arguments]
        formula = FORMULAS.get(node.function)
        if formula is not None:
            return formula(*arguments)
        return self._world.anything(text_of(node), node.type)


def constant(value: bool | int | Decimal) -> Any:  # noqa: FBT001 - a constant of any kind
    """A value of the engine as one of the solver."""
    if isinstance(value, bool):
        return z3.BoolVal(value)
    return z3.IntVal(value) if isinstance(value, int) else z3.RealVal(str(value))


def as_real(value: Any) -> Any:
    """A number as a Real."""
    return z3.ToReal(value) if value.is_int() else value


def compared(operator: str, left: Any, right: Any) -> Any:
    """A comparison; ranges are equal when both ends are."""
    if not isinstance(left, tuple):
        return _ORDER[operator](left, right)
    same = z3.And(left[0] == right[0], left[1] == right[1])
    return same if operator == "==" else z3.Not(same)


def chosen(condition: Any, one: Any, other: Any) -> Any:
    """One of two values."""
    if isinstance(one, tuple):
        return tuple(z3.If(condition, *ends) for ends in zip(one, other, strict=True))
    return z3.If(condition, one, other)
