"""Changing fields of hashes by what stands in them: whoever was overtaken meanwhile is asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from service.store.connections import Client, answering
from service.store.scripts import Argument, Script

T = TypeVar("T")


class Addition(NamedTuple):
    """A member of a sorted set that has no scores; its key is kept where the hash is."""

    key: str
    member: bytes


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

    def replace(
        self, key: str, field: str, before: bytes, written: Sequence[Argument], added: Addition | None = None
    ) -> bool:
        """Write fields and values by turns; False where a field is no longer as it was ("": not there).

        ``added`` is written in the same step, or not at all.
        """
        keys, member = ([key], []) if added is None else ([key, added.key], [added.member])
        (done,) = self._script.confirmed(keys, [field, before, *member, *written], self._replicas)
        return bool(done == b"done")
