"""From the text of an expression to Python's syntax tree of it, within bounds and with an eye for slips of the pen.

Only the parser of ``ast`` is used; nothing is ever evaluated by Python from a rule file's text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Decimal

from service.engine.language.syntax_advice import UNFINISHED, explained, slip_in
from service.engine.ruleset.places import Mistake, Position, Scalar

MAXIMUM_LENGTH = 1_000
MAXIMUM_BRACKETS = 20
MAXIMUM_NODES = 400
MAXIMUM_DEPTH = 30
MAXIMUM_DIGITS = 12


class Source:
    """The text of one expression, and where each part of it stands in the file."""

    def __init__(self, text: str, locate: Callable[[int], Position]) -> None:
        self.text = text.strip()
        self._locate = locate
        self._lead = len(text) - len(text.lstrip())

    @classmethod
    def of(cls, scalar: Scalar) -> Source:
        """The whole text of a value."""
        return cls(scalar.text, scalar.position)

    def at(self, offset: int = 0) -> Position:
        """Where the character at ``offset`` stands."""
        return self._locate(offset + self._lead)

    def start_of(self, node: ast.expr) -> Position:
        """Where ``node`` starts."""
        return self.at(node.col_offset)

    def text_of(self, node: ast.expr, at_most: int = MAXIMUM_LENGTH) -> str:
        """The text that ``node`` was parsed from, shortened to so many characters."""
        return shortened(self.text[node.col_offset : node.end_col_offset], at_most)


def shortened(text: str, at_most: int) -> str:
    """``text``, its end left out where it is longer."""
    return text if len(text) <= at_most else f"{text[: at_most - 3]}..."


def dotted(tree: ast.expr) -> str:
    """``set.load`` for the attribute access of that name; empty for anything else."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute):
        inner = dotted(tree.value)
        return inner and f"{inner}.{tree.attr}"
    return ""


def parse(source: Source) -> ast.expr:
    """Parse an expression.

    Raises `Mistake` for what is no expression and for one beyond the bounds: 1,000 characters, 400 parts,
    20 open brackets, 30 levels.
    """
    if not source.text:
        raise Mistake(source.at(), "an expression is missing here.")
    _look_for_slips(source)
    try:
        tree = ast.parse(re.sub(r"\s", " ", source.text), mode="eval").body
    except SyntaxError as error:
        unfinished = UNFINISHED.search(source.text)
        if unfinished:
            said = f"something is missing after “{unfinished[1]}”."
            raise Mistake(source.at(unfinished.start(1)), said, len(unfinished[1])) from None
        offset = min(max((error.offset or 1) - 1, 0), len(source.text) - 1)
        raise Mistake(source.at(offset), explained(error.msg)) from None
    except (ValueError, RecursionError, MemoryError):
        raise Mistake(source.at(), "this expression cannot be read; write it shorter and simpler.") from None
    _measure(tree, source)
    return tree


def number_in(source: Source, node: ast.Constant) -> int | Decimal:
    """The exact value of a number as it is written; a binary float never comes into it."""
    text = source.text_of(node)
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise Mistake(source.start_of(node), f"write the number {text} with digits only, for example 1000 or 0.5.")
    if len(text) > MAXIMUM_DIGITS:
        raise Mistake(source.start_of(node), f"a number has at most {MAXIMUM_DIGITS} digits; {text} has more.")
    return Decimal(text) if "." in text else int(text)


def _look_for_slips(source: Source) -> None:
    text = source.text
    if len(text) > MAXIMUM_LENGTH:
        raise Mistake(
            source.at(), f"an expression has at most {MAXIMUM_LENGTH:,} characters; give parts of it names under let."
        )
    open_brackets = 0
    for offset, character in enumerate(text):
        open_brackets += (character in "([") - (character in ")]")
        if open_brackets > MAXIMUM_BRACKETS:
            raise Mistake(source.at(offset), f"more than {MAXIMUM_BRACKETS} brackets are open here; simplify it.")
    slip = slip_in(text)
    if slip is not None:
        raise Mistake(source.at(slip.offset), slip.advice, slip.width)


def _measure(tree: ast.expr, source: Source) -> None:
    count = 0
    level: list[ast.AST] = [tree]
    for _ in range(MAXIMUM_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        count += len(level)
        if not level:
            break
    else:
        raise Mistake(source.at(), "this expression is nested too deep; give parts of it names under let.")
    if count > MAXIMUM_NODES:
        raise Mistake(source.at(), "this expression has too many parts; give some of them names under let.")
