"""The published library as people read it: the text of each part, and what else of it uses that part."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from service.domain.exercises import Exercise
from service.engine.files.library import Library
from service.engine.files.rule_prose import Section, explained_programme, explained_scheme
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.usecases.rules import published_library as published
from service.usecases.services import Services


class Readable(NamedTuple):
    """A part of the library: what it says in sentences, its ``text`` at a ``path``, and the programmes that use it."""

    sections: list[Section]
    path: str
    text: str
    used_by: list[Programme]


def readable_programme(services: Services, programme: str, *, gym: str) -> tuple[RuleSet, Readable]:
    """A programme in its newest published version, of a gym its own first. Raises `NotFound`."""
    rule_set = published.published_programme(services, programme, gym=gym)
    path = rule_set.programme.file
    sections = explained_programme(rule_set.programme, rule_set)
    return rule_set, Readable(sections, path, rule_set.files[path].decode(), [])


def readable_scheme(services: Services, scheme: str) -> tuple[Scheme, Readable]:
    """A published scheme. Raises `NotFound`."""
    found = published.published_scheme(services, scheme)
    library = services.rule_sets.library()
    used_by = _programmes(library, lambda programme: found.id in programme.schemes)
    text = library.files[found.file].decode()
    return found, Readable(explained_scheme(found), found.file, text, used_by)


def readable_exercise(services: Services, exercise: str) -> tuple[Exercise, Readable]:
    """A published exercise, by its id or an alias. Raises `NotFound`."""
    found = published.published_exercise(services, exercise)
    library = services.rule_sets.library()
    used_by = _programmes(library, lambda programme: any(slot.exercise == found.id for slot in programme.slots))
    path, data = library.text_of_exercise(found.id)
    return found, Readable([], path, data.decode(), used_by)


def _programmes(library: Library, uses: Callable[[Programme], bool]) -> list[Programme]:
    return sorted(filter(uses, library.programmes.values()), key=lambda each: each.title)
