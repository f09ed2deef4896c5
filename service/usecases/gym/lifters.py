"""The lifters of a gym: who there is, when they trained last, what they follow, and who is parked."""

from __future__ import annotations

from itertools import islice
from typing import Final, NamedTuple

from service.domain.errors import Erased, NotFound
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.prescription import Parked, UsedRuleSet
from service.engine.replay.state import SHARED, LifterState, Shared
from service.engine.version import ENGINE_VERSION
from service.store.projections import Glance
from service.usecases.lifter.prescribe import state_at
from service.usecases.services import Services

MOST_REPLAYS: Final = 20
"""Lifters of a page whose stored projection is behind, and who are replayed for it; with the last of them it ends."""


class ListedLifter(NamedTuple):
    """A lifter at a glance."""

    lifter: str
    version: int
    last_trained_at: Instant | None
    programme: UsedRuleSet | None
    parked: Parked | None


class LifterPage(NamedTuple):
    """Some of a gym's lifters, and the id after which more follow; None at the end."""

    lifters: list[ListedLifter]
    after: str | None


def lifters_at_a_glance(services: Services, gym: str, *, after: str | None, limit: int, named: str = "") -> LifterPage:
    """Up to ``limit`` lifters of a gym in an order that stays, those after the one named ``after``.

    Only those whose id has ``named`` in it, in small letters or large.

    Like every read it never lags the logs. A page has fewer where many projections are behind, as after an upgrade.
    """
    sought = named.lower()
    found = (each for each in services.log.lifters_of(gym, after) if sought in each.lifter.lower())
    references = list(islice(found, limit + 1))
    more = len(references) > limit
    listed: list[ListedLifter] = []
    replays, last = 0, None
    for lifter, glance in zip(references[:limit], services.projections.shared(references[:limit]), strict=True):
        if replays == MOST_REPLAYS:
            more = True
            break
        shared = _stored(glance)
        if shared is None:
            replays += 1
            shared = _replayed(services, lifter)
        if shared is not None:
            listed.append(_listed(lifter, shared))
        last = lifter.lifter
    return LifterPage(listed, last if more else None)


def _stored(glance: Glance) -> Shared | None:
    """What a projection says that has all of its log; None where that has to be replayed."""
    if glance.shared is None:
        return None
    shared = LifterState(ENGINE_VERSION, {SHARED: glance.shared}).shared
    return shared if (shared.engine, shared.version) == (ENGINE_VERSION, glance.head) else None


def _replayed(services: Services, lifter: LifterRef) -> Shared | None:
    """The same from the log; None for whoever has just been erased."""
    try:
        return state_at(services, lifter).shared
    except (Erased, NotFound):
        return None


def _listed(lifter: LifterRef, shared: Shared) -> ListedLifter:
    followed = shared.assignment
    return ListedLifter(
        lifter.lifter,
        shared.version,
        shared.session.last_at if shared.session.number else None,
        None if followed is None else UsedRuleSet(followed.programme, followed.digest),
        shared.parked,
    )
