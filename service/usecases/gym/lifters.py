"""The lifters of a gym: who there is, when they trained last and are due again, what they follow, and who is parked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from service.domain.errors import Erased, NotFound
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, day_number, day_of
from service.domain.prescription import Parked, UsedRuleSet
from service.engine.replay.state import SHARED, SHORTEST_REST, LifterState, Shared
from service.engine.version import ENGINE_VERSION
from service.store.projections import Glance
from service.usecases.lifter.prescribe import state_at
from service.usecases.services import Services

MOST_REPLAYS: Final = 20
"""Lifters of a page whose stored projection is behind, and who are replayed for it; with the last of them it ends."""


MOST_LOOKED_AT: Final = 5000
"""Lifters that are looked at for a page of those who are due or parked; with the last of them it ends."""

LONGEST_PAUSE: Final = 7
"""Days after which everybody is due who trained before, whatever is usual for them."""

_AT_ONCE: Final = 500

Only: TypeAlias = Literal["due", "parked"]
"""Those alone whose day to train has come; whose log cannot be replayed further."""

ONLY: Final[tuple[Only, ...]] = get_args(Only)


class ListedLifter(NamedTuple):
    """A lifter at a glance.

    ``due_on`` is the day in their zone from which they are due: as many days after the last one trained as their last
    pause of `SHORTEST_REST` days or more had, which is how a week's rest day or a day a week shows; `LONGEST_PAUSE` at
    most, for a layoff is no habit. None for whoever never trained.
    """

    lifter: str
    version: int
    last_trained_at: Instant | None
    due_on: date | None
    programme: UsedRuleSet | None
    parked: Parked | None


class LifterPage(NamedTuple):
    """Some of a gym's lifters, and the id after which more follow; None at the end."""

    lifters: list[ListedLifter]
    after: str | None


def lifters_at_a_glance(
    services: Services, gym: str, *, after: str | None, limit: int, named: str = "", only: Only | None = None
) -> LifterPage:
    """Up to ``limit`` lifters of a gym in an order that stays, those after the one named ``after``.

    Only those whose id has ``named`` in it, in small letters or large, and who are what ``only`` says.

    Like every read it never lags the logs. A page has fewer where many projections are behind, as after an upgrade, and
    where few of `MOST_LOOKED_AT` lifters are what is asked for.
    """
    sought, now = named.lower(), services.now(gym)
    found = (each for each in services.log.lifters_of(gym, after) if sought in each.lifter.lower())
    listed: list[ListedLifter] = []
    replays, looked_at, last = 0, 0, None
    for lifter, glance in _glances(services, found, limit + 1 if only is None else _AT_ONCE):
        if len(listed) == limit or replays == MOST_REPLAYS or looked_at == MOST_LOOKED_AT:
            return LifterPage(listed, last)
        shared = _stored(glance)
        if shared is None:
            replays += 1
            shared = _replayed(services, lifter)
        if shared is not None and _is(only, shared, now):
            listed.append(_listed(lifter, shared))
        looked_at, last = looked_at + 1, lifter.lifter
    return LifterPage(listed, None)


def _glances(services: Services, lifters: Iterator[LifterRef], at_once: int) -> Iterator[tuple[LifterRef, Glance]]:
    while some := list(islice(lifters, at_once)):
        yield from zip(some, services.projections.shared(some), strict=True)


def _is(only: Only | None, shared: Shared, now: Instant) -> bool:
    if only == "parked":
        return shared.parked is not None
    due = _due_day(shared)
    return only is None or (due is not None and due <= day_number(now, shared.time_zone))


def _due_day(shared: Shared) -> int | None:
    """The day from which a lifter is due, counted from 1970-01-01: see `ListedLifter`."""
    if not shared.session.number:
        return None
    began, ended = shared.rests[-1] if shared.rests else (0, SHORTEST_REST)
    return day_number(shared.session.last_at, shared.time_zone) + min(ended - began, LONGEST_PAUSE)


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
    followed, due = shared.assignment, _due_day(shared)
    return ListedLifter(
        lifter.lifter,
        shared.version,
        shared.session.last_at if shared.session.number else None,
        None if due is None else day_of(due),
        None if followed is None else UsedRuleSet(followed.programme, followed.digest),
        shared.parked,
    )
