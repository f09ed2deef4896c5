"""Gyms. Nothing of a lifter is kept in one: a gym is a name that keys and lifters carry.

A sandbox is a gym in test mode: its clock is set, and all its lifters can be taken away.
"""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.errors import GymSuspended
from service.domain.instants import Instant, render

DEFAULT_GYM: Final = "default"
"""The gym of the first key."""

SANDBOX: Final = "sandbox-"
"""How the id of a sandbox begins, and of no other gym that is made: so nobody takes one for the other, and for the
others nothing has to be looked up."""


class Sandbox(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sandbox's clock stands at; while it is ``resetting`` nothing is written about its lifters."""

    now: Instant
    resetting: bool = False


def may_be_sandbox(gym: str) -> bool:
    """Whether a gym can be a sandbox, by its id."""
    return gym.startswith(SANDBOX)


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
