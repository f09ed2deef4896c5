"""Publishing rules: whoever is assigned a programme from then on gets the new ones."""

from __future__ import annotations

from typing import NamedTuple

from service.engine.files.library import digest_of, load_library
from service.usecases.services import Services


class Published(NamedTuple):
    """A programme that became the newest: its digest, and the one before (None: it is new)."""

    programme: str
    digest: str
    before: str | None


def publish_rules(services: Services) -> list[Published]:
    """Check the rule files, archive every programme's rule set and publish those that differ from the newest.

    Raises `RuleSetInvalid`, and then publishes nothing: what is published goes on serving.
    """
    library = load_library(services.settings.rules_dir)
    rule_sets = [library.rule_set(programme) for programme in library.programmes]
    services.archive.put({rule_set.digest: rule_set.files for rule_set in rule_sets})
    before = services.archive.published()
    changes = [
        Published(rule_set.programme.id, rule_set.digest, before.get(rule_set.programme.id))
        for rule_set in rule_sets
        if before.get(rule_set.programme.id) != rule_set.digest
    ]
    services.archive.publish({change.programme: change.digest for change in changes}, at=services.clock())
    digest = digest_of(library.files)
    if services.archive.library_digest() != digest:
        services.archive.publish_library(digest, library.files)
    return changes
