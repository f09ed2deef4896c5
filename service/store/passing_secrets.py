"""Secrets that pass: whoever shows one is known by what is kept of it, for a while, or once.

Of the secret itself only the SHA-256 is kept, as a part of a key's name; the server forgets what is too old.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from service.store.connections import Client, answering


class PassingSecrets:
    """The secrets of one kind: ``name`` names the key of a SHA-256, ``lifetime_s`` is how long each is good."""

    def __init__(self, client: Client, name: Callable[[str], str], lifetime_s: int, prefix: str = "") -> None:
        self._client = client
        self._name = name
        self._lifetime_s = lifetime_s
        self._prefix = prefix

    def make(self, kept: bytes) -> str:
        """A secret nobody can guess, under which something is kept."""
        secret = self._prefix + secrets.token_urlsafe(32)
        with answering():
            self._client.execute_command("SET", self._key(secret), kept, "EX", self._lifetime_s)
        return secret

    def find(self, secret: str) -> bytes | None:
        """What is kept under a secret; None for one that is over, or never was."""
        with answering():
            kept: bytes | None = self._client.execute_command("GET", self._key(secret))
        return kept

    def take(self, secret: str) -> bytes | None:
        """The same, once: for the second who tries it is None, at the same moment too."""
        with answering():
            kept: bytes | None = self._client.execute_command("GETDEL", self._key(secret))
        return kept

    def end(self, secret: str) -> None:
        """Keep nothing any more under a secret."""
        with answering():
            self._client.execute_command("DEL", self._key(secret))

    def _key(self, secret: str) -> str:
        return self._name(hashlib.sha256(secret.encode()).hexdigest())
