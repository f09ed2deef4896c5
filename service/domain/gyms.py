"""Gyms. Nothing of a lifter is kept in one: a gym is a name that keys and lifters carry."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.errors import GymSuspended
from service.domain.instants import Instant, render

DEFAULT_GYM: Final = "default"
"""The gym of the first key."""


class Gym(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gym. ``created_at`` is None for one that is only known by its keys or lifters; such a one is a gym too."""

    id: str
    name: str | None = None
    created_at: Instant | None = None
    suspended_at: Instant | None = None

    def check(self) -> None:
        """Raise `GymSuspended` if the gym is."""
        if self.suspended_at is not None:
            raise GymSuspended(f"the gym {self.id!r} is suspended since {render(self.suspended_at)}")
