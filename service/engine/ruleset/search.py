"""Finding what is known by the words that people type: parts of names, abbreviations, in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from service.engine.ruleset.suggestions import nearest

_SHORT: Final[Mapping[str, str]] = {
    "barbell": "bb",
    "bodyweight": "bw",
    "deadlift": "dl",
    "dumbbell": "db",
    "kettlebell": "kb",
    "overhead": "oh",
    "pulldown": "pd",
    "pullover": "po",
    "pushdown": "pd",
}
"""How lifters shorten words that are made of two; of any other word it is the first letter."""

_WORD: Final = re.compile(r"[a-z0-9]+")
_PLURAL: Final = re.compile(r"(?<=[a-z0-9]{2}[^s])s$")
_MOST_WORDS: Final = 8
"""More words of a query than these say nothing more."""


def rank(query: str, names: Iterable[str]) -> int | None:
    """How well any of something's names fits a query: the lower the better; None where none does.

    0: it is the name, or short for all of it (`ohp`: overhead press). 1: the name begins with it. 2: each word of the
    query begins a word of the name, or is short for one or for several in a row.
    """
    words = _words(query)[:_MOST_WORDS]
    return min((fit for name in names if (fit := _rank(words, name)) is not None), default=None)


def meant_among(wrong: str, names: Iterable[str]) -> str:
    """The name that was probably meant: misspelt, or by a part of it or what is short for it; empty for none."""
    every = sorted(names)
    fits = [(fit, len(name), name) for name in every if (fit := rank(wrong, [name])) is not None]
    return nearest(wrong, every) or min(fits, default=(0, 0, ""))[2]


def _rank(query: tuple[str, ...], name: str) -> int | None:
    words, short = _words(name), _shortened(name)
    if not query or not words:
        return None
    if query == words or (len(query) == 1 and query[0] == short[-1]):
        return 0
    whole = " ".join(query)
    if " ".join(words).startswith(whole):
        return 1
    fits = all(word in short or any(each.startswith(word) for each in words) for word in query)
    return 2 if fits else None


@lru_cache(8192)
def _shortened(name: str) -> tuple[str, ...]:
    """What is short for a run of words of a name; the last is short for all of it."""
    short = [_SHORT.get(word, word[0]) for word in _words(name)]
    count = len(short)
    runs = ["".join(short[begin:end]) for end in range(1, count + 1) for begin in range(end)]
    return (*(run for run in runs if len(run) > 1), "".join(short))


@lru_cache(8192)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case and in the singular, accents left out."""
    return tuple(_PLURAL.sub("", word) for word in _WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
