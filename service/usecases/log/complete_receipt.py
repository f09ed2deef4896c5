"""What a receipt could not say where it was asked for: too much of a log would have had to be replayed there."""

from __future__ import annotations

import msgspec

from service.domain.identifiers import LifterRef
from service.store.log import Before
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.late_event_changes import Change, changes_between
from service.usecases.log.warnings import Taken, Warnings, warnings_of
from service.usecases.services import Services


class Unsaid(msgspec.Struct, frozen=True):
    """The rest of a receipt."""

    warnings: Warnings | None
    changes: tuple[Change, ...]


def unsaid(services: Services, lifter: LifterRef, version: int, since: int | None = None) -> Unsaid:
    """What is to be warned of an event that has been appended and, where it came late, what ``since`` changed.

    ``since`` is the version before it, or before the session that it ended.
    """
    entries = services.log.read(lifter, version - 1, 1)
    if not entries:
        raise erased_or_unknown(services, lifter)
    known = services.rule_sets.known_exercises(services.default_digest())
    taken = Taken(entries[0].event, "already_appended", version, Before())
    (warnings,) = warnings_of(services, known, lifter, [taken])
    return Unsaid(warnings, () if since is None else tuple(changes_between(services, lifter, since, version)))
