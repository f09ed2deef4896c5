"""Tokens of lifters, so that no gym's key lies in an app; and those that are a link to one proof and nothing else."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.errors import KeyEnded
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, render

TOKEN_SCOPES: Final = ("read", "write")

MOST_REQUESTS_OF_A_TOKEN: Final = 600
"""Requests a minute: more than a person's app makes, and too few to disturb others."""


class LifterToken(msgspec.Struct, frozen=True):
    """What a token may do for its lifter. ``id`` (``t_...``) names it; ``key_sha256`` is that of the key that made it.

    It lets nobody do what that key may not, and ends with it. That of a link shows the proof of ``prescription_id``.
    """

    id: str
    sha256: str
    lifter: LifterRef
    scopes: tuple[str, ...]
    key_sha256: str
    created_at: Instant
    expires_at: Instant
    prescription_id: str | None = None

    def check(self, now: Instant) -> None:
        """Raise `KeyEnded` unless the token is valid at that instant."""
        if self.expires_at <= now:
            raise KeyEnded(f"this token expired at {render(self.expires_at)}")
