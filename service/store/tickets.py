"""Tickets: each lets whoever has it open one stream, once, within a minute."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from service.store import key_names
from service.store.connections import Client
from service.store.lifter_tokens import Presented
from service.store.passing_secrets import PassingSecrets

LIFETIME_S: Final = 60

_PREFIX: Final = "tk_"
_FORM: Final = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}")


class Ticket(msgspec.Struct, frozen=True):
    """Who asked for a ticket: a key, by its SHA-256, or a token."""

    key_sha256: str
    token: Presented | None


_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(Ticket).decode


class Tickets:
    """The tickets that were not used yet."""

    def __init__(self, client: Client) -> None:
        self._secrets = PassingSecrets(client, key_names.ticket, LIFETIME_S, _PREFIX)

    def add(self, ticket: Ticket) -> str:
        """Keep a ticket for as long as it lasts; the secret that opens the stream."""
        return self._secrets.make(_encode(ticket))

    def take(self, secret: str) -> Ticket | None:
        """Take a ticket away and say whose it was; None for the second who tries, at the same moment too."""
        stored = self._secrets.take(secret) if _FORM.fullmatch(secret) else None
        return None if stored is None else _decode(stored)
