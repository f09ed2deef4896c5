"""The sentence of a rule, ``because``: text with expressions in braces, checked, and written with their values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from service.domain.loads import Unit, convert
from service.engine.language.checker import Checker
from service.engine.language.narrowing import Proofs
from service.engine.language.parser import Source
from service.engine.ruleset.places import Mistake, Position, Scalar
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Expression, Template
from service.engine.ruleset.types import DESCRIPTIONS, in_words

MAXIMUM_LENGTH = 500

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<expression>[^{}]*)\}|[{}]")

_ONE_OF_MANY = re.compile(
    r"(?<![\d.,-])(?:(?P<every>[Aa]ll) )?1 (?P<noun>(?:failed )?(?:set|session|rep|day|week|second|failure))s\b"
)


def template(scalar: Scalar, checker: Checker, proofs: Proofs) -> Template:
    """Check a ``because``: every expression in it is typed, and certain to be known when its rule fires."""
    text = scalar.text
    if len(text) > MAXIMUM_LENGTH:
        raise Mistake(scalar.at, f"a because has at most {MAXIMUM_LENGTH} characters; say it shorter.")
    pieces: list[str | Expression] = []
    written = ""
    end = 0
    for match in _PIECE.finditer(text):
        written += text[end : match.start()]
        end = match.end()
        if match["expression"] is not None:
            pieces += [written, _showable(checker.expression(_inside(scalar, match), proofs=proofs))]
            written = ""
        elif match.group() in ("{{", "}}"):
            written += match.group()[0]
        else:
            raise Mistake(
                scalar.position(match.start()),
                "this brace has no partner; write {{ or }} for a brace in the text, {set.load} for a value.",
            )
    pieces.append(written + text[end:])
    return Template(tuple(piece for piece in pieces if piece != ""))


def _showable(expression: Expression) -> Expression:
    """Refuse what a sentence cannot show: a derivation keeps the values of its sentences, and those are no texts."""
    if expression.type in ("word", "row", "rows"):
        said = (
            f"{expression.text} is {DESCRIPTIONS[expression.type]}, which a sentence cannot show; name a value of it."
        )
        raise Mistake(expression.at, said)
    return expression


def _inside(scalar: Scalar, match: re.Match[str]) -> Source:
    start = match.start("expression")

    def locate(offset: int) -> Position:
        return scalar.position(start + offset)

    return Source(match["expression"], locate)


def render_because(
    scheme: Scheme, trigger: str, rule: int, reasons: Sequence[Any], unit: Unit, said_in: Unit | None = None
) -> str:
    """The sentence of a fired rule, from the values that it fired with; loads are in ``unit``, or said in another."""
    values = iter(reasons)
    pieces = scheme.rules[Trigger(trigger)][rule].because.pieces
    text = "".join(
        piece if isinstance(piece, str) else _value_in_words(next(values), piece.type, unit, said_in or unit)
        for piece in pieces
    )
    return _ONE_OF_MANY.sub(_in_singular, text)


def _value_in_words(value: Any, type_: str, unit: Unit, said_in: Unit) -> str:
    if type_ == "load" and value is not None:
        value = convert(value, unit, said_in)
    return in_words(value, type_, said_in)


def _in_singular(match: re.Match[str]) -> str:
    """``All 1 sets`` as "The one set", ``1 sessions`` as "1 session": a file writes the plural for whatever number."""
    every, noun = match["every"], match["noun"]
    if every is None:
        return f"1 {noun}"
    return f"{'The' if every[0] == 'A' else 'the'} one {noun}"
