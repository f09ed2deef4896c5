"""Tickets: each lets whoever has it open one stream, once, within a minute. Only its SHA-256 is kept, until then."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

import msgspec

from service.store import key_names
from service.store.connections import Client, answering
from service.store.lifter_tokens import Presented

LIFETIME_S: Final = 60

_FORM: Final = re.compile(r"tk_[A-Za-z0-9_-]{43}")


class Ticket(msgspec.Struct, frozen=True):
    """Who asked for a ticket: a key, by its SHA-256, or a token."""

    key_sha256: str
    token: Presented | None


_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(Ticket).decode


class Tickets:
    """The tickets that were not used yet."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(self, ticket: Ticket) -> str:
        """Keep a ticket for as long as it lasts; the secret that opens the stream."""
        secret = f"tk_{secrets.token_urlsafe(32)}"
        with answering():
            self._client.execute_command("SET", _name(secret), _encode(ticket), "EX", LIFETIME_S)
        return secret

    def take(self, secret: str) -> Ticket | None:
        """Take a ticket away and say whose it was; None for the second who tries, at the same moment too."""
        if not _FORM.fullmatch(secret):
            return None
        with answering():
            stored = self._client.execute_command("GETDEL", _name(secret))
        return None if stored is None else _decode(stored)


def _name(secret: str) -> str:
    return key_names.ticket(hashlib.sha256(secret.encode("ascii")).hexdigest())
