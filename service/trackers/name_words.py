"""The words of an exercise's name in one form, so that two ways of writing it have the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (r"\b(pull|chin|push|sit|step|muscle|get) ups?\b", r"\1up"),
    (r"\b(pull|push) downs?\b", r"\1down"),
    (r"\bpress ?downs?\b", "pushdown"),
    (r"\b(cross|pull) overs?\b", r"\1over"),
    (r"\bbent over\b", "bentover"),
    (r"\bkick backs?\b", "kickback"),
    (r"\bdead lifts?\b", "deadlift"),
    (r"\bskull crushers?\b", "skullcrusher"),
    (r"\b(?:one|single|1) (arm|leg)(?:ed)?\b", r"one\1"),
    (r"\b(arm|leg) (?:1|single)\b", r"one\1"),
    (r"\bsmith machine\b", "smith"),
    (r"\bplates? loaded\b", "plates"),
    (r"\bleverage machine\b", "machine"),
    (r"\b(?:e z|ez) ?(?:curl )?bar\b", "ezbar"),
    (r"\bez curl\b", "ezbar curl"),
    (r"\bt bar\b", "tbar"),
    (r"\bbody weight\b", "bodyweight"),
    (r"\b(?:hex|trap) bar\b", "trapbar"),
    (r"\bohp\b", "overhead press"),
    (r"\brdl\b", "romanian deadlift"),
    (r"\bbench press medium grip\b", "bench press"),
    (r"\brear deltoids?\b", "rear delt"),
    (r"\bexercise ball\b", "exerciseball"),
)
"""What is one word in one app and two in another, and what is short for what."""

_WORDS: Final[Mapping[str, str]] = {
    "abs": "abdominal",
    "bb": "barbell",
    "bicep": "biceps",
    "bw": "bodyweight",
    "calves": "calf",
    "db": "dumbbell",
    "dumbell": "dumbbell",
    "flies": "fly",
    "flye": "fly",
    "flyes": "fly",
    "flys": "fly",
    "kb": "kettlebell",
    "tricep": "triceps",
}
_SINGULAR: Final = frozenset({"biceps", "triceps", "press", "plates", "cross"})
_LEFT_OUT: Final = frozenset({"a", "an", "and", "at", "from", "in", "of", "on", "over", "the", "to", "with"})
_APART: Final = re.compile(r"[^a-z0-9]+")
_ES: Final = re.compile(r"(?<=ch|sh|ss|ax)es$")
_SHORTEST: Final = 3
_REMEMBERED: Final = 8192


@lru_cache(_REMEMBERED)
def words_of(name: str) -> frozenset[str]:
    """The words of a name: without signs and accents, singular, abbreviations spelt out, in no order."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("'", "")
    text = _APART.sub(" ", "".join(each for each in plain if not unicodedata.combining(each))).strip()
    for phrase, written in _PHRASE_PATTERNS:
        text = phrase.sub(written, text)
    return frozenset(_singular(word) for word in text.split() if word not in _LEFT_OUT)


_PHRASE_PATTERNS: Final = tuple((re.compile(phrase), written) for phrase, written in _PHRASES)


def _singular(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    if word in _SINGULAR or len(word) <= _SHORTEST or word.endswith("ss"):
        return word
    stem = _ES.sub("", word)
    return stem if stem != word else word.removesuffix("s")
