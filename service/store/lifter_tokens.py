"""Tokens of lifters, kept with all else of each lifter, as SHA-256, until the last of them has expired.

A token says whose it is, so that it is found by one command; nothing is believed of it longer than a request takes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from service.domain.errors import Erased
from service.domain.identifiers import GYM_OR_LIFTER, LifterRef
from service.domain.instants import Instant
from service.domain.lifter_tokens import LifterToken
from service.store import key_names
from service.store.connections import Client, answering
from service.store.scripts import Argument, Script

MOST_OF_A_LIFTER: Final = 32
"""Tokens of a lifter that are valid at once; beyond, the one that expires first makes room."""

OF_AN_APP: Final = "lt_"
OF_A_LINK: Final = "pl_"
"""What begins a token that an app sends, and one that is a part of a proof's address."""

_FORM: Final = re.compile(r"([a-z]{2}_)([A-Za-z0-9_-]{4,172})\.[A-Za-z0-9_-]{43}")
"""What it is, whose it is, in URL-safe base64, and 32 random bytes."""

_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(LifterToken).decode


class Presented(NamedTuple):
    """What has the form of a token: whose it would be, and its hash."""

    lifter: LifterRef
    sha256: str


class LifterTokens:
    """The tokens of all lifters that are of one kind."""

    def __init__(self, client: Client, replicas: int = 0, named: Callable[[LifterRef], str] = key_names.tokens) -> None:
        """``replicas``: how many must confirm that a token was made or revoked before it counts as done.

        ``named`` names the key that holds a lifter's.
        """
        self._named = named
        self._client = client
        self._replicas = replicas
        self._keep = Script(client, "keep_token")
        self._revoke = Script(client, "revoke_tokens")

    def add(self, token: LifterToken) -> None:
        """Keep a token. Raises `Erased`, and `Unavailable` when it is not certain that it is kept."""
        arguments: list[Argument] = [
            token.lifter.pseudonym,
            token.created_at,
            MOST_OF_A_LIFTER,
            token.id,
            _encode(token),
        ]
        (done,) = self._keep.confirmed(self._keys_of(token.lifter), arguments, self._replicas)
        if done != b"done":
            raise Erased(token.lifter.lifter)

    def revoke(self, lifter: LifterRef, token_id: str | None = None) -> None:
        """Forget a token of a lifter, or all of them. Raises `Erased`, and `Unavailable` as `add` does."""
        named = [] if token_id is None else [token_id]
        (done,) = self._revoke.confirmed(self._keys_of(lifter), [lifter.pseudonym, *named], self._replicas)
        if done != b"done":
            raise Erased(lifter.lifter)

    def find(self, presented: Presented) -> LifterToken | None:
        """The token that was presented, expired or not; None where there is none."""
        with answering():
            stored = self._client.execute_command("HGET", self._named(presented.lifter), token_id(presented.sha256))
        token = None if stored is None else _decode(stored)
        return token if token is not None and hmac.compare_digest(token.sha256, presented.sha256) else None

    def of(self, lifter: LifterRef) -> list[LifterToken]:
        """The tokens of a lifter, expired ones among them; the newest first."""
        with answering():
            stored: dict[bytes, bytes] = self._client.execute_command("HGETALL", self._named(lifter))
        return sorted(map(_decode, stored.values()), key=lambda token: -token.created_at)

    def _keys_of(self, lifter: LifterRef) -> list[str]:
        return [key_names.erased(key_names.partition(lifter)), self._named(lifter)]


def new_token(
    lifter: LifterRef,
    scopes: tuple[str, ...],
    key_sha256: str,
    at: Instant,
    until: Instant,
    *,
    prescription_id: str | None = None,
) -> tuple[LifterToken, str]:
    """A token nobody can guess: its record, which holds its hash, and the token itself."""
    prefix = OF_AN_APP if prescription_id is None else OF_A_LINK
    secret = f"{prefix}{_name(lifter)}.{secrets.token_urlsafe(32)}"
    sha256 = _digest(secret)
    return LifterToken(token_id(sha256), sha256, lifter, scopes, key_sha256, at, until, prescription_id), secret


def token_id(sha256: str) -> str:
    """The id of the token with that hash."""
    return f"t_{sha256[:16]}"


def presented_token(text: str, prefix: str = OF_AN_APP) -> Presented | None:
    """What a text says that has the form of a token with that prefix; None where it has not."""
    match = _FORM.fullmatch(text)
    if match is None or match[1] != prefix:
        return None
    try:
        gym, _, lifter = base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4)).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    reference = LifterRef(gym, lifter)
    if not (GYM_OR_LIFTER.fullmatch(gym) and GYM_OR_LIFTER.fullmatch(lifter)) or _name(reference) != match[2]:
        return None
    return Presented(reference, _digest(text))


def _name(lifter: LifterRef) -> str:
    return base64.urlsafe_b64encode(key_names.member(lifter).encode()).decode().rstrip("=")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
