"""Sandboxes: where the clock of each stands, and whether all its lifters are being taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from service.domain.errors import NotASandbox, Unavailable
from service.domain.gyms import Sandbox, may_be_sandbox
from service.store import key_names
from service.store.amendments import Amendments
from service.store.connections import Client, answering
from service.store.leases import Leases
from service.store.scripts import Argument

LEASE_MS: Final = 10_000
"""How long a reset is left to whoever is at it since they last said so; a killed one is missed after it."""

_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(Sandbox).decode


class Sandboxes:
    """The sandboxes among all gyms. Each is read anew whenever it is asked for: processes never differ in its time."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        """``replicas``: how many must confirm a clock before it counts as set, so that it never goes back."""
        self._client = client
        self._amendments = Amendments(client, replicas)
        self._leases = Leases(client, LEASE_MS)

    def find(self, gym: str) -> Sandbox | None:
        """A gym as a sandbox; None of one that is none, for which nothing is asked of the server."""
        if not may_be_sandbox(gym):
            return None
        with answering():
            stored = self._client.execute_command("HGET", key_names.SANDBOXES, gym)
        return None if stored is None else _decode(stored)

    def all(self) -> dict[str, Sandbox]:
        """Every sandbox, by its gym."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.SANDBOXES)
        return {gym.decode(): _decode(sandbox) for gym, sandbox in stored.items()}

    def add(self, gym: str, sandbox: Sandbox) -> bool:
        """Make a gym a sandbox; false where it is one already, which stays as it is."""
        with answering():
            return bool(self._client.execute_command("HSETNX", key_names.SANDBOXES, gym, _encode(sandbox)))

    def amend(self, gym: str, change: Callable[[Sandbox], Sandbox]) -> Sandbox:
        """Store what ``change`` makes of a sandbox, which is asked again where somebody else changed it meanwhile.

        Raises `NotASandbox`, and `Unavailable` when it is not certain that it is stored; doing it again is safe.
        """

        def changed(stored: bytes | None) -> tuple[Sandbox, Sequence[Argument]]:
            if stored is None:
                raise NotASandbox(gym)
            after = change(_decode(stored))
            return after, [gym, _encode(after)]

        return self._amendments.amend(key_names.SANDBOXES, gym, changed)

    def remove(self, gym: str) -> None:
        """Forget that a gym is a sandbox."""
        with answering():
            self._client.execute_command("HDEL", key_names.SANDBOXES, gym)

    def lease(self, gym: str, taker: str) -> None:
        """Take the sole right to go on with a sandbox's reset for a while, or keep it.

        Raises `Unavailable` while another taker has it.
        """
        if not self._leases.take(key_names.reset_lease(gym), taker):
            raise Unavailable("the sandbox is being reset just now", retry_after=2)

    def release(self, gym: str, taker: str) -> None:
        """Give the right back, if the taker has it."""
        self._leases.release(key_names.reset_lease(gym), taker)
