"""Links that show one proof to somebody without a key: made, listed, opened and revoked.

A link is a token of the lifter that opens one proof, read-only, and nothing else. It ends when it expires or is
revoked, with the key that made it, with the lifter's erasure and with the gym.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from service.domain.api_keys import ApiKey
from service.domain.errors import GymSuspended, InvalidInput, KeyEnded, NotFound, Problem
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY
from service.domain.lifter_tokens import LifterToken
from service.store.lifter_tokens import MOST_OF_A_LIFTER, OF_A_LINK, new_token, presented_token
from service.usecases.gym.lifter_tokens import Bearer, end_of, find_token
from service.usecases.services import Services

LONGEST_DAYS: Final = 365
DAYS: Final = 30
"""Days for which a link can be opened: at most, and where nothing else is asked for."""

MOST: Final = MOST_OF_A_LIFTER
"""Links of a lifter that are there at once; beyond, the one that expires first makes room."""

_SCOPE: Final = "audit"
"""What a proof needs; whoever makes a link has it."""


class MadeLink(NamedTuple):
    """A new link, and the secret that is its address, which is shown this once."""

    link: LifterToken
    secret: str


class ListedLink(NamedTuple):
    """A link that can still be opened, and the id of the key that made it."""

    link: LifterToken
    key_id: str


class OpenedLink(NamedTuple):
    """What a link shows, until when, and as whom it counts."""

    link: LifterToken
    prescription_id: str
    bearer: Bearer


def make_proof_link(
    services: Services, maker: ApiKey, lifter: LifterRef, prescription_id: str, days: int = DAYS
) -> MadeLink:
    """Make a link to the proof of a prescription. Raises `Erased`, and `InvalidInput` for days out of bounds."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(Problem("/days", f"must be a whole number from 1 to {LONGEST_DAYS}"))
    now = services.clock()
    until = end_of(maker, now, days * DAY)
    link, secret = new_token(lifter, (_SCOPE,), maker.sha256, now, until, prescription_id=prescription_id)
    services.proof_links.add(link)
    return MadeLink(link, secret)


def proof_links(services: Services, lifter: LifterRef) -> list[ListedLink]:
    """The links of a lifter that can still be opened, the newest first."""
    now = services.clock()
    links = [each for each in services.proof_links.of(lifter) if each.expires_at > now]
    keys = {sha256: _key(services, sha256) for sha256 in {each.key_sha256 for each in links}}
    return [ListedLink(each, key.id) for each in links if (key := keys[each.key_sha256]) is not None]


def revoke_proof_links(services: Services, lifter: LifterRef, link_id: str | None = None) -> None:
    """Revoke a link of a lifter, or all of them, at once and for every process. Raises `Erased`."""
    services.proof_links.revoke(lifter, link_id)


def open_proof_link(services: Services, secret: str) -> OpenedLink:
    """What a link shows. Raises `NotFound`, in the same words for whatever keeps it from being opened."""
    presented = presented_token(secret, OF_A_LINK)
    try:
        bearer = None if presented is None else find_token(services, presented, services.proof_links)
    except (KeyEnded, GymSuspended):
        bearer = None
    link = None if bearer is None else bearer.token
    if bearer is None or link is None or link.prescription_id is None or _SCOPE not in bearer.key.scopes:
        raise NotFound("this link opens nothing: it may have expired, have been revoked, or not be whole")
    return OpenedLink(link, link.prescription_id, bearer)


def _key(services: Services, sha256: str) -> ApiKey | None:
    """The key of a hash, if it is valid."""
    try:
        return services.keys.verify_hash(sha256)
    except KeyEnded:
        return None
