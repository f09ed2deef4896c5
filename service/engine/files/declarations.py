"""What a scheme file declares before its rules: parameters, ``let`` names and state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, cast

from service.engine.files.fields import Fields, boolean, choice, entries, items, number, scalar, text
from service.engine.files.parameter_values import value_at
from service.engine.files.yaml_tree import Items, Node, Problems
from service.engine.language.checker import Checker
from service.engine.language.parser import Source
from service.engine.language.scopes import Names, why_not_a_name
from service.engine.language.syntax_advice import WORD
from service.engine.ruleset.parameters import MOST_ROWS, Parameter
from service.engine.ruleset.places import Mistake, Position, Scalar
from service.engine.ruleset.scheme import StateVariable
from service.engine.ruleset.triggers import Role
from service.engine.ruleset.typed_tree import Constant, Expression
from service.engine.ruleset.types import VALUES, Type

LEVERS = ("load", "training_max")
"""The names under which a progression may declare its lever in ``state``."""


@dataclass
class SchemeFile:
    """A scheme file being read: what every part of it needs to know of the others."""

    file: str
    role: Role
    fields: Fields
    problems: Problems
    names: Names
    declared_at: dict[str, Position] = field(default_factory=dict)
    lever_initial: tuple[Expression, ...] = ()
    first_set: Expression | None = None
    state: list[StateVariable] = field(default_factory=list)

    def declare(self, key: Scalar) -> str:
        """Take a name that a coach gives; Mistake when it cannot be one."""
        reason = why_not_a_name(key.text)
        if reason is None and key.text in self.declared_at:
            reason = f"it is taken on line {self.declared_at[key.text].line}"
        if reason is not None:
            raise Mistake(key.at, f"{key.text} cannot be a name here: {reason}.")
        self.declared_at[key.text] = key.at
        return key.text


def declare_parameters(scheme: SchemeFile) -> None:
    """Read ``params``."""
    for key, node in _declarations(scheme, "params"):
        scheme.names.broken.add(key.text)
        with scheme.problems.collecting():
            name = scheme.declare(key)
            scheme.names.parameters[name] = _parameter(name, node, scheme.problems)
            scheme.names.broken.discard(name)


def declare_lets(scheme: SchemeFile) -> None:
    """Read ``let``; its expressions are checked where a rule uses them, for what is known there."""
    for key, node in _declarations(scheme, "let"):
        scheme.names.broken.add(key.text)
        with scheme.problems.collecting():
            source = Source.of(scalar(node, key.text))
            scheme.names.lets[scheme.declare(key)] = source
            scheme.names.broken.discard(key.text)


def declare_state(scheme: SchemeFile) -> None:
    """Read ``state``: the lever under one of its two names, and what else the scheme keeps."""
    for key, node in _declarations(scheme, "state"):
        if scheme.role == "progression" and key.text in LEVERS:
            scheme.names.lever = key.text
            with scheme.problems.collecting():
                scheme.declare(key)
                _declare_lever(scheme, node)
            continue
        scheme.names.broken.add(key.text)
        with scheme.problems.collecting():
            _declare_variable(scheme, key, node)
    if scheme.names.lever is None and scheme.role == "progression":
        at = scheme.fields.node.at
        scheme.problems.add(
            at,
            "a progression keeps its load in state: write load: {type: load, initial: baseline.load} there "
            "(or training_max, with baseline.training_max).",
        )


def _declarations(scheme: SchemeFile, section: str) -> tuple[tuple[Scalar, Node], ...]:
    node = scheme.fields.get(section)
    if node is not None:
        with scheme.problems.collecting():
            return entries(node, section).values
    return ()


def _declare_variable(scheme: SchemeFile, key: Scalar, node: Node) -> None:
    name = scheme.declare(key)
    fields = Fields(node, scheme.problems, f"the state {name}", ("type", "initial", "from", "to"))
    type_ = _type(fields)
    checker = Checker(scheme.names, "initial")
    initial = checker.expression(Source.of(scalar(fields.need("initial"), "initial")), type_)
    low, high = (_end(fields, key, name, type_, checker) for key in ("from", "to"))
    _check_ends(name, initial, low, high)
    scheme.names.state[name] = (type_, len(scheme.state))
    scheme.state.append(StateVariable(name, type_, initial, low, high))
    scheme.names.broken.discard(name)


def _end(fields: Fields, key: str, name: str, type_: Type, checker: Checker) -> Expression | None:
    """An end of the range that a state variable keeps to."""
    node = fields.get(key)
    if node is None:
        return None
    if type_ == "bool":
        raise Mistake(node.at, f"{name} is a condition; from and to do not apply to it.")
    return checker.expression(Source.of(scalar(node, key)), "int" if type_ == "range" else type_)


def _check_ends(name: str, initial: Expression, low: Expression | None, high: Expression | None) -> None:
    """Refuse ends that are turned round and a start beyond them, where all of them are plain numbers."""
    start, least, most = (
        each.root.value if each is not None and isinstance(each.root, Constant) else None
        for each in (initial, low, high)
    )
    if low is not None and least is not None and most is not None and least > most:
        raise Mistake(low.at, f"{name} runs from {least} to {most}, so nothing fits; exchange them.")
    if start is not None and ((least is not None and start < least) or (most is not None and start > most)):
        raise Mistake(initial.at, f"{name} starts at {start}, which is outside the range declared for it.")


def _declare_lever(scheme: SchemeFile, node: Node) -> None:
    fields = Fields(node, scheme.problems, "the lever", ("type", "initial", "first_set"))
    if _type(fields) != "load":
        raise Mistake(fields.need("type").at, "what a scheme raises and lowers is a load: write type: load.")
    initial = fields.need("initial")
    checker = Checker(scheme.names, "initial")
    alternatives = initial.values if isinstance(initial, Items) else (initial,)
    if not alternatives:
        raise Mistake(initial.at, "initial lists what the lever may start from, the best first; here is nothing.")
    check = checker.maybe if len(alternatives) == 1 else checker.alternative
    scheme.lever_initial = tuple(check(Source.of(scalar(each, "initial")), "load") for each in alternatives)
    if "first_set" in fields:
        source = Source.of(scalar(fields.need("first_set"), "first_set"))
        scheme.first_set = Checker(scheme.names, "first set").expression(source, "load")


def _parameter(name: str, node: Node, problems: Problems) -> Parameter:
    keys = ("type", "default", "from", "to", "about", "of", "columns", "apart")
    fields = Fields(node, problems, f"the parameter {name}", keys)
    return replace(_typed(name, fields, problems), about=fields.optional("about", text) or "")


def _typed(name: str, fields: Fields, problems: Problems) -> Parameter:
    written = choice((*VALUES, "word", "table"))(fields.need("type"), "type")
    if written == "word":
        return _word(name, fields, problems)
    if written == "table":
        return _table(name, fields, problems)
    for key, belongs in (("of", "word"), ("columns", "table"), ("apart", "table")):
        if key in fields:
            raise Mistake(fields.need(key).at, f"{key} belongs to a parameter of type: {belongs}.")
    parameter = _bounded(name, cast(Type, written), fields)
    return replace(parameter, default=value_at(parameter, fields.need("default"), problems))


def _word(name: str, fields: Fields, problems: Problems) -> Parameter:
    parameter = _words(name, fields)
    return replace(parameter, default=value_at(parameter, fields.need("default"), problems))


def _words(name: str, fields: Fields) -> Parameter:
    """A choice of words, still without its default."""
    words = [text(each, "a word") for each in items(fields.need("of"), "of")]
    for word, node in zip(words, items(fields.need("of"), "of"), strict=True):
        if not re.fullmatch(WORD, word):
            raise Mistake(node.at, f"{word} is no word: use small letters, digits, - and _, and start with a letter.")
    if len(set(words)) < 2 or len(set(words)) < len(words):
        raise Mistake(fields.need("of").at, f"{name} chooses between two or more different words.")
    return Parameter(name, "word", None, words=tuple(words))


def _table(name: str, fields: Fields, problems: Problems) -> Parameter:
    columns = []
    for key, node in entries(fields.need("columns"), "columns").values:
        reason = why_not_a_name(key.text)
        if reason is not None:
            raise Mistake(key.at, f"{key.text} cannot be a column: {reason}.")
        columns.append(_column(key.text, node, problems))
    if not columns:
        raise Mistake(fields.need("columns").at, f"{name} has no columns.")
    least = fields.optional("from", number)
    if least not in (None, 0, 1) or "to" in fields:
        at = fields.need("to" if "to" in fields else "from").at
        raise Mistake(
            at, f"{name} has 1 to {MOST_ROWS} rows; from: 0 says that it may be empty, and nothing else fits."
        )
    apart = _apart(fields, columns)
    parameter = Parameter(name, "rows", None, least, table=tuple(columns), apart=apart)
    return replace(parameter, default=value_at(parameter, fields.need("default"), problems))


def _column(name: str, node: Node, problems: Problems) -> Parameter:
    """A column: its type alone, or what else is said of it."""
    if isinstance(node, Scalar) and node.text != "word":
        return Parameter(name, cast(Type, choice(VALUES)(node, "a column's type")), None)
    if isinstance(node, Scalar):
        raise Mistake(node.at, f"{name} says which words it may be: {name}: {{type: word, of: [work, amrap]}}.")
    fields = Fields(node, problems, f"the column {name}", ("type", "of", "default", "from", "to", "optional"))
    written = choice((*VALUES, "word"))(fields.need("type"), "type")
    if written != "word" and "of" in fields:
        raise Mistake(fields.need("of").at, "of belongs to a column of type: word.")
    column = _words(name, fields) if written == "word" else _bounded(name, cast(Type, written), fields)
    optional = fields.optional("optional", boolean) or False
    if optional and "default" in fields:
        raise Mistake(
            fields.need("default").at, f"{name} has a default where rows leave it out, so it is not optional."
        )
    default: Any = value_at(column, fields.need("default"), problems) if "default" in fields else None
    return replace(column, default=default, optional=optional)


def _apart(fields: Fields, columns: list[Parameter]) -> str:
    """The column whose ranges are apart from row to row; empty where nothing is said of it."""
    node = fields.get("apart")
    if node is None:
        return ""
    ranges = tuple(column.name for column in columns if column.type == "range")
    if text(node, "apart") not in ranges:
        raise Mistake(node.at, f"apart names a column of type range, of which there are {', '.join(ranges) or 'none'}.")
    return text(node, "apart")


def _bounded(name: str, type_: Type, fields: Fields) -> Parameter:
    """A parameter, or a column, still without its default."""
    low, high = fields.optional("from", number), fields.optional("to", number)
    if type_ == "bool" and (low is not None or high is not None):
        raise Mistake(fields.node.at, f"{name} is a condition; from and to do not apply to it.")
    if type_ == "load" and (low or high):
        raise Mistake(
            fields.need("from" if low else "to").at,
            "a bound of a load has no unit here, so only from: 0 says anything.",
        )
    if low is not None and high is not None and low > high:
        raise Mistake(fields.need("from").at, f"{name} runs from {low} to {high}, so nothing fits; exchange them.")
    return Parameter(name, type_, None, low, high)


def _type(fields: Fields) -> Type:
    return cast(Type, choice(VALUES)(fields.need("type"), "type"))
