"""Changing fields of hashes by what stands in them: whoever was overtaken meanwhile is asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from service.store.connections import Client, answering
from service.store.scripts import Argument, Script

T = TypeVar("T")


class Amendments:
    """Amends hashes; ``replicas``: how many must confirm what was written before it counts."""

    def __init__(self, client: Client, replicas: int) -> None:
        self._client = client
        self._replicas = replicas
        self._script = Script(client, "amend")

    def amend(self, key: str, field: str, change: Callable[[bytes | None], tuple[T, Sequence[Argument]]]) -> T:
        """Write what ``change`` makes of a field, None where there is none; what else it gives is the result.

        What is written are fields and values by turns, in one step; nothing where there are none. ``change`` is asked
        again where somebody else changed the field meanwhile. Raises what it raises, and `Unavailable` when it is not
        certain that all is stored; doing it again is safe.
        """
        while True:
            with answering():
                stored: bytes | None = self._client.execute_command("HGET", key, field)
            result, written = change(stored)
            if not written or self.replace(key, field, stored or b"", written):
                return result

    def replace(self, key: str, field: str, before: bytes, written: Sequence[Argument]) -> bool:
        """Write fields and values by turns; False where a field is no longer as it was ("": not there)."""
        (done,) = self._script.confirmed([key], [field, before, *written], self._replicas)
        return bool(done == b"done")
