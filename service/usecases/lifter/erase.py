"""Erasing a lifter, for good."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from service.domain.identifiers import LifterRef
from service.store.erasures import Tombstone
from service.usecases.gym.gyms import list_gyms
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.rules.long_tasks import forget_in_tasks
from service.usecases.services import Services

Rewrite: TypeAlias = Literal["pending", "done"]
"""Whether the servers' files were written anew without the lifter, which the sweeper sees to."""


class Erasure(NamedTuple):
    """What remains of a lifter, and whether the files of the servers still hold what was erased."""

    tombstone: Tombstone
    rewrite: Rewrite


def erase(services: Services, lifter: LifterRef, *, by: str) -> Erasure:
    """Erase everything of a lifter; ``by`` is the id of the key that asks.

    Doing it again changes nothing and says how far it is. Raises `NotFound` for a lifter nobody wrote about, and
    `Unavailable`, after which trying again is safe.
    """
    known = services.erasures.find(lifter)
    if known is None and not services.log.head(lifter):
        raise erased_or_unknown(services, lifter)
    tombstone = known or services.erasures.erase(lifter, at=services.clock(), by=by)
    if not services.erasures.is_settled(lifter):
        forget_elsewhere(services, lifter)
    return Erasure(tombstone, "done" if services.erasures.is_written(lifter) else "pending")


def forget_elsewhere(services: Services, lifter: LifterRef) -> None:
    """Take what is about an erased lifter out of what is others' too: feed, kept answers, what rollouts say.

    May be stopped anywhere: the sweeper does it again for who is not settled.
    """
    services.feeds.keep_out(lifter)
    if services.erasures.find(lifter) is None:  # a sandbox was reset meanwhile, and the id is somebody's anew
        services.feeds.let_in(lifter.gym, [lifter.pseudonym])
        return
    services.feeds.forget(lifter)
    services.answers.forget(lifter.gym)
    services.rollout_previews.forget()
    forget_in_tasks(services, lifter)
    services.erasures.settle(lifter)


def follow_up_earlier(services: Services) -> int:
    """Erase as today what 0.1.0 erased: from what gyms share, and from the servers' files; of how many lifters.

    Does nothing where it was done before. May be stopped anywhere, and is then done again.
    """
    if services.erasures.are_followed_up():
        return 0
    for listed in list_gyms(services):
        services.feeds.forget_deleted(listed.gym.id)
        services.answers.forget(listed.gym.id)
    return services.erasures.follow_up()
