"""What an expression may name, depending on where it stands: facts, parameters, state, ``let`` names."""

from __future__ import annotations

from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Literal, TypeAlias

from service.domain.exercises import Measure
from service.engine.language.functions import FUNCTIONS
from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.parser import Source
from service.engine.ruleset.facts import FACTS, GROUPS
from service.engine.ruleset.facts.fact import LEVER, Fact
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import LetName
from service.engine.ruleset.types import Type

Place: TypeAlias = Trigger | Literal["initial", "first set", "prescribe", "bounds"]
"""Where an expression stands: in a rule of a trigger, in an initial value, under ``prescribe`` or ``bounds``.

``first set``: in what the first set makes of the lever."""

WORDS = frozenset({"and", "or", "not", "if", "else", "true", "false", LEVER, "in", "is", "lambda", "for"})

_WITHOUT_LEVER: frozenset[Place] = frozenset({"initial", "first set"})

_OTHER_WORDS = {
    "weight": "load",
    "repetitions": "reps",
    "rep": "reps",
    "rpe": "rir",
    "time": "seconds",
    "duration": "seconds",
    "number": "index",
    "bodyweight": "body_weight",
    "workouts": "sessions",
}
"""What coaches also call things, and what rule files call them."""


_NICKNAMES = {fact.nickname: fact.name for fact in FACTS.values() if fact.nickname}


@dataclass
class Names:
    """The names that a scheme file declares, and which of them have been used so far."""

    measure: Measure | None = None
    lever: str | None = None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    state: dict[str, tuple[Type, int]] = field(default_factory=dict)
    lets: dict[str, Source] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    """Declared, but wrongly: said once where it is declared, and not again at every use."""
    used: set[str] = field(default_factory=set)
    checked_lets: dict[tuple[str, Place], LetName] = field(default_factory=dict)

    def visible(self, above_let: str | None = None) -> list[str]:
        """Every declared name; for an expression of ``let``, only the ``let`` names above it."""
        lets = list(self.lets)
        if above_let is not None:
            lets = lets[: lets.index(above_let)]
        lever = [self.lever] if self.lever else []
        return [*self.parameters, *self.state, *lever, *lets]


def why_not_a_name(name: str) -> str | None:
    """Why a coach cannot give this name to a parameter, state variable or ``let``; None when it is fine."""
    if not (name.isascii() and name.isidentifier() and name.islower() and len(name) <= 40):
        return (
            "a name has small letters, digits and underscores only, starts with a letter and has at most 40 characters"
        )
    if name.startswith("_"):
        return "a name starts with a letter"
    words = (WORDS, FUNCTIONS, LIST_FUNCTIONS, FACTS)
    if iskeyword(name) or any(name in each for each in words):
        return "it is a word of the rule language"
    if name in GROUPS:
        return f"facts such as {next(fact for fact in FACTS if fact.startswith(f'{name}.'))} start with it"
    if "__" in name:
        return "it has two underscores in a row"
    return None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands; ``above_let`` is the ``let`` name whose own expression it is."""

    names: Names
    place: Place
    above_let: str | None = None


def readable(fact: Fact, scope: Scope) -> bool:
    """Whether the fact can be read there, by a scheme that measures what this one does."""
    names, place = scope.names, scope.place
    if fact.name == LEVER:
        return names.lever == LEVER and place not in _WITHOUT_LEVER
    return fact.measure in (None, names.measure) and _can_stand(fact, place)


def unknown_name(name: str, scope: Scope) -> str:
    """Say that a name is not declared and what was probably meant."""
    facts = [fact.name for fact in FACTS.values() if readable(fact, scope)]
    group, dot, rest = name.partition(".")
    if group not in GROUPS:
        return _unknown_word(name, scope, facts)
    of_group = [fact for fact in facts if fact.startswith(f"{group}.")]
    if not dot:
        return f"{group} alone says nothing; write one of its facts: {', '.join(of_group) or 'none is known here'}."
    known = f" Known here: {', '.join(of_group)}." if of_group else ""
    meant = f"{group}.{_OTHER_WORDS.get(rest, '')}"
    hint = f" Did you mean {meant}?" if meant in of_group else suggestion(name, of_group)
    return f"there is no fact {name}.{hint or known}"


def _unknown_word(name: str, scope: Scope, facts: list[str]) -> str:
    """The same of a name that no group of facts starts."""
    words = {word for parameter in scope.names.parameters.values() for word in parameter.words}
    if name in words:
        return f'{name} is a word, and words stand in quotes: "{name}".'
    if name in FUNCTIONS:
        return f"{name} is a function: its values follow in brackets, as in {name}(...)."
    visible = scope.names.visible(scope.above_let)
    small = name.lower()
    tails = [fact for fact in facts if fact.partition(".")[2] == _OTHER_WORDS.get(name, name)]
    meant = [each for each in (_NICKNAMES.get(small), small, *tails) if each in facts]
    hint = f" Did you mean {meant[0]}?" if meant else suggestion(name, [*visible, *facts])
    listed = f" This file declares {', '.join(visible)}." if visible else " This file declares no names."
    return f"{name} is not declared: it is no fact, parameter, state or let.{hint or listed}"


def not_readable(fact: Fact, scope: Scope) -> str:
    """Say why a fact that exists cannot be read here."""
    names, place = scope.names, scope.place
    if fact.name == LEVER:
        if place in _WITHOUT_LEVER:
            return "lever has no value yet when a track starts."
        return f"in this scheme the lever is called {names.lever}; write {names.lever}."
    if fact.measure not in (None, names.measure) and _can_stand(fact, place):
        if names.measure is None:
            return f"{fact.name} is known only to a scheme that says measure: {fact.measure} at the top of its file."
        return (
            f"this scheme measures {names.measure}: read set.{names.measure}, or write measure: {fact.measure} at the "
            "top of the file."
        )
    where = _in_words(place)
    there = [str(trigger) for trigger in Trigger if fact.triggers and trigger in fact.triggers]
    if len(there) == len(Trigger):
        return f"{fact.name} is not known {where}; it can be read in every rule and under prescribe."
    listed = " and ".join([*([", ".join(there[:-1])] if there[:-1] else []), there[-1]])
    return f"{fact.name} is not known {where}; it can be read in {listed}."


def _can_stand(fact: Fact, place: Place) -> bool:
    """Whether a fact is known at a place, whatever is measured."""
    if fact.triggers is None:
        return True
    if place == "first set":
        return fact.at_first_set
    if place == "initial":
        return False
    return fact.triggers >= (frozenset(Trigger) if place in ("prescribe", "bounds") else {place})


def _in_words(place: Place) -> str:
    if place in _WITHOUT_LEVER:
        return "when a track starts"
    return f"under {place}" if place in ("prescribe", "bounds") else f"in {place}"
