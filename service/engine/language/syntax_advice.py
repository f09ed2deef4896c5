"""What to write instead of what is no expression here, but is in spreadsheets, in other languages or on paper."""

from __future__ import annotations

import re
from typing import NamedTuple

WORD = r"[a-z][a-z0-9_-]{0,39}"
"""What a word in quotes may be."""

_QUOTED = re.compile(rf"(?P<quote>[\"'])({WORD})(?P=quote)")

_KEYWORDS = r"(?:and|or|not|if|else|in|is|for)\b"

_SLIPS = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (
            "[\u201c\u201d\u201e\u2018\u2019\"'\\\\]",
            "names stand without quotes here, words in straight ones, and texts belong into because.",
        ),
        (r"^if\b", "a condition stands alone: leave out if; what follows from it stands under then."),
        (r"\bbetween\b", "write both ends: 4 <= set.reps and set.reps <= 6."),
        (r"[<>=!]==", "{found} has one = too many."),
        (r"\+\+|--|[-+*/]=", "{found} is not in the rule language; write what it becomes, for example missed + 1."),
        (r"\?", "a choice is written: x if condition else y."),
        (r";", "leave out the ;."),
        (r"#", "a comment stands behind the value, outside its quotes, not within an expression."),
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
        (
            rf"\b(set|prescribed|session|history|lifter|baseline|exercise|programme)\s+(?!{_KEYWORDS})[a-z_]+\b",
            "{found} is written with a point between its words.",
        ),
        (
            r"(?<![\w.])\d+-\d+(?![\w.])",
            "{found} takes one number from the other; a range is written range(low, high).",
        ),
        (r"(?<![\w.])\d+\s*x\s*\d+", "{found}: the sets stand under count, the repetitions under reps."),
        (r"\d\s*\+\s*$", "as many as possible is written amrap: true, with the least of them under reps."),
        (
            rf"[\w)]\s+x\s+(?!{_KEYWORDS})[\w(]",
            "write * instead of x.",
        ),
        (r":", "there is no : in an expression; in a because each value stands alone in its braces."),
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
            rf"(?<![\w.])\d+(\.\d+)?\s+(?!{_KEYWORDS})[a-z]+",
            "an operator is missing in {found}; units are not written.",
        ),
        (
            r"(?<![\w.])\d+(\.\d+)?[A-Za-z_]",
            "a number has digits only: write 1000 for 1e3, and an operator or a space where the number ends.",
        ),
        (r"[{}]", "braces belong into a because, not into an expression; write the bare name."),
        (r"[^\x00-\x7f]", "“{found}” is not part of an expression."),
    )
)

UNFINISHED = re.compile(r"(\b(?:and|or|not|if|else)|<=|>=|==|!=|[-+*/<>.,])\s*$")
"""The end of an expression after which something must follow."""


class Slip(NamedTuple):
    """A slip: where it starts in the text, how long it is, and what to write."""

    offset: int
    width: int
    advice: str


def slip_in(text: str) -> Slip | None:
    """The first of the known slips that a text has."""
    bare = _QUOTED.sub(lambda word: "w" * len(word[0]), text)
    for pattern, advice in _SLIPS:
        slip = pattern.search(bare)
        if slip:
            found = slip.group()
            return Slip(slip.start(), len(found), advice.format(found=found, small=found.lower()))
    return None


def explained(message: str) -> str:
    """Say what Python's parser stumbled over, in the words of the rule language."""
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
