"""Which exercise a name in an export means: one of the catalogue, or one of the gym's own under an id made for it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Final

from service.domain.exercises import Exercise
from service.trackers.fields import tidy

_LONGEST: Final = 64
_SPELT_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)


class ExerciseNames:
    """Finds the exercise id of each name, the same for the same names in the same order.

    A name is of the catalogue when it is an alias, the title or the id of an exercise there, whatever its case. Two
    other names that would get one id keep apart: the later one gets a suffix made of its letters.
    """

    def __init__(self, catalogue: Iterable[Exercise]) -> None:
        exercises = sorted(catalogue, key=lambda exercise: exercise.id)
        self._ids = {exercise.id for exercise in exercises}
        self._known: dict[str, str] = {}
        for exercise in exercises:
            for name in (*exercise.aliases, exercise.title):
                self._known.setdefault(_key(name), exercise.id)
        self.matched: dict[str, str] = {}
        """Names met so far that the catalogue knows, with their ids; `own` has the others."""
        self.own: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The exercise that ``name`` means."""
        known = self.matched.get(name) or self.own.get(name)
        if known is not None:
            return known
        key = _key(name)
        made = made_id(name)
        found = self._known.get(key) or (made if made in self._ids else None)
        if found is not None:
            self.matched[name] = found
            return found
        if self._taken.setdefault(made, key) != key:
            made = _with_suffix(made, key)
        self.own[name] = made
        return made


def made_id(name: str) -> str:
    """An exercise id for a name: its letters and digits in ASCII, umlauts spelt out, joined by hyphens.

    A name that does not fit, because it is too long or has letters that ASCII has no spelling for, gets a suffix made
    of all its letters, so that two such names do not fall together.
    """
    key = _key(name)
    letters, lost = [], False
    for character in unicodedata.normalize("NFKD", key.translate(_SPELT_OUT)).casefold():
        if character.isascii() and character.isalnum():
            letters.append(character)
        elif not unicodedata.combining(character):
            letters.append(" ")
            lost = lost or character.isalnum()
    made = "-".join("".join(letters).split())
    return _with_suffix(made or "exercise", key) if lost or not made or len(made) > _LONGEST else made


def _with_suffix(made: str, key: str) -> str:
    suffix = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{made[: _LONGEST - 1 - len(suffix)].rstrip('-')}-{suffix}"


def _key(name: str) -> str:
    """A name whatever its case."""
    return tidy(name).casefold()
