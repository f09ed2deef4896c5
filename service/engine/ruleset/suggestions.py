"""What was probably meant by a word that rule files do not know."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

ALSO = {
    "action": "then",
    "advanced": "expert",
    "boolean": "bool",
    "decimal": "number",
    "decrease": "lower",
    "default": "initial",
    "down": "lower",
    "else": "otherwise",
    "if": "when",
    "increase": "raise",
    "initial": "default",
    "integer": "int",
    "keep": "hold",
    "max": "to",
    "min": "from",
    "name": "title",
    "percentage": "percent",
    "reason": "because",
    "reduce": "lower",
    "sets": "count",
    "start": "initial",
    "stay": "hold",
    "time": "seconds",
    "up": "raise",
    "weight": "load",
}
"""Other words for what rule files call by one: a hint where a wrong word is not merely misspelt."""


_ALIKE = 0.64
"""How like a word must be to one that there is (0 to 1) to have been meant."""


def suggestion(wrong: str, candidates: Iterable[str]) -> str:
    """Ask "did you mean", or nothing when no candidate is near."""
    near = nearest(wrong, candidates)
    return f" Did you mean {near}?" if near else ""


def nearest(wrong: str, candidates: Iterable[str], alike: float = _ALIKE) -> str:
    """The candidate that was probably meant; empty when none is ``alike`` (0 to 1)."""
    small = {candidate.lower(): candidate for candidate in candidates}
    also = ALSO.get(wrong.lower(), "")
    near = [also] if also in small else get_close_matches(wrong.lower(), small, n=1, cutoff=alike)
    return small[near[0]] if near else ""
