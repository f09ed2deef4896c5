"""The default gym and its first API key, so that a Spotter that was just started can be tried."""

from __future__ import annotations

from service.domain.gyms import DEFAULT_GYM, Gym
from service.store.api_keys import new_key
from service.usecases.services import Services


def first_key(services: Services) -> str | None:
    """Make a key for the default gym and return it, unless there is a key already."""
    if services.keys.any():
        return None
    key = new_key()
    open_default_gym(services, key)
    return key


def open_default_gym(services: Services, key: str) -> None:
    """Let ``key`` act for the default gym, which is made where there is none; what is there already stays."""
    services.gyms.add(Gym(DEFAULT_GYM, created_at=services.clock()))
    services.keys.add(DEFAULT_GYM, key, services.clock())
