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
    """What rules say in sentences, the texts that say it by their paths, and the library's programmes that use them."""

    sections: list[Section]
    files: dict[str, str]
    used_by: list[Programme]


def readable_programme(services: Services, programme: str, *, gym: str) -> tuple[RuleSet, Readable]:
    """A programme in its newest published version, of a gym its own first, with the schemes that it brings itself.

    Raises `NotFound`.
    """
    rule_set = published.published_programme(services, programme, gym=gym)
    library = services.rule_sets.library().files
    schemes = [each.file for each in rule_set.schemes.values()]
    own = [path for path in schemes if rule_set.files[path] != library.get(path)]
    files = {path: rule_set.files[path].decode() for path in (rule_set.programme.file, *own)}
    return rule_set, Readable(explained_programme(rule_set.programme, rule_set), files, [])


def readable_scheme(services: Services, scheme: str) -> tuple[Scheme, Readable]:
    """A published scheme. Raises `NotFound`."""
    found = published.published_scheme(services, scheme)
    library = services.rule_sets.library()
    used_by = _programmes(library, lambda programme: found.id in programme.schemes)
    return found, Readable(explained_scheme(found), {found.file: library.files[found.file].decode()}, used_by)


def readable_exercise(services: Services, exercise: str) -> tuple[Exercise, Readable]:
    """A published exercise, by its id or an alias. Raises `NotFound`."""
    found = published.published_exercise(services, exercise)
    library = services.rule_sets.library()
    used_by = _programmes(library, lambda programme: any(slot.exercise == found.id for slot in programme.slots))
    path, data = library.text_of_exercise(found.id)
    return found, Readable([], {path: data.decode()}, used_by)


def _programmes(library: Library, uses: Callable[[Programme], bool]) -> list[Programme]:
    return sorted(filter(uses, library.programmes.values()), key=lambda each: each.title)
