"""Browsers that are signed in, and links that sign one in: who holds the secret of either acts as an API key.

Of both only SHA-256s are kept, beside the id of the key, so revoking the key ends them. The store itself forgets what
is too old.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from service.store import key_names
from service.store.connections import Client, answering

SESSION_SECONDS: Final = 12 * 3600
"""How long a browser stays signed in."""

LINK_SECONDS: Final = 600
"""How long a link can be used, once."""


class BrowserSessions:
    """The sessions and links of all gyms."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def signing_secret(self) -> bytes:
        """What cookies are signed with, the same in every process; whoever asks first makes it."""
        with answering():
            known: bytes | None = self._client.execute_command("GET", key_names.BROWSER_SIGNING)
            if known is None:
                self._client.execute_command("SET", key_names.BROWSER_SIGNING, secrets.token_bytes(32), "NX")
                known = self._client.execute_command("GET", key_names.BROWSER_SIGNING)
        return known or b""

    def begin(self, key_id: str) -> str:
        """Sign a browser in with a key; the secret that it has to show from now on."""
        secret = secrets.token_urlsafe(32)
        self._keep(key_names.browser_session(_digest(secret)), key_id, SESSION_SECONDS)
        return secret

    def key_id(self, secret: str) -> str | None:
        """The id of the key that a browser signed in with; None when it is not signed in."""
        with answering():
            found = self._client.execute_command("GET", key_names.browser_session(_digest(secret)))
        return None if found is None else found.decode()

    def end(self, secret: str) -> None:
        """Sign a browser out."""
        with answering():
            self._client.execute_command("DEL", key_names.browser_session(_digest(secret)))

    def offer_link(self, key_id: str) -> str:
        """The secret of a link that signs a browser in with a key, once."""
        secret = secrets.token_urlsafe(32)
        self._keep(key_names.sign_in_link(_digest(secret)), key_id, LINK_SECONDS)
        return secret

    def use_link(self, secret: str) -> str | None:
        """The id of the key that a link signs in with; None when it was used, is too old, or never was."""
        with answering():
            found = self._client.execute_command("GETDEL", key_names.sign_in_link(_digest(secret)))
        return None if found is None else found.decode()

    def _keep(self, name: str, key_id: str, seconds: int) -> None:
        with answering():
            self._client.execute_command("SET", name, key_id, "EX", seconds)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
