"""Browsers that are signed in, and links that sign one in: whoever has the secret of either acts as an API key.

Both keep the SHA-256 of the key, so revoking it ends them.
"""

from __future__ import annotations

import secrets
from typing import Final

from service.store import key_names
from service.store.connections import Client, answering
from service.store.passing_secrets import PassingSecrets

SESSION_S: Final = 12 * 3600
"""Seconds for which a browser stays signed in."""

LINK_S: Final = 600
"""Seconds for which a link can be used, once."""


class BrowserSessions:
    """The sessions and links of all gyms."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sessions = PassingSecrets(client, key_names.browser_session, SESSION_S)
        self._links = PassingSecrets(client, key_names.sign_in_link, LINK_S)

    def signing_secret(self) -> bytes:
        """What cookies are signed with, the same in every process; whoever asks first makes it."""
        with answering():
            known: bytes | None = self._client.execute_command("GET", key_names.BROWSER_SIGNING)
            if known is None:
                self._client.execute_command("SET", key_names.BROWSER_SIGNING, secrets.token_bytes(32), "NX")
                known = self._client.execute_command("GET", key_names.BROWSER_SIGNING)
        return known or b""

    def begin(self, key_sha256: str) -> str:
        """Sign a browser in with a key; the secret that it has to show from now on."""
        return self._sessions.make(key_sha256.encode())

    def key_of(self, secret: str) -> str | None:
        """The SHA-256 of the key that a browser signed in with; None when it is not signed in."""
        return _text(self._sessions.find(secret))

    def end(self, secret: str) -> None:
        """Sign a browser out."""
        self._sessions.end(secret)

    def offer_link(self, key_sha256: str) -> str:
        """The secret of a link that signs a browser in with a key, once."""
        return self._links.make(key_sha256.encode())

    def use_link(self, secret: str) -> str | None:
        """The SHA-256 of the key that a link signs in with; None when it was used, is too old, or never was."""
        return _text(self._links.take(secret))


def _text(kept: bytes | None) -> str | None:
    return None if kept is None else kept.decode()
