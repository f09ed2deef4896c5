"""API keys: who may act for which gym. A key is shown once, when it is made; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Final

import msgspec

from service.domain.instants import Instant
from service.store import keys
from service.store.connections import Client, answering

SCOPES: Final = ("read", "write", "admin")

_BELIEVED_FOR: Final = 5.0
"""Seconds in which a key that was just verified is not looked up again: the longest that a revocation takes."""

_BELIEVED_AT_MOST: Final = 4096


class ApiKey(msgspec.Struct, frozen=True):
    """What a key may do. ``id`` (``k_...``) names it in the log and in messages; ``scopes`` are of `SCOPES`."""

    id: str
    sha256: str
    gym: str
    scopes: tuple[str, ...]
    created_at: Instant


_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(ApiKey).decode


class ApiKeys:
    """The keys of all gyms."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._believed: dict[str, tuple[ApiKey, float]] = {}

    def verify(self, presented: str) -> ApiKey | None:
        """What the presented key may do; None when there is no such key, whatever was presented."""
        if not presented.isascii():
            return None
        digest = _digest(presented)
        believed, until = self._believed.get(digest, (None, 0.0))
        if believed is not None and time.monotonic() < until:
            return believed
        with answering():
            stored = self._client.execute_command("HGET", keys.API_KEYS, _id(digest))
        key = None if stored is None else _decode(stored)
        if key is None or not hmac.compare_digest(key.sha256, digest):
            self._believed.pop(digest, None)
            return None
        if len(self._believed) >= _BELIEVED_AT_MOST:
            self._believed.clear()
        self._believed[digest] = (key, time.monotonic() + _BELIEVED_FOR)
        return key

    def add(self, gym: str, key: str, created_at: Instant, scopes: tuple[str, ...] = SCOPES) -> ApiKey:
        """Let ``key`` act for ``gym``; one that is known already stays as it is."""
        digest = _digest(key)
        entry = ApiKey(_id(digest), digest, gym, scopes, created_at)
        with answering():
            is_new = self._client.execute_command("HSETNX", keys.API_KEYS, entry.id, _encode(entry))
            stored = None if is_new else self._client.execute_command("HGET", keys.API_KEYS, entry.id)
        return entry if stored is None else _decode(stored)

    def any(self) -> bool:
        """Whether there is a key at all."""
        with answering():
            return bool(self._client.execute_command("HLEN", keys.API_KEYS))


def new_key() -> str:
    """A key nobody can guess: ``sk_`` and 32 random bytes in URL-safe base64."""
    return f"sk_{secrets.token_urlsafe(32)}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("ascii")).hexdigest()


def _id(digest: str) -> str:
    return f"k_{digest[:16]}"
