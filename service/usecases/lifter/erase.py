"""Erasing a lifter, for good."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.identifiers import LifterRef
from service.store.erasures import Rewrite, Tombstone
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.services import Services


class Erasure(NamedTuple):
    """What remains of a lifter, and whether the file that still held the erased events is being written anew."""

    tombstone: Tombstone
    rewrite: Rewrite


def erase(services: Services, lifter: LifterRef, *, by: str) -> Erasure:
    """Erase everything of a lifter; ``by`` is the id of the key that asks.

    Doing it again changes nothing but asks for the file to be written anew once more. Raises `NotFound` for a lifter
    nobody wrote about, and `Unavailable`, after which trying again is safe.
    """
    known = services.erasures.find(lifter)
    if known is None and not services.log.head(lifter):
        raise erased_or_unknown(services, lifter)
    tombstone = known or services.erasures.erase(lifter, at=services.clock(), by=by)
    services.feeds.forget(lifter)
    return Erasure(tombstone, services.erasures.rewrite_file(lifter))
