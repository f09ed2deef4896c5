"""From the text of an expression to Python's syntax tree of it, within bounds and with an eye for slips of the pen.

Only the parser of ``ast`` is used; nothing is ever evaluated by Python from a rule file's text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Decimal

from service.engine.files.reading import Mistake, Position, Scalar

MAXIMUM_LENGTH = 1_000
MAXIMUM_BRACKETS = 20
MAXIMUM_NODES = 400
MAXIMUM_DEPTH = 30
MAXIMUM_DIGITS = 12

WORD = r"[a-z][a-z0-9_-]{0,39}"
"""What a word in quotes may be."""

_QUOTED = re.compile(rf"(?P<quote>[\"'])({WORD})(?P=quote)")

_SLIPS = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (
            "[\u201c\u201d\u201e\u2018\u2019\"'\\\\]",
            "names stand without quotes here, words in straight ones, and texts belong into because.",
        ),
        (r"≥", "write >= instead of ≥."),
        (r"≤", "write <= instead of ≤."),
        (r"≠", "write != instead of ≠."),
        (r"×", "write * instead of ×."),
        (r"÷", "write / instead of ÷."),
        (r"[–—−]", "this is a dash; write the minus sign -."),
        (r"&&?", "write and instead of {found}."),
        (r"\|\|?", "write or instead of {found}."),
        (r"![^=]", "write not instead of !."),
        (r"=>", "write >= instead of =>."),
        (r"=<", "write <= instead of =<."),
        (r"<>", "write != instead of <>."),
        (r"\b(AND|OR|NOT|IF|ELSE)\b", "write {small} in small letters."),
        (r"\b(True|False)\b", "write {small} in small letters."),
        (r"(?<![<>=!:])=(?!=)", "= does not compare; write == for “equals”."),
        (r"\*\*|\^", "there are no powers in the rule language; multiply."),
        (r"\d+(\.\d+)?\s*%", "a share is written with percent_of, for example percent_of(10, load)."),
        (
            r"//|%(?=\s*[\w(])",
            "{found} is not in the rule language; divide with /, take a share with percent_of(10, load).",
        ),
        (
            r"(?<![\w.])\d+(\.\d+)?\s*(kg|lb|lbs)\b",
            "a load is not written in a rule: declare one under params, as in double-progression, and use its name.",
        ),
        (
            r"(?<![\w.])\d+(\.\d+)?[A-Za-z_]",
            "a number has digits only: write 1000 for 1e3, and an operator or a space where the number ends.",
        ),
        (r"[{}]", "braces belong into a because, not into an expression; write the bare name."),
        (r"[^\x00-\x7f]", "“{found}” is not part of an expression."),
    )
)


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
        offset = min(max((error.offset or 1) - 1, 0), len(source.text) - 1)
        raise Mistake(source.at(offset), _explained(error.msg)) from None
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
    bare = _QUOTED.sub(lambda word: "w" * len(word[0]), text)
    for pattern, advice in _SLIPS:
        slip = pattern.search(bare)
        if slip:
            found = slip.group()
            raise Mistake(source.at(slip.start()), advice.format(found=found, small=found.lower()))


def _explained(message: str) -> str:
    for part, advice in _SYNTAX:
        if part in message:
            return advice
    return "this is not an expression: a name, a number or an operator is missing or one too many here."


_SYNTAX = (
    ("was never closed", "this bracket is never closed."),
    ("unmatched", "this bracket closes what was never opened."),
    ("does not match", "this bracket does not match the one that was opened."),
    ("leading zeros", "a number does not start with a zero; write 12, not 012."),
    (
        "invalid decimal literal",
        "a number ends in letters here; put a space or an operator between, units are not written.",
    ),
    ("expected 'else'", "a choice needs both ways: write x if condition else y."),
    ("unterminated string", "a quote is opened and never closed."),
    ("Perhaps you forgot a comma", "an operator or a comma is missing here, for example `and` between two conditions."),
)


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
