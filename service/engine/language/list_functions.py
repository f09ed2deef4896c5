"""What can be asked of a list, each declared once: ``function(value for name in list if condition)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True)
class ListFunction:
    """A question about all rows of a list."""

    name: str
    result: Literal["bool", "int", "alike"]
    """``alike``: that of the value, which is a number, load or percentage; else what stands there is a condition."""
    description: str
    phrase: str
    """A question as a sentence says it: ``{0}`` is what a row is called, ``{1}`` the list, ``{2}`` what is asked."""
    compute: Callable[[Iterable[Any], Decimal | int], Any]
    """What the interpreter does with the values of the rows, and with the 0 of their type."""
    selects: bool = True
    """Whether ``if`` may leave rows out."""

    @property
    def asks_condition(self) -> bool:
        """Whether a condition is asked of each row, not a value."""
        return self.result != "alike"


LIST_FUNCTIONS: Final = {
    function.name: function
    for function in (
        ListFunction(
            "all",
            "bool",
            "whether the condition is true of every row; of none it is",
            "for every {0} of {1}, {2}",
            lambda values, _: all(values),
        ),
        ListFunction(
            "any",
            "bool",
            "whether the condition is true of a row at least",
            "for some {0} of {1}, {2}",
            lambda values, _: any(values),
        ),
        ListFunction(
            "count",
            "int",
            "of how many rows the condition is true",
            "the number of {1} for which {2}",
            lambda values, _: sum(map(bool, values)),
        ),
        ListFunction(
            "sum",
            "alike",
            "the sum over the rows; of none it is 0",
            "the sum of {2} over {1}",
            sum,
        ),
        ListFunction(
            "min",
            "alike",
            "the smallest over the rows",
            "the smallest of {2} over {1}",
            lambda values, _: min(values),
            selects=False,
        ),
        ListFunction(
            "max",
            "alike",
            "the largest over the rows",
            "the largest of {2} over {1}",
            lambda values, _: max(values),
            selects=False,
        ),
    )
}
"""By name, in the order of the reference."""
