"""API keys: who may act for which gym. A key is shown once, when it is made; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from redis.exceptions import RedisError

from service import logs
from service.domain.api_keys import SCOPES, ApiKey
from service.domain.errors import GymSuspended, KeyEnded, NotFound, Unavailable
from service.domain.gyms import Gym
from service.domain.instants import Instant
from service.store import key_names
from service.store.amendments import Amendments
from service.store.connections import Client, answering
from service.store.gyms import Gyms
from service.store.scripts import Argument

_WITH_AUDIT: Final = 2
"""The schema version from which on ``audit`` is a scope of its own. Until then ``read`` let a key do all of it."""

_BELIEVED_FOR: Final = 5.0
"""Seconds in which a key that was just verified is not looked up again: the longest that a revocation takes."""

_BELIEVED_AT_MOST: Final = 4096

_NOTED_FOR: Final = 60.0
"""Seconds in which the use of a key is not noted again: what a process writes about uses does not grow with them."""

_SCANNED: Final = 1000

_log = logs.logger("spotter.keys")


class _Believed(NamedTuple):
    key: ApiKey
    gym: Gym
    until: float


_encode = msgspec.json.encode
_decoder = msgspec.json.Decoder(ApiKey)


class ApiKeys:
    """The keys of all gyms. ``clock`` tells what has expired and when a key was used."""

    def __init__(self, client: Client, clock: Callable[[], Instant], replicas: int = 0) -> None:
        """``replicas``: how many must confirm a change of a key, a revocation for one, before it counts as done."""
        self._client = client
        self._clock = clock
        self._gyms = Gyms(client)
        self._amendments = Amendments(client, replicas)
        self._believed: dict[str, _Believed] = {}
        self._noted: dict[str, float] = {}

    def verify(self, presented: str) -> ApiKey | None:
        """What the presented key may do; None when there is no such key, whatever was presented.

        Raises `KeyEnded` for a key that expired or was revoked, and `GymSuspended`.
        """
        return self._verify(_digest(presented)) if presented.isascii() else None

    def verify_hash(self, sha256: str) -> ApiKey | None:
        """The same for a key that was verified before, by its hash."""
        return self._verify(sha256)

    def still_valid(self, key: ApiKey) -> bool:
        """Whether a key that was verified is valid yet, for what goes on long after that."""
        try:
            return self._verify(key.sha256) is not None
        except (KeyEnded, GymSuspended):
            return False

    def _verify(self, digest: str) -> ApiKey | None:
        believed = self._believed.get(digest)
        if believed is None or time.monotonic() >= believed.until:
            believed = self._look_up(digest)
            if believed is None:
                self._believed.pop(digest, None)
                return None
            if len(self._believed) >= _BELIEVED_AT_MOST:
                self._believed.clear()
            self._believed[digest] = believed
        believed.key.check(self._clock())
        believed.gym.check()
        return believed.key

    def _look_up(self, digest: str) -> _Believed | None:
        key = self.find(_id(digest))
        if key is None or not hmac.compare_digest(key.sha256, digest):
            return None
        if key.status(self._clock()) == "active":
            self._note(key)
        return _Believed(key, self._gyms.find(key.gym) or Gym(key.gym), time.monotonic() + _BELIEVED_FOR)

    def _note(self, key: ApiKey) -> None:
        """Note that the key is in use; that this fails is no reason to refuse what it is used for."""
        now = time.monotonic()
        if now < self._noted.get(key.id, 0.0):
            return
        if len(self._noted) >= _BELIEVED_AT_MOST:
            self._noted.clear()
        self._noted[key.id] = now + _NOTED_FOR
        try:
            with answering():
                self._client.execute_command("HSET", key_names.API_KEYS_USED, key.id, self._clock())
        except (Unavailable, RedisError) as error:
            _log.warning("cannot note that a key is in use", key=key.id, why=str(error))

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, of whichever gym."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.API_KEYS, key_id)
        return None if stored is None else _decoded(stored)

    def of(self, gym: str) -> list[ApiKey]:
        """Every key of a gym, the oldest first, those that ended included."""
        return [key for key in self.all() if key.gym == gym]

    def all(self) -> list[ApiKey]:
        """Every key of every gym, the oldest first; read in steps, so that no other client waits long."""
        found: dict[str, ApiKey] = {}
        cursor = b"0"
        while True:
            with answering():
                cursor, page = self._client.execute_command("HSCAN", key_names.API_KEYS, cursor, "COUNT", _SCANNED)
            values = page.values() if isinstance(page, dict) else page[1::2]
            found.update((key.id, key) for key in map(_decoded, values))
            if int(cursor) == 0:
                return sorted(found.values(), key=lambda key: (key.created_at, key.id))

    def last_used(self, key_ids: Sequence[str]) -> dict[str, Instant]:
        """When each of those keys was last seen in use: to within a minute, and only of those that were."""
        if not key_ids:
            return {}
        with answering():
            noted = self._client.execute_command("HMGET", key_names.API_KEYS_USED, *key_ids)
        return {key_id: int(instant) for key_id, instant in zip(key_ids, noted, strict=True) if instant is not None}

    def add(self, gym: str, key: str, created_at: Instant, scopes: tuple[str, ...] = SCOPES, **more: Any) -> ApiKey:
        """Let ``key`` act for ``gym``; one that is known already stays as it is. ``more`` is as `described` has it.

        For that one nothing is written, so that every process can start on a server that takes no writes.
        """
        entry = described(gym, key, created_at, scopes, **more)
        if (known := self.find(entry.id)) is not None:
            return known
        with answering():
            is_new = self._client.execute_command("HSETNX", key_names.API_KEYS, entry.id, _encode(entry))
        return entry if is_new else self.find(entry.id) or entry

    def amend(self, key_id: str, change: Callable[[ApiKey], Sequence[ApiKey]]) -> Sequence[ApiKey]:
        """Store what ``change`` makes of a key, and in the same step the keys that it adds behind it; all of them.

        ``change`` is asked again when somebody else changed the key meanwhile. Raises `NotFound` for no such key, and
        `Unavailable` when it is not certain that all is stored; doing it again is safe.
        """

        def changed(stored: bytes | None) -> tuple[Sequence[ApiKey], Sequence[Argument]]:
            if stored is None:
                raise NotFound(f"there is no key {key_id!r}")
            after = change(_decoded(stored))
            return after, [part for key in after for part in (key.id, _encode(key))]

        keys = self._amendments.amend(key_names.API_KEYS, key_id, changed)
        self._believed.pop(keys[0].sha256, None)
        return keys

    def forget(self, key_ids: Sequence[str]) -> None:
        """Remove keys without a trace; from then on they are not known."""
        self._believed.clear()
        if key_ids:
            with answering():
                self._client.execute_command("HDEL", key_names.API_KEYS, *key_ids)
                self._client.execute_command("HDEL", key_names.API_KEYS_USED, *key_ids)

    def any(self) -> bool:
        """Whether there is a key at all."""
        with answering():
            return bool(self._client.execute_command("HLEN", key_names.API_KEYS))


def new_key() -> str:
    """A key nobody can guess: ``sk_`` and 32 random bytes in URL-safe base64."""
    return f"sk_{secrets.token_urlsafe(32)}"


def described(
    gym: str,
    key: str,
    created_at: Instant,
    scopes: tuple[str, ...],
    *,
    name: str | None = None,
    expires_at: Instant | None = None,
    rate_limit: int | None = None,
) -> ApiKey:
    """The record of a new ``key`` (visible ASCII), which holds its hash and not the key."""
    digest = _digest(key)
    return ApiKey(
        _id(digest), digest, gym, scopes, created_at, _WITH_AUDIT, name, expires_at=expires_at, rate_limit=rate_limit
    )


def _decoded(stored: bytes) -> ApiKey:
    key = _decoder.decode(stored)
    if key.schema_version < _WITH_AUDIT and "read" in key.scopes:
        scopes = tuple(scope for scope in SCOPES if scope == "audit" or scope in key.scopes)
        return msgspec.structs.replace(key, scopes=scopes, schema_version=_WITH_AUDIT)
    return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("ascii")).hexdigest()


def _id(digest: str) -> str:
    return f"k_{digest[:16]}"
