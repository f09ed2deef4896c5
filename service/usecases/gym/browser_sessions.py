"""Signing a browser in: with a key, or with a link that was made for one."""

from __future__ import annotations

from service.domain.api_keys import ApiKey
from service.domain.errors import KeyEnded, NotFound
from service.usecases.services import Services


def sign_in(services: Services, presented: str) -> str:
    """The secret of a new session, for whoever shows a key; `NotFound` for what is none, `KeyEnded`, `GymSuspended`."""
    key = services.keys.verify(presented)
    if key is None:
        raise NotFound("this API key is not known")
    return services.browser_sessions.begin(key.sha256)


def sign_in_by_link(services: Services, link: str) -> str:
    """The secret of a new session, for whoever shows a link's secret, once; raises as `sign_in` does."""
    key_sha256 = services.browser_sessions.use_link(link)
    if key_sha256 is None:
        raise NotFound("this link was used already, or is older than ten minutes")
    if services.keys.verify_hash(key_sha256) is None:
        raise NotFound("the key of this link is not known any more")
    return services.browser_sessions.begin(key_sha256)


def signed_in(services: Services, secret: str) -> ApiKey | None:
    """The key that a browser is signed in with; None when its session is over, or the key ended meanwhile."""
    key_sha256 = services.browser_sessions.key_of(secret)
    try:
        return None if key_sha256 is None else services.keys.verify_hash(key_sha256)
    except KeyEnded:
        return None


def offer_sign_in(services: Services, gym: str) -> str | None:
    """The secret of a link that signs a browser in to a gym; None where the gym has no valid key.

    It stands for the key with the most scopes, of several the oldest, and lets do what that key does.
    """
    now = services.clock()
    keys = [key for key in services.keys.of(gym) if key.status(now) == "active"]
    widest = max(keys, key=lambda key: (len(key.scopes), -key.created_at), default=None)
    return None if widest is None else services.browser_sessions.offer_link(widest.sha256)
