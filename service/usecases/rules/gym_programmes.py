"""Programmes of a gym's own: published, listed and archived by that gym, and seen by no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from service.domain.errors import InvalidInput, NotFound, Problem, RuleSetInvalid, TooManyProgrammes
from service.domain.gym_programmes import (
    MOST_BYTES,
    MOST_PROGRAMMES,
    MOST_VERSIONS,
    GymProgramme,
    ProgrammeVersion,
)
from service.engine.files.assembling import assembled, place_of
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.rules.compare_rule_sets import try_out
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.rules.simulate import mistakes
from service.usecases.services import Services


class PublishedOwn(NamedTuple):
    """A programme of a gym as it is now, its newest rule set, and the digest that was the newest before, if any."""

    programme: GymProgramme
    rule_set: RuleSet
    before: str | None


def publish_own(services: Services, gym: str, programme: str, files: Mapping[str, str]) -> PublishedOwn:
    """Publish a programme of a gym out of its own files (path to text) over the library.

    The rule set holds those of the files that the programme uses. One that is the newest already stays so; one that was
    archived can be assigned again. Raises `InvalidInput` and `TooManyProgrammes`.
    """
    known = services.gym_programmes.of(gym)
    if programme not in known and programme in services.rule_sets.published():
        raise InvalidInput(Problem("/programme", "is the id of a programme of the library: give yours another one"))
    rule_set = _rule_set(services, programme, files)
    size = sum(map(len, rule_set.files.values()))
    version = ProgrammeVersion(rule_set.digest, services.clock(), size)

    def change(before: GymProgramme | None) -> GymProgramme:
        if before is None:
            return GymProgramme(programme, (version,))
        versions = before.versions if before.digest == version.digest else (*before.versions, version)
        return GymProgramme(programme, versions)

    try_out(rule_set, GymRuleSets(services, gym), "files")
    _check_room(known, change(known.get(programme)))
    services.archive.put({rule_set.digest: rule_set.files})
    services.gym_programmes.note(gym, [rule_set.digest])
    before = known.get(programme)
    published = services.gym_programmes.amend(gym, programme, change)
    return PublishedOwn(published, rule_set, None if before is None else before.digest)


def archive_own(services: Services, gym: str, programme: str) -> None:
    """Have nobody be assigned a programme of a gym any more; who follows it goes on. Raises `NotFound`."""

    def change(before: GymProgramme | None) -> GymProgramme:
        if before is None:
            raise NotFound(f"your gym has no programme {programme!r} of its own")
        return before if before.archived_at is not None else replace(before, archived_at=services.clock())

    services.gym_programmes.amend(gym, programme, change)


def _rule_set(services: Services, programme: str, files: Mapping[str, str]) -> RuleSet:
    written = {path: text.encode() for path, text in files.items()}
    if all(place_of(path, data) != f"programmes/{programme}.yaml" for path, data in written.items()):
        place = f"programmes/{programme}.yaml"
        raise InvalidInput(Problem("/files", f"must hold the programme itself, as {place} or {programme}.yaml"))
    try:
        return assembled(written, programme, services.rule_sets.library())
    except RuleSetInvalid as error:
        raise InvalidInput(*mistakes(error, "files")) from None


def _check_room(known: Mapping[str, GymProgramme], programme: GymProgramme) -> None:
    """See that a gym may have a programme as it is to become, beside its others."""
    others = [each for each in known.values() if each.id != programme.id]
    if len(others) >= MOST_PROGRAMMES:
        raise TooManyProgrammes(f"a gym has at most {MOST_PROGRAMMES} programmes of its own")
    if len(programme.versions) > MOST_VERSIONS:
        raise TooManyProgrammes(f"a programme has at most {MOST_VERSIONS} versions")
    if sum(each.size for each in (*others, programme)) > MOST_BYTES:
        raise TooManyProgrammes(f"all versions of a gym's programmes have at most {MOST_BYTES >> 20} MiB together")
