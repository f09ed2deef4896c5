"""The unknowns of a scheme: every name that its rules read, any value that it may have, and a case of them all."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any, Final

import z3

from service.domain.loads import CONTEXT
from service.engine.facts import Fact
from service.engine.language.limits import FACT_LIMITS
from service.engine.language.types import MAXIMUM_INT, Type
from service.engine.model import Scheme
from service.proofs.assumptions import (
    LARGEST_LOAD,
    NEVER_NEGATIVE,
    POSITIVE,
    TYPE_RANGES,
    relations,
)

LEVER: Final = "lever"


class World:
    """What may be when a rule is considered; ``negative``: loads below 0 too, as assistance with added load is."""

    def __init__(self, scheme: Scheme, *, negative: bool) -> None:
        self.scheme = scheme
        self.types: dict[str, Type] = {}
        """The names that were read, as rule files write them, and their types."""
        self._negative = negative
        self._values: dict[str, Any] = {}
        self._known: dict[str, Any] = {}
        self._assumed: list[Any] = []

    @property
    def assumptions(self) -> list[Any]:
        """What is assumed of the names that were read so far."""
        return [*self._assumed, *relations(self._values, z3.Implies)]

    def fact(self, fact: Fact) -> Any:
        """The value of a fact."""
        if fact.name == LEVER:
            return self.lever()
        if fact.type == "load":
            least = 0 if fact.name in POSITIVE | NEVER_NEGATIVE else self._least_load
            value = self._unknown(fact.name, "load", least, LARGEST_LOAD)
            if fact.name in POSITIVE:
                self._assumed.append(value > 0)
            return value
        low, high = FACT_LIMITS.get(fact.name) or TYPE_RANGES.get(fact.type, (0, 0))
        return self._unknown(fact.name, fact.type, low, high)

    def known(self, fact: Fact) -> Any:
        """Whether a fact that may be missing is there."""
        return self._known.setdefault(fact.name, z3.Bool(f"known({fact.name})"))

    def lever(self) -> Any:
        """The track's lever, raw."""
        return self._unknown(self.scheme.lever, "load", self._least_load, LARGEST_LOAD)

    def parameter(self, name: str) -> Any:
        """A parameter: anything that it may be set to."""
        declared = self.scheme.parameters[name]
        most = LARGEST_LOAD if declared.type == "load" else MAXIMUM_INT
        low = -most if declared.low is None else declared.low
        high = most if declared.high is None else declared.high
        return self._unknown(name, declared.type, low, high)

    def state(self, place: int) -> Any:
        """A state variable, before the rule."""
        variable = self.scheme.state[place]
        if variable.type == "load":
            return self._unknown(variable.name, "load", self._least_load, LARGEST_LOAD)
        return self._unknown(variable.name, variable.type, -MAXIMUM_INT, MAXIMUM_INT)

    def anything(self, name: str, type_: Type) -> Any:
        """Any value of a type, the same for the same name; not among the names of the file."""
        if type_ == "bool":
            return z3.Bool(name)
        if type_ == "range":
            return (z3.Int(f"{name}.min"), z3.Int(f"{name}.max"))
        return z3.Int(name) if type_ == "int" else z3.Real(name)

    def assume(self, condition: Any) -> None:
        """Take a condition for granted."""
        self._assumed.append(condition)

    def case(self, model: Any) -> dict[str, Any]:
        """The values of the names in a model of the solver, as the evaluator takes them; None for an unknown fact."""
        case = {name: concrete(model, self._values[name]) for name in self.types}
        for name, known in self._known.items():
            if not z3.is_true(model.eval(known, model_completion=True)):
                case[name] = None
            elif name not in case:
                case[name] = 1
        return case

    def unknowns(self) -> Mapping[str, Any]:
        """The solver's unknowns by name: first those that are known or not, then values."""
        return {**{f"known({name})": known for name, known in self._known.items()}, **self._values}

    @property
    def _least_load(self) -> int:
        return -LARGEST_LOAD if self._negative else 0

    def _unknown(self, name: str, type_: Type, low: Any, high: Any) -> Any:
        if name in self._values:
            return self._values[name]
        value = self._values[name] = self.anything(name, type_)
        self.types[name] = type_
        ends = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple):
            self._assumed.append(value[0] <= value[1])
        for end in () if type_ == "bool" else ends:
            self._assumed += [end >= number(low), end <= number(high)]
        return value


def number(value: Any) -> Any:
    """A Python number as one of the solver, exact."""
    return z3.IntVal(value) if isinstance(value, int) else z3.RealVal(str(value))


def concrete(model: Any, value: Any) -> Any:
    """What a model says of an unknown, as a value of the engine; an irrational one to 20 digits."""
    if isinstance(value, tuple):
        return tuple(concrete(model, end) for end in value)
    found = model.eval(value, model_completion=True)
    if z3.is_bool(found):
        return z3.is_true(found)
    if z3.is_int_value(found):
        return found.as_long()
    if z3.is_algebraic_value(found):
        found = found.approx(20)
    with localcontext(CONTEXT):
        return Decimal(found.numerator_as_long()) / Decimal(found.denominator_as_long())
