"""Holding what is of no one lifter against itself: published rules, lists of lifters, tombstones, names of keys."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from redis.exceptions import ResponseError

from service.domain.errors import NeedsNewerSpotter
from service.engine.files.library import digest_of
from service.store import key_names
from service.usecases.services import Services


def check_store(services: Services) -> list[str]:
    """What is amiss with what is of no one lifter; a sentence each."""
    return [*_rules(services), *_own_rules(services), *_places(services), *_tombstones(services), *_expiring(services)]


def rule_set_problem(services: Services, digest: str, programme: str | None = None) -> str | None:
    """What is wrong with an archived rule set, which is to be one of ``programme``."""
    try:
        files = services.archive.get(digest)
        if files is None:
            return "is missing from the archive"
        actual = digest_of(files)
        if actual != digest:
            return f"was changed in the archive: its files have the digest {actual}"
        found = services.rule_sets.get(digest).programme.id
    except msgspec.MsgspecError:
        return "was changed in the archive: it cannot be read"
    except NeedsNewerSpotter as error:
        return f"does not check: {error.inside}"
    return None if programme in (None, found) else f"is one of the programme {found}"


def _rules(services: Services) -> Iterator[str]:
    archive = services.archive
    for programme, newest in archive.published().items():
        if (problem := rule_set_problem(services, newest, programme)) is not None:
            yield f"{programme}: the published rule set {problem}"
        before = {each.digest for each in archive.publications(programme)} | archive.ever_published(programme)
        for digest in sorted(before - {newest}):
            if (problem := rule_set_problem(services, digest, programme)) is not None:
                yield f"{programme}: the rule set {digest}, which was published, {problem}"
    try:
        is_library = digest_of(archive.library()) == archive.library_digest()
    except msgspec.MsgspecError:
        is_library = False
    if not is_library and archive.library_digest() is not None:
        yield "the published library was changed: its files have not its digest"


def _own_rules(services: Services) -> Iterator[str]:
    """What is amiss with the programmes of gyms' own."""
    for gym in sorted({*services.gyms.all(), *(key.gym for key in services.keys.all())}):
        for own in services.gym_programmes.of(gym).values():
            for digest in sorted({each.digest for each in own.versions}):
                if (problem := rule_set_problem(services, digest, own.id)) is not None:
                    yield f"{gym}: the rule set {digest} of its programme {own.id} {problem}"


def _places(services: Services) -> Iterator[str]:
    """Lifters that a list names where they cannot be, and keys that lie where nobody looks."""
    for partition in range(key_names.PARTITIONS):
        try:
            names = services.raw_reads.listed(partition)
        except ResponseError as error:
            yield f"the list of lifters {key_names.lifters(partition)} cannot be read: {error}"
            continue
        for name in sorted(names):
            if not key_names.is_member(name):
                yield f"the list of lifters {key_names.lifters(partition)} has {name!r}, which names nobody"
            elif key_names.partition(key_names.lifter_of(name)) != partition:
                yield f"the list of lifters {key_names.lifters(partition)} has {name.decode()}, who is of another"
    for key in sorted(set(services.raw_reads.keys())):
        lifter = key_names.owner_of(key)
        if lifter is not None and key.decode() not in key_names.of_lifter(lifter):
            yield f"the key {key.decode()} lies where nobody looks for it"


def _tombstones(services: Services) -> Iterator[str]:
    for partition in range(key_names.PARTITIONS):
        for pseudonym in services.erasures.unreadable(partition):
            yield f"what remains of an erased lifter, {pseudonym} in {key_names.erased(partition)}, cannot be read"


def _expiring(services: Services) -> Iterator[str]:
    names = [key_names.API_KEYS, key_names.GYMS, key_names.PUBLISHED, key_names.LIBRARY]
    names += [name for partition in range(key_names.PARTITIONS) for name in key_names.partitions_own(partition)]
    names += [name for gym in services.gyms.all() for name in (key_names.programmes(gym), key_names.gym_rule_sets(gym))]
    names += map(key_names.rule_set, services.archive.published().values())
    for name in services.raw_reads.expiring(names):
        yield f"the server was told to remove by itself: {name}"
