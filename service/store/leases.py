"""Leases: the sole right to go on with something, for a while since whoever has it last said so."""

from __future__ import annotations

from service.store.connections import Client
from service.store.scripts import Script


class Leases:
    """Leases of one kind. One whose taker was killed passes to others once it has run out.

    ``lasts_ms``: for how long each is had. ``replicas``: how many must confirm one: they have all that was written
    before, then.
    """

    def __init__(self, client: Client, lasts_ms: int, replicas: int = 0) -> None:
        self._lasts_ms = lasts_ms
        self._replicas = replicas
        self._script = Script(client, "lease")

    def take(self, key: str, taker: str) -> bool:
        """Take a lease, or keep it; false while another taker has it."""
        return self._ask_for(key, taker, self._lasts_ms)

    def release(self, key: str, taker: str) -> None:
        """Give a lease back, if the taker has it."""
        self._ask_for(key, taker, 0)

    def _ask_for(self, key: str, taker: str, milliseconds: int) -> bool:
        (said,) = self._script.confirmed([key], [taker, milliseconds], self._replicas)
        return bool(said == b"done")
