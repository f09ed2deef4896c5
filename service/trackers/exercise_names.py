"""Which exercise a name in an export means: one of the catalogue, or one of the gym's own under an id made for it."""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

from service.domain.exercises import Exercise
from service.domain.instants import Instant
from service.trackers.fields import tidy
from service.trackers.name_words import words_of

_LONGEST: Final = 64
TAG_LENGTH: Final = 8
_SPELT_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)


_EQUIPMENT: Final[Mapping[str, frozenset[str]]] = {
    "barbell": frozenset({"barbell"}),
    "body-weight": frozenset({"bodyweight", "weighted"}),
    "band": frozenset({"band"}),
    "cable": frozenset({"cable"}),
    "dumbbell": frozenset({"dumbbell"}),
    "ez-bar": frozenset({"ezbar"}),
    "kettlebell": frozenset({"kettlebell"}),
    "machine": frozenset({"machine"}),
    "plates": frozenset({"machine", "plates", "leverage"}),
}
"""How names tell the equipment of an exercise: ``weighted`` is a body with weight added."""

TOLD: Final = frozenset({word for words in _EQUIPMENT.values() for word in words} | {"smith", "assisted"})
"""Words of a name that tell what an exercise is done with."""


class ExerciseNames:
    """Finds the exercise id of each name, the same for the same names in the same order.

    A name is of the catalogue when it is what an app is known to call an exercise, or when it has the words of an
    alias, the title or the id of one, in whatever order, and nothing more but the equipment that the exercise takes:
    ``Leg Press (Machine)`` is the leg press. What may mean two is neither; the other names are the gym's own. Two of
    those that would get one id keep apart: the later one gets a suffix made of its letters. So do two that mean one
    exercise of the catalogue, where `tell_apart` was told that both were in use at one time.
    """

    def __init__(self, catalogue: Iterable[Exercise], mapped: Mapping[str, str] | None = None) -> None:
        """``mapped``: what a gym says that names mean, by `name_key`; it goes before all else."""
        self._mapped = mapped or {}
        self._catalogue = _index(tuple(sorted(catalogue, key=lambda exercise: exercise.id)))
        self.matched: dict[str, str] = {}
        """Names met so far that the catalogue knows, with their ids."""
        self.mapped: dict[str, str] = {}
        """Those whose meaning the gym said; `own` has the others."""
        self.own: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def name_of(self, exercise: Exercise | None, exercise_id: str) -> str:
        """A name that is read as this exercise: what apps call it, if that leads back to it, else its id."""
        names = () if exercise is None else (*exercise.aliases, exercise.title)
        return next((name for name in names if self._catalogue.known.get(name_key(name)) == exercise_id), exercise_id)

    def tell_apart(self, used: Iterable[tuple[Instant, str]]) -> None:
        """Keep names apart that one log uses side by side: they are two exercises to whoever chose between them.

        ``used``: when each name was used, in order. Of names that mean one exercise, those that spell its id come
        first, then those used first; one that was in use beside an earlier one is the gym's own. One that only
        replaced another means what that meant.
        """
        first: dict[str, Instant] = {}
        last: dict[str, Instant] = {}
        for at, name in used:
            first.setdefault(name, at)
            last[name] = at
        alike: dict[str, list[str]] = {}
        for name in sorted(first, key=lambda each: (made_id(each) != self.id_of(each), first[each])):
            if name not in self.matched:
                continue
            others = alike.setdefault(self.matched[name], [])
            beside = (first[name] < last[other] and first[other] < last[name] for other in others)
            if any(beside) and name_key(name) not in map(name_key, others):
                del self.matched[name]
                self._leave_to_gym(name)
            else:
                others.append(name)

    def id_of(self, name: str) -> str:
        """The exercise that ``name`` means."""
        known = self.matched.get(name) or self.own.get(name) or self.mapped.get(name)
        if known is not None:
            return known
        key = name_key(name)
        if (said := self._mapped.get(key)) is not None:
            self.mapped[name] = said
            return said
        made = made_id(name)
        found = (
            self._catalogue.known.get(key)
            or (made if made in self._catalogue.ids else None)
            or self._by_its_words(name)
        )
        if found is not None:
            self.matched[name] = found
            return found
        return self._leave_to_gym(name)

    def _leave_to_gym(self, name: str) -> str:
        """The id of an exercise of the gym's own, which nothing else has."""
        key, made = name_key(name), made_id(name)
        if made in self._catalogue.ids or self._taken.setdefault(made, key) != key:
            made = _with_suffix(made, key)
        self.own[name] = made
        return made

    def _by_its_words(self, name: str) -> str | None:
        """The one exercise whose name has these words; else the one that has them without its equipment.

        Of several it is the one that the library describes at length, if only one of them is.
        """
        words = words_of(name) if name_key(name) not in _in_apps().own else frozenset()
        for index in (self._catalogue.by_words, self._catalogue.with_equipment):
            found = index.get(words, set())
            likely = found & self._catalogue.at_length or found
            if found:
                return next(iter(likely)) if len(likely) == 1 else None
        return None


class _Index(NamedTuple):
    """A catalogue by what names of its exercises are looked up by, and which of them it describes ``at_length``."""

    ids: frozenset[str]
    at_length: frozenset[str]
    known: Mapping[str, str]
    by_words: Mapping[frozenset[str], set[str]]
    with_equipment: Mapping[frozenset[str], set[str]]


@lru_cache(2)
def _index(exercises: tuple[Exercise, ...]) -> _Index:
    known: dict[str, str] = {}
    by_words: dict[frozenset[str], set[str]] = {}
    with_equipment: dict[frozenset[str], set[str]] = {}
    for exercise in exercises:
        in_apps = _in_apps().names.get(exercise.id, ())
        for name in (*exercise.aliases, exercise.title, *in_apps):
            known.setdefault(name_key(name), exercise.id)
        for name in (*exercise.aliases, exercise.title, exercise.id, *in_apps):
            words = words_of(name)
            by_words.setdefault(words, set()).add(exercise.id)
            if not words & TOLD:
                for told in _EQUIPMENT.get(exercise.equipment, ()):
                    with_equipment.setdefault(words | {told}, set()).add(exercise.id)
    ids = frozenset(exercise.id for exercise in exercises)
    at_length = frozenset(exercise.id for exercise in exercises if exercise.cues)
    return _Index(ids, at_length, known, by_words, with_equipment)


def is_assisted(name: str, exercise: str) -> bool:
    """Whether a name means that its load is taken off the body: what is called assisted, and bands that one stands in.

    ``exercise`` is the id that the name was found to mean.
    """
    words = words_of(name)
    return "assisted" in words | words_of(exercise) or ("band" in words and bool(words & _HANGING))


_HANGING: Final = frozenset({"pullup", "chinup", "dip"})


class _InApps(NamedTuple):
    """What apps call exercises that their words do not lead to, by exercise; names whose words would mislead."""

    names: Mapping[str, tuple[str, ...]]
    own: frozenset[str]


@cache
def _in_apps() -> _InApps:
    file = resources.files("service.trackers").joinpath("exercise_names.toml")
    document = tomllib.loads(file.read_text("utf-8"))
    names = {exercise: tuple(names) for exercise, names in document["names"].items()}
    return _InApps(names, frozenset(map(name_key, document["own"])))


def made_id(name: str) -> str:
    """An exercise id for a name: its letters and digits in ASCII, umlauts spelt out, joined by hyphens.

    A name that does not fit, because it is too long or has letters that ASCII has no spelling for, gets a suffix made
    of all its letters, so that two such names do not fall together.
    """
    key = name_key(name)
    letters, lost = [], False
    for character in unicodedata.normalize("NFKD", key.translate(_SPELT_OUT)).casefold():
        if character.isascii() and character.isalnum():
            letters.append(character)
        elif not unicodedata.combining(character):
            letters.append(" ")
            lost = lost or character.isalnum()
    made = "-".join("".join(letters).split())
    return _with_suffix(made or "exercise", key) if lost or not made or len(made) > _LONGEST else made


def name_tag(name: str) -> str:
    """What an event's id says of the name in the export that it was read from: 8 hexadecimal digits of its hash."""
    return hashlib.sha256(name_key(name).encode()).hexdigest()[:TAG_LENGTH]


def _with_suffix(made: str, key: str) -> str:
    suffix = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{made[: _LONGEST - 1 - len(suffix)].rstrip('-')}-{suffix}"


def name_key(name: str) -> str:
    """A name as it is compared with others: whatever its case."""
    return tidy(name).casefold()
