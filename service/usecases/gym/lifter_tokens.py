"""Making, verifying and revoking tokens of lifters."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from service.domain.api_keys import ApiKey
from service.domain.errors import GymSuspended, KeyEnded
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.lifter_tokens import LifterToken
from service.store.lifter_tokens import LifterTokens, Presented, new_token, presented_token
from service.usecases.services import Services

SHORTEST_S: Final = 60
LONGEST_S: Final = 24 * 60 * 60
LIFETIME_S: Final = 60 * 60
"""Seconds for which a token is valid: at least, at most, and where nothing else is asked for."""


class MadeToken(NamedTuple):
    """A new token, and the secret itself, which is shown this once."""

    token: LifterToken
    secret: str


class Bearer(NamedTuple):
    """Who asks: a key, and the token made with it that was sent in its place, if it was one.

    For a token the key's scopes are those of the token.
    """

    key: ApiKey
    token: LifterToken | None


def make_token(
    services: Services, maker: ApiKey, lifter: LifterRef, scopes: tuple[str, ...], lifetime: Instant
) -> MadeToken:
    """Make a token of a lifter of the maker's gym, somebody nobody wrote about included. Raises `Erased`.

    It is valid for so long, or until the maker expires. ``scopes`` are ones that the maker has.
    """
    now = services.clock()
    token, secret = new_token(lifter, scopes, maker.sha256, now, end_of(maker, now, lifetime))
    services.tokens.add(token)
    return MadeToken(token, secret)


def end_of(maker: ApiKey, now: Instant, lifetime: Instant) -> Instant:
    """When something ends that a key makes now for so long: with the key at the latest."""
    return now + lifetime if maker.expires_at is None else min(now + lifetime, maker.expires_at)


def revoke_tokens(services: Services, lifter: LifterRef, token_id: str | None = None) -> None:
    """Revoke a token of a lifter, or all of them, at once and for every process. Raises `Erased`."""
    services.tokens.revoke(lifter, token_id)


def find_bearer(services: Services, secret: str) -> Bearer | None:
    """Who presents a key or a token; None where it is not known. Raises `KeyEnded` and `GymSuspended`."""
    presented = presented_token(secret)
    if presented is None:
        key = services.keys.verify(secret)
        return None if key is None else Bearer(key, None)
    return find_token(services, presented)


def still_valid(services: Services, bearer: Bearer) -> bool:
    """Whether who asked may do so yet, for what goes on long after that."""
    key, token = bearer
    if token is None:
        return services.keys.still_valid(key)
    try:
        return find_token(services, Presented(token.lifter, token.sha256)) is not None
    except (KeyEnded, GymSuspended):
        return False


def find_token(services: Services, presented: Presented, among: LifterTokens | None = None) -> Bearer | None:
    """Who presents a token, or a link; None where it is not ``among`` those of its kind (default: tokens).

    Raises `KeyEnded` and `GymSuspended`.
    """
    token = (among or services.tokens).find(presented)
    if token is None:
        return None
    token.check(services.clock())
    key = services.keys.verify_hash(token.key_sha256)
    if key is None:
        return None
    return Bearer(replace(key, scopes=tuple(scope for scope in token.scopes if scope in key.scopes)), token)
