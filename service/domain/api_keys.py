"""API keys: the record of one, its scopes, and when it is valid."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from service.domain.errors import KeyEnded
from service.domain.instants import Instant, render

SCOPES: Final = ("read", "write", "audit", "rules", "admin")

Status: TypeAlias = Literal["active", "expired", "revoked"]


class ApiKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a key may do. ``id`` (``k_...``) names it in the log and in messages; ``scopes`` are of `SCOPES`.

    ``rate_limit`` is how many requests a minute it may make; None leaves that to the settings. ``replaced_by`` is the
    id of the key that a rotation made in its stead.
    """

    id: str
    sha256: str
    gym: str
    scopes: tuple[str, ...]
    created_at: Instant
    schema_version: int = 1
    name: str | None = None
    expires_at: Instant | None = None
    revoked_at: Instant | None = None
    replaced_by: str | None = None
    rate_limit: int | None = None

    def status(self, now: Instant) -> Status:
        """Whether the key is valid at an instant."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    def check(self, now: Instant) -> None:
        """Raise `KeyEnded` unless the key is valid at that instant."""
        if self.revoked_at is not None:
            raise KeyEnded(f"this API key was revoked at {render(self.revoked_at)}")
        if self.expires_at is not None and self.expires_at <= now:
            raise KeyEnded(f"this API key expired at {render(self.expires_at)}")
