"""Making, rotating and revoking a gym's keys."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from service.domain.api_keys import ApiKey
from service.domain.errors import InvalidInput, KeyEnded, KeyNotActive, NotFound, Problem, TooManyKeys
from service.domain.instants import DAY, SECOND, Instant
from service.store.api_keys import described, new_key
from service.usecases.services import Services

MOST_ACTIVE: Final = 100
"""Keys of a gym that are valid at once."""

MOST_KEPT: Final = 1000
"""Keys of a gym that are remembered; beyond, those that ended first are forgotten. Their ids stay in the log."""

GRACE_S: Final = DAY // SECOND
LONGEST_GRACE_S: Final = 30 * DAY // SECOND
"""How long a key that was rotated goes on being valid where nothing else is asked for, and at most; in seconds."""


class KeySeen(NamedTuple):
    """A key, and when it was last seen in use (to within a minute; None: never)."""

    key: ApiKey
    last_used_at: Instant | None


class Made(NamedTuple):
    """A new key, and the secret itself, which is shown this once."""

    key: ApiKey
    secret: str


class Rotated(NamedTuple):
    """A key that expires soon, and the one that takes its place."""

    old: ApiKey
    new: ApiKey
    secret: str


def make_key(
    services: Services,
    gym: str,
    scopes: tuple[str, ...],
    *,
    name: str | None = None,
    expires_at: Instant | None = None,
    rate_limit: int | None = None,
) -> Made:
    """Make a key of a gym. Raises `InvalidInput` for one that would have expired, `TooManyKeys`."""
    now = services.clock()
    _check_expiry(expires_at, now)
    _make_room(services, gym, now)
    secret = new_key()
    key = services.keys.add(gym, secret, now, scopes, name=name, expires_at=expires_at, rate_limit=rate_limit)
    return Made(key, secret)


def make_key_by(
    services: Services,
    maker: ApiKey,
    scopes: tuple[str, ...],
    *,
    name: str | None = None,
    expires_at: Instant | None = None,
    rate_limit: int | None = None,
) -> Made:
    """Make a key of the maker's gym, as `make_key` does, which may make no more requests than the maker.

    By default it may make as many.
    """
    most = maker.rate_limit or services.settings.rate_limit
    if (rate_limit or 0) > most:
        raise InvalidInput(Problem("/rate_limit", f"must be at most {most}, the limit of the key that asks"))
    limit = maker.rate_limit if rate_limit is None else rate_limit
    return make_key(services, maker.gym, scopes, name=name, expires_at=expires_at, rate_limit=limit)


def list_keys(services: Services, gym: str, *, after: str, limit: int) -> tuple[list[KeySeen], bool]:
    """Up to ``limit`` keys of a gym whose ids follow ``after``, by id, and whether more follow; ended ones included."""
    found = sorted((key for key in services.keys.of(gym) if key.id > after), key=lambda key: key.id)
    return see_keys(services, found[:limit]), len(found) > limit


def see_keys(services: Services, found: list[ApiKey]) -> list[KeySeen]:
    """Keys with when they were last used."""
    used = services.keys.last_used([key.id for key in found])
    return [KeySeen(key, used.get(key.id)) for key in found]


def find_key(services: Services, key_id: str, gym: str | None) -> KeySeen:
    """A key of a gym (None: of any). Raises `NotFound`; another gym's key does not exist."""
    return see_keys(services, [_key(services, key_id, gym)])[0]


def revoke_key(services: Services, key_id: str, gym: str | None) -> KeySeen:
    """Revoke a key, once for ever; other processes learn of it within five seconds. Raises `NotFound`."""
    _key(services, key_id, gym)
    now = services.clock()
    services.keys.amend(key_id, lambda key: [key if key.revoked_at is not None else replace(key, revoked_at=now)])
    return find_key(services, key_id, gym)


def rotate_key(
    services: Services, key_id: str, gym: str | None, *, grace: Instant, expires_at: Instant | None = None
) -> Rotated:
    """Make a key that may do what another one may, which then expires when ``grace`` has passed.

    By default the new key is valid for as long as the old one was from the start. Raises `NotFound`, `KeyNotActive`,
    `InvalidInput` for a key that would have expired, `TooManyKeys`.
    """
    now = services.clock()
    _check_expiry(expires_at, now)
    _make_room(services, _key(services, key_id, gym).gym, now)
    secret = new_key()

    def change(key: ApiKey) -> tuple[ApiKey, ApiKey]:
        until = expires_at
        if until is None and key.expires_at is not None:
            until = now + key.expires_at - key.created_at
        new = described(key.gym, secret, now, key.scopes, name=key.name, expires_at=until, rate_limit=key.rate_limit)
        if key.replaced_by == new.id:  # a reply was lost, and this very rotation was done
            return key, new
        try:
            key.check(now)
        except KeyEnded as error:
            raise KeyNotActive(f"{error}: make a new one instead") from None
        ends = now + grace if key.expires_at is None else min(key.expires_at, now + grace)
        return replace(key, expires_at=ends, replaced_by=new.id), new

    old, new = services.keys.amend(key_id, change)
    return Rotated(old, new, secret)


def limit_key(services: Services, key_id: str, rate_limit: int | None) -> ApiKey:
    """Have a key make so many requests a minute; None: as many as the settings say. Raises `NotFound`."""
    return services.keys.amend(key_id, lambda key: [replace(key, rate_limit=rate_limit)])[0]


def _key(services: Services, key_id: str, gym: str | None) -> ApiKey:
    key = services.keys.find(key_id)
    if key is None or gym not in (None, key.gym):
        raise NotFound(f"there is no key {key_id!r}")
    return key


def _check_expiry(expires_at: Instant | None, now: Instant) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(Problem("/expires_at", "must be in the future"))


def _make_room(services: Services, gym: str, now: Instant) -> None:
    """See that another key may be made, and forget the oldest that ended if there are very many."""
    found = services.keys.of(gym)
    ended = [key.id for key in found if key.status(now) != "active"]
    if len(found) - len(ended) >= MOST_ACTIVE:
        raise TooManyKeys(f"the gym {gym!r} has {MOST_ACTIVE} valid keys, the most there may be: revoke one first")
    services.keys.forget(ended[: max(0, len(found) + 1 - MOST_KEPT)])
