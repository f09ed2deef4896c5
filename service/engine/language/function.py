"""What is declared of a function of the rule language, all of it in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from service.engine.ruleset.types import Type

Signature: TypeAlias = Type | Literal["alike", "fact", "list"]
"""A parameter's type; ``alike``: a whole number, number, load or percentage, all of them the same;
``fact``: the name of a fact that may be unknown; ``list``: a table or a fact that is a list."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that rules may call."""

    name: str
    parameters: tuple[tuple[str, Signature], ...]
    result: Type | Literal["alike"]
    formula: str
    phrase: str
    """A call as a sentence names it, with ``{0}``, ``{1}``... for its values; of a variadic one, all are ``{0}``."""
    source: str = ""
    """Where the formula comes from; empty where it is plain arithmetic."""
    compute: Callable[..., Any] | None = None
    """What the interpreter does; None for what is not a function of values alone."""
    python: str = ""
    """The same as a Python expression over ``{0}``, ``{1}``..., each used once; empty for what `FunctionWriter`
    writes itself."""
    helper: str = ""
    """The name under which ``python`` calls ``compute``, where an expression would be long."""
    variadic: bool = False
    """Whether the last parameter may be repeated."""
    phrase_of_more: str = ""
    """The phrase of a variadic one that has more than two values."""
    divisor: int | None = None
    """The place of the parameter that must be certain not to be 0."""
    above_zero: bool = False
    """Whether it always comes to more than 0."""
    of_equipment: str = ""
    """Where the lifter's equipment decides what it comes to, so that it is settled only at a trigger: the name under
    which the values of a trigger have it."""
    columns: tuple[tuple[str, Type], ...] = ()
    """What its list must hold, in the first places of each row."""
    estimates: bool = False
    """Whether it estimates a one-rep max, which means nothing where the load is assistance."""
